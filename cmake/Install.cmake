# Install.cmake -- what `cmake --install` puts where: libraries, headers, CMake packages, pkg-config files.
#
# Nothing that is installed holds an absolute path: it may be moved.

include(CMakePackageConfigHelpers)

# Where CMake looks for packages, and from there back to the prefix.
set(MLS_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake)
file(RELATIVE_PATH MLS_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)

# A static library is linked with all that it stands on, a shared one brings it along. In a .pc file:
# what follows is required by whoever links, or by the library alone.
set(MLS_PC_FIRST "Requires: ")
set(MLS_PC_NEXT ", ")
if(BUILD_SHARED_LIBS)
  set(MLS_PC_FIRST "Requires.private: ")
  set(MLS_PC_NEXT "\nRequires.private: ")
endif()

if(MLS_WITH_OPENSSL)
  set(MLS_PC_CRYPTO ", libcrypto >= 3.0")
endif()

function(mls_install_pkg_config name)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# The targets of one export file, <name>Targets.cmake in the folder of <package>.
function(mls_install_targets name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PACKAGE;HEADERS" "TARGETS")
  install(TARGETS ${arg_TARGETS} EXPORT ${name}Targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT ${name}Targets NAMESPACE ${arg_PACKAGE}:: DESTINATION ${MLS_CMAKE_DIR}/${arg_PACKAGE})
  install(DIRECTORY ${arg_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
  mls_install_pkg_config(${name})
endfunction()

function(mls_install_package package)
  configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/${package}Config.cmake.in ${PROJECT_BINARY_DIR}/${package}Config.cmake
    INSTALL_DESTINATION ${MLS_CMAKE_DIR}/${package}
    NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/${package}ConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/${package}Config.cmake ${PROJECT_BINARY_DIR}/${package}ConfigVersion.cmake
    DESTINATION ${MLS_CMAKE_DIR}/${package})
endfunction()
