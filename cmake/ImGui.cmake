# Dear ImGui (the branch with docking) and ImPlot, compiled from the source distribution that carries both.
file(GLOB _imgui_bundle ${REVERIE_DEPS}/imgui_bundle-*/external)
if(NOT _imgui_bundle)
  message(FATAL_ERROR "ImGui: no ${REVERIE_DEPS}/imgui_bundle-*; run ./run build once")
endif()
set(_imgui ${_imgui_bundle}/imgui/imgui)
set(_implot ${_imgui_bundle}/implot/implot)
add_library(reverie_imgui STATIC
  ${_imgui}/imgui.cpp ${_imgui}/imgui_draw.cpp ${_imgui}/imgui_tables.cpp ${_imgui}/imgui_widgets.cpp
  ${_imgui}/imgui_stacklayout.cpp ${_imgui}/backends/imgui_impl_glfw.cpp ${_imgui}/backends/imgui_impl_opengl3.cpp
  ${_implot}/implot.cpp ${_implot}/implot_items.cpp)
target_include_directories(reverie_imgui SYSTEM PUBLIC ${_imgui} ${_imgui}/backends ${_implot})
target_compile_options(reverie_imgui PRIVATE -w)
# Its assertions end in viewer/gui.cc.
target_compile_definitions(reverie_imgui PUBLIC "IMGUI_USER_CONFIG=\"${CMAKE_SOURCE_DIR}/viewer/imgui_config.h\"")
# Plots here take floats and doubles: the eight other number types are four fifths of ImPlot's compile time.
target_compile_definitions(reverie_imgui PRIVATE "IMPLOT_CUSTOM_NUMERIC_TYPES=(float)(double)")
target_link_libraries(reverie_imgui PUBLIC glfw OpenGL::GL ${CMAKE_DL_LIBS})
