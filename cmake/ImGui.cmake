# Dear ImGui and ImPlot, compiled from the source distribution that carries both.
file(GLOB _slimgui ${REVERIE_DEPS}/slimgui-*/src/c)
if(NOT _slimgui)
  message(FATAL_ERROR "ImGui: no ${REVERIE_DEPS}/slimgui-*; run ./run build once")
endif()
add_library(reverie_imgui STATIC
  ${_slimgui}/imgui/imgui.cpp ${_slimgui}/imgui/imgui_draw.cpp ${_slimgui}/imgui/imgui_tables.cpp
  ${_slimgui}/imgui/imgui_widgets.cpp ${_slimgui}/imgui/backends/imgui_impl_glfw.cpp
  ${_slimgui}/imgui/backends/imgui_impl_opengl3.cpp
  ${_slimgui}/implot/implot.cpp ${_slimgui}/implot/implot_items.cpp)
target_include_directories(reverie_imgui SYSTEM PUBLIC
  ${_slimgui}/imgui ${_slimgui}/imgui/backends ${_slimgui}/implot)
target_compile_options(reverie_imgui PRIVATE -w)
# Plots here take floats and doubles: the eight other number types are four fifths of ImPlot's compile time.
target_compile_definitions(reverie_imgui PRIVATE "IMPLOT_CUSTOM_NUMERIC_TYPES=(float)(double)")
target_link_libraries(reverie_imgui PUBLIC glfw OpenGL::GL ${CMAKE_DL_LIBS})
