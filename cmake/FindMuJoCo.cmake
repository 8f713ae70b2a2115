# MuJoCo from its wheel: headers and exactly one libmujoco.so.X.Y.Z, whose version must be the pin.
set(MuJoCo_PIN 3.12.0)
find_path(MuJoCo_ROOT_DIR include/mujoco/mujoco.h
  PATHS ${REVERIE_DEPS}/site/mujoco NO_DEFAULT_PATH)
if(MuJoCo_ROOT_DIR)
  file(GLOB _libs ${MuJoCo_ROOT_DIR}/libmujoco.so.*)
  list(LENGTH _libs _n)
  if(NOT _n EQUAL 1)
    message(FATAL_ERROR "MuJoCo: expected exactly one libmujoco.so.* in ${MuJoCo_ROOT_DIR}, found ${_n}")
  endif()
  set(MuJoCo_LIBRARY ${_libs})
  string(REGEX REPLACE ".*libmujoco\\.so\\." "" MuJoCo_VERSION ${MuJoCo_LIBRARY})
  if(NOT MuJoCo_VERSION STREQUAL MuJoCo_PIN)
    message(FATAL_ERROR "MuJoCo: found ${MuJoCo_VERSION}, this build needs exactly ${MuJoCo_PIN}; run ./run build")
  endif()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MuJoCo REQUIRED_VARS MuJoCo_ROOT_DIR MuJoCo_LIBRARY
  VERSION_VAR MuJoCo_VERSION
  REASON_FAILURE_MESSAGE "the mujoco wheel is not in ${REVERIE_DEPS}/site (run ./run build once)")
if(MuJoCo_FOUND AND NOT TARGET MuJoCo::MuJoCo)
  add_library(MuJoCo::MuJoCo SHARED IMPORTED)
  set_target_properties(MuJoCo::MuJoCo PROPERTIES
    IMPORTED_LOCATION ${MuJoCo_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${MuJoCo_ROOT_DIR}/include)
endif()
