# One static library a folder, from all its .cc files; links say which folders it may include.
add_library(reverie_options INTERFACE)
target_compile_options(reverie_options INTERFACE -Wall -Wextra -Werror -Winvalid-pch -fpch-preprocess)
target_include_directories(reverie_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(reverie_options INTERFACE REVERIE_VERSION="${PROJECT_VERSION}")
if(REVERIE_SANITIZE)
  # MuJoCo's own instrumentation is for a sanitized MuJoCo built with clang: leave its header out.
  target_compile_definitions(reverie_options INTERFACE MUJOCO_INCLUDE_MJSAN_H_)
  set(sanitizers $<IF:$<STREQUAL:${REVERIE_SANITIZE},THREAD>,thread,address$<COMMA>undefined>)
  # A null pointer ends in the address sanitizer as well; checks as calls are half the code to compile.
  target_compile_options(reverie_options INTERFACE -fsanitize=${sanitizers} -fno-sanitize-recover=undefined
    -fno-sanitize=null,vptr,object-size --param=asan-instrumentation-with-call-threshold=0 -fno-omit-frame-pointer)
  target_link_options(reverie_options INTERFACE -fsanitize=${sanitizers})
endif()
if(REVERIE_REPRODUCIBLE)
  target_compile_options(reverie_options INTERFACE
    -ffile-prefix-map=${CMAKE_BINARY_DIR}=build -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
    -ffile-prefix-map=${REVERIE_DEPS}=.deps)
endif()

# Headers that many files include and that take seconds to read: read once. A library of its own for each set, so
# that every target with the same options can use it. -fpch-preprocess lets ccache look inside.
set(torch_headers <torch/csrc/autograd/custom_function.h> <torch/types.h> <fmt/format.h>)
set(app_headers <nlohmann/json.hpp> <fmt/format.h> <filesystem>)
set(test_headers <gmock/gmock.h> <gtest/gtest.h> <filesystem>)
set(torch_test_headers ${torch_headers} ${test_headers})
# Commands parse, call and print: most of the time to optimise them is wasted.
set(light $<$<CONFIG:Release>:-O1>)
function(reverie_precompiled name)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled_${name}.cc "")
  add_library(reverie_precompiled_${name} STATIC ${CMAKE_BINARY_DIR}/precompiled_${name}.cc)
  target_link_libraries(reverie_precompiled_${name} PUBLIC reverie_options ${ARGN})
  if(NOT name STREQUAL "torch")  # for executables
    set_target_properties(reverie_precompiled_${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(reverie_precompiled_${name} PRIVATE -fPIE)
  endif()
  target_precompile_headers(reverie_precompiled_${name} PRIVATE ${${name}_headers})
endfunction()

function(reverie_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/bench/programs/")
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty_${name}.cc "")
    set(sources ${CMAKE_BINARY_DIR}/empty_${name}.cc)
  endif()
  add_library(reverie_${name} STATIC ${sources})
  target_link_libraries(reverie_${name} PUBLIC reverie_options ${ARGN})
endfunction()

reverie_library(base fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json $<LINK_ONLY:tomlplusplus::tomlplusplus> Threads::Threads)
set_source_files_properties(${CMAKE_SOURCE_DIR}/base/fields.cc PROPERTIES COMPILE_OPTIONS "${light}")
reverie_library(contract reverie_base)
reverie_library(sim reverie_contract MuJoCo::MuJoCo)
if(NOT REVERIE_REPRODUCIBLE)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/sim/scene_files.cc PROPERTIES
    COMPILE_DEFINITIONS REVERIE_SOURCE_SCENES="${CMAKE_SOURCE_DIR}/scenes")
endif()
reverie_library(report reverie_base PkgConfig::cairo)
reverie_library(tensor reverie_contract LibTorch::LibTorch)
if(REVERIE_USE_CUDA)
  file(GLOB cuda_headers ${LibTorch_ROOT_DIR}/../nvidia/cu13/include)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/tensor/cuda_graph.cc PROPERTIES
    COMPILE_DEFINITIONS REVERIE_HAS_CUDA INCLUDE_DIRECTORIES "${cuda_headers}")
