# Testing.cmake -- how tests are registered.

# mls_add_test(<name> LABEL <suite> COMMAND <command>...)
#
# Registers a test of the suite (`scripts/test <suite>`), or of several: "sim;long". Its full name begins with
# MLS_TEST_PREFIX, so that the tests of several builds run in one ctest. Leaks count as failures wherever the build
# has AddressSanitizer.
function(mls_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "COMMAND")
  set(full_name ${MLS_TEST_PREFIX}${name})
  if(MLS_ENGINE_TESTS)
    set(arg_LABEL engines)
  elseif(MLS_COVERAGE)
    set(arg_LABEL coverage)
  elseif(MLS_VALGRIND)
    set(arg_LABEL valgrind)
    list(PREPEND arg_COMMAND ${MLS_VALGRIND_PROGRAM} --quiet --error-exitcode=99
      --leak-check=full --show-leak-kinds=definite,indirect,possible)
    list(TRANSFORM arg_COMMAND REPLACE "^test_.+" "$<TARGET_FILE:\\0>")
  endif()
  add_test(NAME ${full_name} COMMAND ${arg_COMMAND})
  set_tests_properties(${full_name} PROPERTIES
    LABELS "${arg_LABEL}"
    ENVIRONMENT "ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1;UBSAN_OPTIONS=print_stacktrace=1")
  if(MLS_COVERAGE)
    set_tests_properties(${full_name} PROPERTIES FIXTURES_REQUIRED fresh FIXTURES_SETUP reached)
  endif()
  if(arg_TIMEOUT)
    set_tests_properties(${full_name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
  endif()
endfunction()

# mls_add_test_program(<target> <source>... LABEL <suite> NAME <name> LIBRARIES <library>...)
#
# Builds a test program, and registers it as the test <name>.
function(mls_add_test_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;NAME" "LIBRARIES")
  add_executable(${target} ${arg_UNPARSED_ARGUMENTS})
  mls_target(${target})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES})
  mls_add_test(${arg_NAME} LABEL ${arg_LABEL} COMMAND ${target})
endfunction()
