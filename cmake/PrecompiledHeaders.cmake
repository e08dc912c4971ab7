# WEIR_PCH: one precompiled set of headers for all modules (position-independent code) and one for all tests. Off in
# release builds, so that a missing #include is found. A target whose flags make it unfit sets
# DISABLE_PRECOMPILE_HEADERS, a source file SKIP_PRECOMPILE_HEADERS.

# weir_pch(<owner> HEADERS ..): gives the owner its headers, and tells ccache what they are.
#
# A .gch names the folder it was made in, so no other clone could use what was compiled with it. ccache takes the file
# beside it that ends in .sum instead: a hash of the text of all the headers.
function(weir_pch owner)
  cmake_parse_arguments(ARG "" "" "HEADERS" ${ARGN})
  target_compile_options(${owner} PRIVATE -fpch-preprocess)
  target_precompile_headers(${owner} PRIVATE ${ARG_HEADERS})
  list(TRANSFORM ARG_HEADERS REPLACE "^.+$" "#include \\0\n" OUTPUT_VARIABLE text)
  string(CONCAT text ${text})
  file(WRITE ${CMAKE_BINARY_DIR}/pch/${owner}.h "${text}")
  execute_process(
    COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -E -P ${CMAKE_BINARY_DIR}/pch/${owner}.h
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(SHA256 sum "${text}")
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/${owner}.dir/cmake_pch.hxx.gch.sum "${sum}\n")
endfunction()

# weir_use_pch(<target> <owner>)
function(weir_use_pch target owner)
  if(WEIR_PCH)
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

if(WEIR_PCH)
  set(headers <algorithm> <chrono> <functional> <map> <memory> <optional> <string> <string_view> <unordered_map>
    <utility> <variant> <vector> <tl/expected.hpp>)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch/main.cpp CONTENT "int main() {}\n")
  add_library(weir_module_pch OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/pch/main.cpp)
  target_link_libraries(weir_module_pch PRIVATE weir::flags tl::expected)
  weir_pch(weir_module_pch HEADERS ${headers})
  if(WEIR_TESTS)
    add_executable(weir_test_pch EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/pch/main.cpp)
    target_link_libraries(weir_test_pch PRIVATE weir::flags tl::expected GTest::gtest GTest::gmock)
    weir_pch(weir_test_pch HEADERS ${headers} <gmock/gmock.h> <gtest/gtest.h>)
  endif()
endif()
