# Target.cmake -- mls_target(<target>): the language, warnings, hardening and sanitizers of all that is built here.
#
# Everything is private to our own compilation: nothing of it reaches whoever links the libraries.

include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

# Warnings that clean C11 satisfies under both gcc and clang.
add_library(mls_warnings INTERFACE)
target_compile_options(mls_warnings INTERFACE
  -Wall -Wextra -Wpedantic
  -Wcast-align -Wcast-qual -Wconversion -Wsign-conversion
  -Wdouble-promotion -Wfloat-equal -Wformat=2 -Wimplicit-fallthrough
  -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition
  -Wnull-dereference -Wpointer-arith -Wredundant-decls -Wshadow
  -Wundef -Wvla -Wwrite-strings
  $<$<C_COMPILER_ID:GNU>:-Wduplicated-cond>
  $<$<BOOL:${MLS_WERROR}>:-Werror>)

# What makes an attack on a memory bug harder. Sanitizers find the bug itself and do not go with _FORTIFY_SOURCE.
add_library(mls_hardening INTERFACE)
target_compile_options(mls_hardening INTERFACE -fstack-protector-strong -fstack-clash-protection)
target_link_options(mls_hardening INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(NOT MLS_SANITIZE)
  target_compile_options(mls_hardening INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
endif()

# A finding ends the program: a test that goes on after one would pass.
add_library(mls_sanitizers INTERFACE)
if(MLS_SANITIZE)
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(mls_sanitizers INTERFACE ${sanitize})
  target_link_options(mls_sanitizers INTERFACE ${sanitize})
endif()
if(MLS_BUILD_FUZZERS)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "MLS_BUILD_FUZZERS needs clang: libFuzzer is a part of it")
  endif()
  target_compile_options(mls_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Absolute paths in the notes, so that a report can be made from anywhere.
if(MLS_COVERAGE)
  target_compile_options(mls_sanitizers INTERFACE --coverage -fprofile-abs-path)
  target_link_options(mls_sanitizers INTERFACE --coverage)
endif()

function(mls_target target)
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden
    POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PRIVATE
    $<BUILD_INTERFACE:mls_warnings> $<BUILD_INTERFACE:mls_hardening> $<BUILD_INTERFACE:mls_sanitizers>)
endfunction()

# mls_library(<target> <objects>): a library that is installed, made of an object library. Static or shared, as
# BUILD_SHARED_LIBS says.
function(mls_library target objects)
  add_library(${target})
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${objects}>)
  set_target_properties(${target} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0 LINKER_LANGUAGE C)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:mls_hardening> $<BUILD_INTERFACE:mls_sanitizers>)
endfunction()
