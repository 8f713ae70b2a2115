# LibTorch from the torch wheel, without its own CMake config (which demands nvcc). The library set is
# c10 + torch_cpu, and torch_cuda only when REVERIE_CUDA asks for it: a CPU build neither needs nor loads it.
set(LibTorch_PIN 2.11.0)
find_path(LibTorch_ROOT_DIR include/torch/headeronly/version.h
  PATHS ${REVERIE_DEPS}/site/torch NO_DEFAULT_PATH)
if(NOT LibTorch_ROOT_DIR AND Python3_EXECUTABLE)
  execute_process(COMMAND ${Python3_EXECUTABLE} -c
    "import importlib.util as u; s=u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE _torch OUTPUT_STRIP_TRAILING_WHITESPACE)
  find_path(LibTorch_ROOT_DIR include/torch/headeronly/version.h PATHS ${_torch} NO_DEFAULT_PATH)
endif()
if(LibTorch_ROOT_DIR)
  file(STRINGS ${LibTorch_ROOT_DIR}/include/torch/headeronly/version.h _v REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^0-9]+" ";" _v "${_v}")
  list(FILTER _v EXCLUDE REGEX "^$")
  list(JOIN _v "." LibTorch_VERSION)
  if(NOT LibTorch_VERSION STREQUAL LibTorch_PIN)
    message(FATAL_ERROR "LibTorch: found ${LibTorch_VERSION}, this build needs exactly ${LibTorch_PIN} (no C++ ABI across minors)")
  endif()
  foreach(_lib c10 torch_cpu torch_cuda c10_cuda)
    find_library(LibTorch_${_lib} ${_lib} PATHS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH)
  endforeach()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LibTorch_ROOT_DIR LibTorch_c10 LibTorch_torch_cpu
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "the torch wheel is not in ${REVERIE_DEPS}/site (run ./run build once)")
if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  foreach(_lib c10 torch_cpu)
    add_library(LibTorch::${_lib} SHARED IMPORTED)
    set_target_properties(LibTorch::${_lib} PROPERTIES IMPORTED_LOCATION ${LibTorch_${_lib}})
    # After the system's own directories: the wheel carries another fmt than the one that we link.
    target_compile_options(LibTorch::${_lib} INTERFACE
      "SHELL:-idirafter ${LibTorch_ROOT_DIR}/include"
      "SHELL:-idirafter ${LibTorch_ROOT_DIR}/include/torch/csrc/api/include")
  endforeach()
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_link_libraries(LibTorch::LibTorch INTERFACE LibTorch::torch_cpu LibTorch::c10)
  if(REVERIE_USE_CUDA)
    if(NOT LibTorch_torch_cuda)
      message(FATAL_ERROR "LibTorch: REVERIE_CUDA is on, but libtorch_cuda.so is not in ${LibTorch_ROOT_DIR}/lib")
    endif()
    # Its operations register themselves, referred to by no symbol: keep it against --as-needed.
    target_link_options(LibTorch::LibTorch INTERFACE
      "LINKER:--push-state,--no-as-needed,${LibTorch_torch_cuda},--pop-state")
    file(GLOB _cudart ${LibTorch_ROOT_DIR}/../nvidia/cu*/lib/libcudart.so.*)
    target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_torch_cuda} ${LibTorch_c10_cuda} ${_cudart})
  endif()
endif()