endif()
# None of these flushes denormals, as -ffast-math would at link time.
file(GLOB kernel_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tensor/kernels/*.cc)
set_source_files_properties(${kernel_sources} PROPERTIES SKIP_PRECOMPILE_HEADERS ON
  COMPILE_OPTIONS "-O3;-fno-math-errno;-fno-trapping-math;-ffp-contract=fast;-Wno-psabi")
# at::parallel_for is compiled into parallel.cc and needs OpenMP there; the one libgomp in the process is torch's.
if(EXISTS ${LibTorch_ROOT_DIR}/lib/libgomp.so.1)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/tensor/parallel.cc PROPERTIES
    COMPILE_OPTIONS -fopenmp SKIP_PRECOMPILE_HEADERS ON)
  target_link_libraries(reverie_tensor PUBLIC ${LibTorch_ROOT_DIR}/lib/libgomp.so.1)
endif()
# Every executable keeps and exports mkl_dispatch.cc's answer to MKL.
target_link_options(reverie_tensor INTERFACE
  LINKER:-u,mkl_serv_intel_cpu_true LINKER:--export-dynamic-symbol=mkl_serv_intel_cpu_true)
reverie_library(worldmodel reverie_tensor)
reverie_library(policies reverie_worldmodel)
reverie_precompiled(torch LibTorch::LibTorch fmt::fmt spdlog::spdlog)
foreach(name tensor worldmodel policies)
  target_precompile_headers(reverie_${name} REUSE_FROM reverie_precompiled_torch)
endforeach()
if(REVERIE_VIEWER)
  reverie_library(render reverie_sim PkgConfig::cairo MuJoCo::MuJoCo OpenGL::OpenGL OpenGL::EGL)
endif()
reverie_library(training reverie_sim reverie_policies reverie_report)
reverie_library(evaluation reverie_training)
reverie_library(interop reverie_training)
# The table of published results becomes a part of the program.
set(published ${CMAKE_SOURCE_DIR}/evaluation/curves/published)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${published}.csv)
file(READ ${published}.csv published_csv)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/published_csv.h
  CONTENT "constexpr char kPublishedCsv[] = R\"csv(@published_csv@)csv\";\n" @ONLY)
set_source_files_properties(${published}.cc PROPERTIES INCLUDE_DIRECTORIES ${CMAKE_BINARY_DIR}/generated)
reverie_library(bench reverie_training)
if(REVERIE_VIEWER)
  reverie_library(viewer reverie_render reverie_evaluation reverie_interop reverie_imgui)
endif()

file(GLOB app_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/apps/*.cc)
if(app_sources)
  add_executable(reverie ${app_sources})
  target_link_libraries(reverie PRIVATE reverie_evaluation reverie_interop reverie_bench CLI11::CLI11)
  # Nothing in here is hot, and the optimiser spends most of its time on option and JSON templates.
  target_compile_options(reverie PRIVATE -O1)
  target_compile_definitions(reverie PRIVATE REVERIE_MUJOCO_VERSION="${MuJoCo_VERSION}")
  if(REVERIE_VIEWER)
    target_link_libraries(reverie PRIVATE reverie_viewer)
    target_compile_definitions(reverie PRIVATE REVERIE_HAS_VIEWER)
  endif()
  target_compile_options(reverie PRIVATE ${light})
  reverie_precompiled(app nlohmann_json::nlohmann_json fmt::fmt)
  target_compile_options(reverie_precompiled_app PRIVATE ${light})
  target_precompile_headers(reverie REUSE_FROM reverie_precompiled_app)
  # What is linked, with versions, hashes and licences (SPDX 2.3).
  find_program(PYTHON3 python3)
  if(PYTHON3)
    add_custom_command(TARGET reverie POST_BUILD COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/cmake/sbom.py
      --binary $<TARGET_FILE:reverie> --version ${PROJECT_VERSION} --out ${CMAKE_BINARY_DIR}/reverie.spdx.json
      --requirements ${CMAKE_SOURCE_DIR}/requirements-$<IF:$<BOOL:${REVERIE_USE_CUDA}>,cuda,cpu>.txt)
    install(FILES ${CMAKE_BINARY_DIR}/reverie.spdx.json DESTINATION share/reverie OPTIONAL)
  endif()
  install(TARGETS reverie RUNTIME DESTINATION bin)
  install(DIRECTORY scenes/ DESTINATION share/reverie/scenes)
endif()

if(REVERIE_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
  include(GoogleTest)
  # The viewer's two worlds, with nothing of the window; and what reads runs, with nothing of torch.
  file(GLOB twin_sources CONFIGURE_DEPENDS viewer/twin*.cc)
  list(APPEND twin_sources viewer/playback.cc viewer/timeline.cc viewer/fan.cc viewer/physics_changes.cc viewer/pull.cc
    viewer/companion.cc evaluation/admissibility.cc evaluation/observation_error.cc report/statistics.cc)
  set(run_reader_sources training/checkpoint.cc training/config.cc training/frozen_world.cc training/heartbeat.cc
    training/memory_plan.cc training/metrics.cc training/presets.cc training/recovery.cc training/run_directory.cc
    training/tensorboard.cc training/verify.cc training/data/offline_data.cc training/data/replay_buffer.cc
    training/data/reward_sizes.cc training/data/dataset_list.cc
    policies/config.cc policies/planner_config.cc worldmodel/config.cc
    tests/training/data/replay_buffer_test.cc tests/training/data/replay_rows_test.cc)
  file(GLOB imgui_headers ${REVERIE_DEPS}/imgui_bundle-*/external/imgui/imgui)
  reverie_precompiled(test GTest::gmock fmt::fmt)
  reverie_precompiled(torch_test GTest::gmock LibTorch::LibTorch fmt::fmt)
  find_package(X11)  # for tests that act as a window manager
  foreach(folder base contract sim fuzz report tensor worldmodel policies render training evaluation interop bench viewer apps)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*.cc)
    if(NOT X11_FOUND)
      list(FILTER sources EXCLUDE REGEX "window_events_test|view_window_test")
    endif()
    if(NOT REVERIE_VIEWER AND NOT REVERIE_SANITIZE)
      list(FILTER sources EXCLUDE REGEX "/fuzz/(script|branches)_")
    endif()
    if(sources AND (REVERIE_VIEWER OR NOT folder MATCHES "render|viewer"))
      add_executable(test_${folder} ${sources})
      if(folder STREQUAL "apps")
        target_link_libraries(test_${folder} PRIVATE reverie_evaluation GTest::gmock GTest::gtest_main)
        add_library(reverie_faults MODULE ${CMAKE_SOURCE_DIR}/tests/chaos/faults.cc)  # for LD_PRELOAD
        target_compile_features(reverie_faults PRIVATE cxx_std_20)
        target_link_libraries(reverie_faults PRIVATE ${CMAKE_DL_LIBS})
        add_dependencies(test_${folder} reverie reverie_faults)
        target_compile_definitions(test_${folder} PRIVATE REVERIE_BINARY="$<TARGET_FILE:reverie>"
          REVERIE_FAULT_LIBRARY="$<TARGET_FILE:reverie_faults>")
      elseif(folder STREQUAL "contract")  # its specs and episodes are those of real tasks
        target_link_libraries(test_contract PRIVATE reverie_sim GTest::gmock GTest::gtest_main)
      elseif(folder STREQUAL "worldmodel")  # its robots are MuJoCo's
        target_link_libraries(test_worldmodel PRIVATE reverie_worldmodel reverie_sim GTest::gmock GTest::gtest_main)
      elseif(folder STREQUAL "policies")
        target_sources(test_policies PRIVATE tests/worldmodel/mechanics/small_robots.cc)
        target_link_libraries(test_policies PRIVATE reverie_policies GTest::gmock GTest::gtest_main)
      elseif(folder STREQUAL "fuzz")
        target_sources(test_fuzz PRIVATE tests/sim/task_files.cc evaluation/report_file.cc)
        if(REVERIE_VIEWER OR REVERIE_SANITIZE)  # what reads scripts knows the names of keys
          target_sources(test_fuzz PRIVATE viewer/script.cc viewer/fork_file.cc ${twin_sources})
        endif()
        if(REVERIE_SANITIZE)  # LibTorch is not instrumented: readers of runs alone
          target_sources(test_fuzz PRIVATE ${run_reader_sources} tests/support/without_torch.cc)
          target_include_directories(test_fuzz SYSTEM PRIVATE ${imgui_headers})
          target_link_libraries(test_fuzz PRIVATE reverie_sim GTest::gmock GTest::gtest_main)
        else()
          target_link_libraries(test_fuzz PRIVATE reverie_training GTest::gmock GTest::gtest_main)
          if(REVERIE_VIEWER)
            target_link_libraries(test_fuzz PRIVATE reverie_imgui)
          endif()
        endif()
      else()
        target_link_libraries(test_${folder} PRIVATE reverie_${folder} GTest::gmock GTest::gtest_main)
      endif()
      if(X11_FOUND AND folder MATCHES "^(viewer|apps)$")
        target_link_libraries(test_${folder} PRIVATE X11::X11)
      endif()
      if(NOT REVERIE_SANITIZE)
        target_compile_options(test_${folder} PRIVATE -O1)  # what they test is in the libraries
      endif()
      if(folder MATCHES "^(tensor|worldmodel|policies)$")
        target_precompile_headers(test_${folder} REUSE_FROM reverie_precompiled_torch_test)
      else()
        target_precompile_headers(test_${folder} REUSE_FROM reverie_precompiled_test)
      endif()
      target_compile_definitions(test_${folder} PRIVATE
        REVERIE_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data" REVERIE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
        REVERIE_SOURCE_SCENES="${CMAKE_SOURCE_DIR}/scenes")
      # One thread of tensor operations: tests run side by side, and results depend on nothing else.
      gtest_discover_tests(test_${folder} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300 ENVIRONMENT OMP_NUM_THREADS=1)
    endif()
  endforeach()
  # What several threads share, with nothing of torch: small enough to be built anew for the thread sanitizer.
  if(REVERIE_SANITIZE STREQUAL "THREAD")
    add_executable(test_threads tests/base/thread_pool_test.cc tests/viewer/stepper_test.cc tests/viewer/companion_test.cc
      tests/sim/vector_env_test.cc tests/sim/vector_env_rows_test.cc tests/sim/task_files.cc tests/sim/tasks.cc
      tests/sim/allocations.cc viewer/stepper.cc ${twin_sources})
    target_link_libraries(test_threads PRIVATE reverie_sim reverie_report GTest::gmock GTest::gtest_main)
    target_compile_definitions(test_threads PRIVATE
      REVERIE_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data" REVERIE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
      REVERIE_SOURCE_SCENES="${CMAKE_SOURCE_DIR}/scenes")
  endif()
  find_program(BASH bash)
  foreach(check include_direction source_size)
    add_test(NAME ${check} COMMAND ${BASH} ${CMAKE_SOURCE_DIR}/tests/${check}.sh ${CMAKE_SOURCE_DIR})
  endforeach()
  if(PYTHON3 AND REVERIE_VIEWER)
    add_test(NAME sbom COMMAND ${BASH} ${CMAKE_SOURCE_DIR}/tests/sbom.sh ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  endif()
endif()

if(REVERIE_BENCH)
  find_package(benchmark REQUIRED)
  file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/programs/*.cc)
  foreach(source ${bench_sources})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE reverie_bench benchmark::benchmark)
  endforeach()
endif()
