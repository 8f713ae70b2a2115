#include "viewer/gui.h"

#include <GL/gl.h>
#include <fmt/format.h>
#include <imgui_impl_opengl3.h>
#include <implot.h>

#include <algorithm>
#include <stdexcept>

#include "base/error.h"

// The library's own assertions end here: an exception instead of a dead process.
void reverie_imgui_assert(const char* file, int line, const char* expr) {
  throw std::logic_error(fmt::format("ImGui: {}:{}: {}", file, line, expr));
}

namespace reverie::viewer {

namespace {

// 16 pixels at 900 lines and on a display of scale 1; never so small that it cannot be read.
float text_size(int height, float scale) {
  const float by_height = std::clamp(static_cast<float>(height) * 16.0f / 900.0f, 13.0f, 28.0f);
  return std::max(by_height, std::min(16.0f * scale, 64.0f));
}

}  // namespace

Gui::Gui(int height, float scale) {
  imgui_ = ImGui::CreateContext();
  implot_ = ImPlot::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // nothing is written behind the user's back
  io.LogFilename = nullptr;
  io.ConfigFlags |= ImGuiConfigFlags_DockingEnable;
  io.ConfigWindowsMoveFromTitleBarOnly = true;
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableGamepad;  // read for driving; panels take no part in navigation
  fonts_ = apply_style(text_size(height, scale));
  if (!ImGui_ImplOpenGL3_Init("#version 130")) base::throw_user_error("ImGui found no usable OpenGL");
}

Gui::~Gui() {
  ImGui_ImplOpenGL3_Shutdown();
  ImPlot::DestroyContext(implot_);
  ImGui::DestroyContext(imgui_);
}

void Gui::begin() {
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();
}

void Gui::end() {
  ImGui::Render();
  const ImVec4 colour = background();
  glDisable(GL_SCISSOR_TEST);
  glClearColor(colour.x, colour.y, colour.z, 1.0f);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

}  // namespace reverie::viewer
