#include "viewer/style.h"

#include <imgui_internal.h>
#include <implot.h>

#include <cmath>
#include <filesystem>
#include <string>

namespace reverie::viewer {

namespace {

ImFont* load_font(const char* file, float size) {
  const std::string path = std::string("/usr/share/fonts/truetype/dejavu/") + file;
  ImFontAtlas* atlas = ImGui::GetIO().Fonts;
  if (std::filesystem::exists(path)) return atlas->AddFontFromFileTTF(path.c_str(), size);
  return atlas->AddFontDefault();
}

ImVec4 with_alpha(ImVec4 colour, float alpha) { return {colour.x, colour.y, colour.z, alpha}; }

void apply_imgui_colours(ImVec4* colours) {
  using namespace palette;
  colours[ImGuiCol_WindowBg] = kPanel;
  colours[ImGuiCol_PopupBg] = kPanel;
  colours[ImGuiCol_ChildBg] = kPanel;
  colours[ImGuiCol_Border] = kLine;
  colours[ImGuiCol_Separator] = kLine;
  colours[ImGuiCol_Text] = kText;
  colours[ImGuiCol_TextDisabled] = kMuted;
  colours[ImGuiCol_FrameBg] = kControl;
  colours[ImGuiCol_FrameBgHovered] = {0.19f, 0.225f, 0.275f, 1.0f};
  colours[ImGuiCol_FrameBgActive] = {0.22f, 0.26f, 0.32f, 1.0f};
  colours[ImGuiCol_Button] = kControl;
  colours[ImGuiCol_ButtonHovered] = {0.21f, 0.25f, 0.31f, 1.0f};
  colours[ImGuiCol_ButtonActive] = {0.26f, 0.31f, 0.38f, 1.0f};
  colours[ImGuiCol_Header] = kControl;
  colours[ImGuiCol_HeaderHovered] = {0.21f, 0.25f, 0.31f, 1.0f};
  colours[ImGuiCol_SliderGrab] = with_alpha(kDream, 0.8f);
  colours[ImGuiCol_SliderGrabActive] = kDream;
  colours[ImGuiCol_CheckMark] = kDream;
  colours[ImGuiCol_ScrollbarBg] = {0, 0, 0, 0};
  colours[ImGuiCol_ScrollbarGrab] = kLine;
  colours[ImGuiCol_TitleBg] = colours[ImGuiCol_TitleBgActive] = colours[ImGuiCol_Tab] = kControl;
  colours[ImGuiCol_TabDimmed] = kControl;
  colours[ImGuiCol_TabHovered] = {0.21f, 0.25f, 0.31f, 1.0f};
  colours[ImGuiCol_TabSelected] = colours[ImGuiCol_TabDimmedSelected] = kPanel;
  colours[ImGuiCol_TabSelectedOverline] = kDream;
  colours[ImGuiCol_DockingPreview] = with_alpha(kDream, 0.5f);
  colours[ImGuiCol_ResizeGrip] = kLine;
  colours[ImGuiCol_ResizeGripHovered] = colours[ImGuiCol_ResizeGripActive] = with_alpha(kDream, 0.6f);
  colours[ImGuiCol_SeparatorHovered] = colours[ImGuiCol_SeparatorActive] = with_alpha(kDream, 0.6f);
}

void apply_plot_colours(ImVec4 background) {
  ImVec4* colours = ImPlot::GetStyle().Colors;
  const ImVec4 muted = ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled);
  colours[ImPlotCol_FrameBg] = {0, 0, 0, 0};
  colours[ImPlotCol_PlotBg] = background;
  colours[ImPlotCol_LegendBg] = with_alpha(ImGui::GetStyleColorVec4(ImGuiCol_WindowBg), 0.85f);
  colours[ImPlotCol_LegendBorder] = {0, 0, 0, 0};
  colours[ImPlotCol_LegendText] = ImGui::GetStyleColorVec4(ImGuiCol_Text);
  colours[ImPlotCol_AxisText] = muted;
  colours[ImPlotCol_AxisGrid] = with_alpha(muted, 0.22f);
  colours[ImPlotCol_InlayText] = ImGui::GetStyleColorVec4(ImGuiCol_Text);
}

void apply_plot_style() {
  ImPlotStyle& style = ImPlot::GetStyle();
  style.PlotPadding = {6, 6};
  style.LabelPadding = {4, 4};
  style.LegendPadding = {2, 8};
  style.LegendInnerPadding = {6, 4};
  style.PlotBorderSize = 0;
  style.MajorTickLen = {0, 0};
  style.MinorTickLen = {0, 0};
  style.FitPadding = {0, 0.08f};
}

}  // namespace

