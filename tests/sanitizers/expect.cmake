# expect.cmake -- runs PROGRAM with ARGUMENT; it must fail and say what matches REPORT, or, without REPORT,
# succeed and say nothing but `done`.

execute_process(COMMAND ${PROGRAM} ${ARGUMENT}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)

if(REPORT)
  if(result EQUAL 0)
    message(FATAL_ERROR "`${ARGUMENT}` ended well: nothing was reported\n${output}")
  elseif(NOT output MATCHES "${REPORT}")
    message(FATAL_ERROR "`${ARGUMENT}` failed, but not with `${REPORT}`\n${output}")
  endif()
elseif(NOT result EQUAL 0 OR NOT output STREQUAL "done\n")
  message(FATAL_ERROR "a program without a fault was reported (${result})\n${output}")
endif()
