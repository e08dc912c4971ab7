include(PrecompiledHeaders)

# weir_module(<name> SOURCES .. DEPS .. PRIVATE_DEPS ..): the static library of one folder of src/, weir::<name>.
# Its headers are found by themselves; each must compile alone (WEIR_CHECK_HEADERS).
function(weir_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(weir_${name} STATIC ${ARG_SOURCES})
  add_library(weir::${name} ALIAS weir_${name})
  target_link_libraries(weir_${name} PUBLIC weir::flags ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  target_sources(weir_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${headers})
  set_target_properties(weir_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ${WEIR_CHECK_HEADERS})
  weir_use_pch(weir_${name} weir_module_pch)
endfunction()

# Several executables behind one name: weir_tests (all that is quick), weir_tests_tsan (labels engine and tsan),
# weir_tests_e2e, weir_tests_slow, weir_benches.
foreach(group weir_tests weir_tests_tsan weir_tests_e2e weir_tests_slow weir_benches)
  add_custom_target(${group})
endforeach()

# weir_test(<name> SOURCES .. DEPS .. LABEL .. TIMEOUT ..): one GoogleTest binary, one test of ctest.
# LABEL: unit (the default), cases, conformance, engine (runs under ThreadSanitizer too), tsan (runs only there),
# e2e (runs the release binary), slow (only in `./dev soak`).
function(weir_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABEL" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE weir::flags ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  weir_use_pch(${name} weir_test_pch)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT})
  weir_test_groups(${name} ${ARG_LABEL})
endfunction()

# weir_test_groups(<target> <label>..): puts an executable under the targets that build its labels.
function(weir_test_groups target)
  foreach(label ${ARGN})
    if(label MATCHES "^(engine|tsan)$")
      add_dependencies(weir_tests_tsan ${target})
    endif()
    if(label MATCHES "^(e2e|slow)$")
      add_dependencies(weir_tests_${label} ${target})
    endif()
  endforeach()
  if(NOT ARGN MATCHES "(^|;)(e2e|slow|tsan)(;|$)")
    add_dependencies(weir_tests ${target})
  endif()
endfunction()

# weir_bench(<name> SOURCES .. DEPS ..): one Google Benchmark program, <name>_bench; `./dev bench <name>` runs it.
function(weir_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name}_bench ${ARG_SOURCES})
  target_link_libraries(${name}_bench PRIVATE weir::flags ${ARG_DEPS} benchmark::benchmark benchmark::benchmark_main)
  set_target_properties(${name}_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  add_dependencies(weir_benches ${name}_bench)
endfunction()

# weir_fuzz(<name> DEPS ..): <name>_fuzz from fuzz/<name>_fuzz.cpp. With WEIR_FUZZ a libFuzzer target; otherwise a
# test that runs every seed in fuzz/corpus/<name>/ through it once.
function(weir_fuzz name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  set(target ${name}_fuzz)
  if(WEIR_FUZZ)
    add_executable(${target} ${CMAKE_SOURCE_DIR}/fuzz/${target}.cpp)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${target} ${CMAKE_SOURCE_DIR}/fuzz/${target}.cpp ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cpp)
    add_test(NAME ${name}_fuzz_seeds COMMAND ${target} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${name})
    set_tests_properties(${name}_fuzz_seeds PROPERTIES LABELS unit TIMEOUT 120)
    weir_test_groups(${target} unit)
  endif()
  target_link_libraries(${target} PRIVATE weir::flags ${ARG_DEPS})
  # No header declares LLVMFuzzerTestOneInput. On the source, so that it comes after the flags of weir::flags.
  set_source_files_properties(${CMAKE_SOURCE_DIR}/fuzz/${target}.cpp PROPERTIES COMPILE_OPTIONS -Wno-missing-declarations)
endfunction()