void show_theme(bool light) {
  ImVec4* colours = ImGui::GetStyle().Colors;
  if (!light) {
    ImGui::StyleColorsDark();
    apply_imgui_colours(colours);
    apply_plot_colours(palette::kPlot);
    return;
  }
  ImGui::StyleColorsLight();
  colours[ImGuiCol_WindowBg] = {0.965f, 0.970f, 0.978f, 1.0f};
  colours[ImGuiCol_ChildBg] = colours[ImGuiCol_PopupBg] = colours[ImGuiCol_WindowBg];
  colours[ImGuiCol_TextDisabled] = {0.36f, 0.40f, 0.45f, 1.0f};
  colours[ImGuiCol_FrameBg] = {0.865f, 0.880f, 0.900f, 1.0f};
  colours[ImGuiCol_SliderGrab] = with_alpha(palette::kDream, 0.8f);
  colours[ImGuiCol_SliderGrabActive] = palette::kDream;
  apply_plot_colours({1.0f, 1.0f, 1.0f, 1.0f});
}

ImVec4 background() {
  const ImVec4 panel = ImGui::GetStyleColorVec4(ImGuiCol_WindowBg);
  return panel.x > 0.5f ? ImVec4{0.88f, 0.89f, 0.91f, 1.0f} : palette::kBackground;
}

Fonts apply_style(float size) {
  ImGuiStyle& style = ImGui::GetStyle();
  style.WindowRounding = 6;
  style.FrameRounding = 4;
  style.GrabRounding = 4;
  style.WindowBorderSize = 1;
  style.WindowPadding = {12, 10};
  style.ScrollbarSize = 8;
  style.FramePadding = {8, 4};
  style.ItemSpacing = {8, 5};
  style.DockingSeparatorSize = kPanelGap;
  show_theme(false);
  apply_plot_style();
  return {load_font("DejaVuSans.ttf", size), load_font("DejaVuSans-Bold.ttf", size),
          load_font("DejaVuSansMono.ttf", size), size};
}

void bold_text(const Fonts& fonts, const char* text, float size) {
  ImGui::PushFont(fonts.bold, size);
  ImGui::TextUnformatted(text);
  ImGui::PopFont();
}

void begin_panel(const char* name, ImVec2 position, ImVec2 size, const Fonts& fonts, const char* heading,
                 bool scrolls) {
  ImGui::SetNextWindowPos(position);
  ImGui::SetNextWindowSize(size);
  ImGui::Begin(
      name, nullptr,
      (scrolls ? ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize : ImGuiWindowFlags_NoDecoration) |
          ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
          ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNavInputs);
  if (*heading == '\0') return;
  bold_text(fonts, heading);
}

bool begin_docked(const char* name, bool* open, const Fonts& fonts, const char* heading, bool scrolls) {
  ImGui::SetNextWindowSize({26 * fonts.size, 20 * fonts.size}, ImGuiCond_FirstUseEver);
  const ImGuiWindowFlags scroll =
      scrolls ? 0 : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
  const bool drawn = ImGui::Begin(name, open,
                                  scroll | ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoNavInputs |
                                      ImGuiWindowFlags_NoFocusOnAppearing);
  if (!drawn || *heading == '\0') return drawn;
  bold_text(fonts, heading);
  return true;
}

void finish_docked() {
  const ImGuiWindow* window = ImGui::GetCurrentWindow();
  ImGuiDockNode* node = window->DockNode;
  if (window->BeginCount > 1) return;  // of panels that share a window the first one did it
  if (!window->DockIsActive || node == nullptr || !ImGui::DockNodeGetRootNode(node)->IsDockSpace()) return;
  const ImVec2 from = window->Pos, to{from.x + window->Size.x, from.y + window->Size.y};
  const float rounding = ImGui::GetStyle().WindowRounding;
  ImDrawList* draw = window->DrawList;
  draw->PushClipRect(from, to);
  draw->AddRect(from, to, ImGui::GetColorU32(background()), rounding, rounding, ImDrawFlags_StrokeOutside);
  draw->AddRect(from, to, ImGui::GetColorU32(ImGuiCol_Border), rounding);
  if (node->IsHiddenTabBar()) {
    const float inset = rounding / 2, size = std::trunc(ImGui::GetFontSize() * 0.7f);
    const ImVec2 tip{from.x + inset, from.y + inset};
    const bool under_mouse = ImGui::IsMouseHoveringRect(from, {from.x + size, from.y + size});
    draw->AddTriangleFilled(tip, {from.x + size, tip.y}, {tip.x, from.y + size},
                            ImGui::GetColorU32(under_mouse ? ImGuiCol_CheckMark : ImGuiCol_TextDisabled));
  }
  draw->PopClipRect();
}

void end_panel() { ImGui::End(); }

}  // namespace reverie::viewer
