# add_module(name DEPENDS targets... [LINK outside libraries...] [APART sources...])
#
# Makes from the current folder: vl_<name> (a static library of all *.cpp but tests and
# fuzzers), test_<name> (every *_test.cpp, GoogleTest), and with VL_FUZZ one libFuzzer
# program for each *_fuzz.cpp. Public headers live in include/vonglau/<name>/. APART names
# sources that a target of their own in the same folder holds.
function(add_module name)
  cmake_parse_arguments(M "" "" "DEPENDS;LINK;TEST_LINK;APART" ${ARGN})
  file(GLOB all CONFIGURE_DEPENDS *.cpp)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cpp$")
  foreach(apart ${M_APART})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${apart})
  endforeach()
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")

  add_library(vl_${name} STATIC ${sources})
  target_include_directories(vl_${name} PUBLIC include PRIVATE .)
  list(TRANSFORM M_DEPENDS PREPEND vl_)
  target_link_libraries(vl_${name} PUBLIC ${M_DEPENDS} PRIVATE ${M_LINK})

  if(tests)
    add_executable(test_${name} ${tests})
    target_include_directories(test_${name} PRIVATE .)
    target_link_libraries(test_${name} PRIVATE vl_${name} ${M_LINK} ${M_TEST_LINK}
                          GTest::gtest GTest::gtest_main)
    add_test(NAME ${name} COMMAND test_${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 900)
  endif()

  if(VL_FUZZ)
    foreach(source ${fuzzers})
      get_filename_component(fuzzer ${source} NAME_WE)
      add_executable(${fuzzer} ${source})
      target_include_directories(${fuzzer} PRIVATE .)
      target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
      target_link_libraries(${fuzzer} PRIVATE vl_${name} ${M_LINK})
    endforeach()
  endif()
endfunction()
