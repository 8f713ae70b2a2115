# The Python module: physics alone in one extension, what needs LibTorch in another, loaded when it is asked for.
# Both share one copy of base/, contract/ and sim/: MuJoCo's handlers are the process's.
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
find_package(nanobind CONFIG REQUIRED PATHS ${REVERIE_DEPS}/site/nanobind/cmake NO_DEFAULT_PATH)

file(WRITE ${CMAKE_BINARY_DIR}/empty_python_physics.cc "")
add_library(reverie_python_physics SHARED ${CMAKE_BINARY_DIR}/empty_python_physics.cc)
target_link_libraries(reverie_python_physics PRIVATE
  -Wl,--whole-archive reverie_sim reverie_contract reverie_base -Wl,--no-whole-archive)
set_target_properties(reverie_python_physics PROPERTIES OUTPUT_NAME reverie_physics
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/python/reverie)

# Libraries sit beside the extensions, and in the wheels that ./run unpacked.
list(PREPEND CMAKE_BUILD_RPATH $ORIGIN)
list(PREPEND CMAKE_INSTALL_RPATH $ORIGIN)

# reverie_extension NAME SOURCE...: one extension module of the package.
function(reverie_extension name)
  nanobind_add_module(${name} NOMINSIZE NB_STATIC ${ARGN})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE reverie_python_physics)
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/python/reverie)
  install(TARGETS ${name} LIBRARY DESTINATION reverie COMPONENT python)
endfunction()

reverie_extension(_physics python/physics_module.cc python/errors.cc python/check_actions.cc python/physics_env.cc python/episodes.cc)
target_link_libraries(_physics PRIVATE reverie_sim)

# Loaded before LibTorch, so that its MKL asks our answer as it does in the program.
add_library(reverie_python_mkl SHARED tensor/mkl_dispatch.cc)
set_target_properties(reverie_python_mkl PROPERTIES OUTPUT_NAME reverie_mkl
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/python/reverie)
reverie_extension(_learned python/learned_module.cc python/errors.cc python/check_actions.cc python/run.cc
  python/dream.cc python/train.cc python/twin.cc python/interrupt.cc)
target_link_libraries(_learned PRIVATE reverie_evaluation reverie_interop)
add_dependencies(_learned reverie_python_mkl)
install(TARGETS reverie_python_physics reverie_python_mkl LIBRARY DESTINATION reverie COMPONENT python)
