#include "viewer/panel_tools.h"

#include <imgui_internal.h>

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

// Dark enough for a light panel.
ImVec4 readable(ImVec4 colour) {
  const ImVec4 panel = ImGui::GetStyleColorVec4(ImGuiCol_WindowBg);
  const float share = panel.x > 0.5f ? 0.62f : 1.0f;
  return {share * colour.x, share * colour.y, share * colour.z, colour.w};
}

void draw_handle(ViewerContext& context) {
  const float size = ImGui::GetTextLineHeight();
  ImGui::SameLine();
  ImGui::SetCursorPosX(ImGui::GetContentRegionMax().x - size);
  ImGui::PushStyleColor(ImGuiCol_Button, {0, 0, 0, 0});
  ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
  if (ImGui::ArrowButtonEx("##apart", ImGuiDir_Left, {size, size}))
    context.layout.apart.insert(context.controls.panel);
  list_control(context, "Apart");
  ImGui::PopStyleColor(2);
}

}  // namespace

void heading(ViewerContext& context, const char* text) {
  bold_text(context.fonts, text);
  if (context.controls.in_column) draw_handle(context);
}

void section_heading(ViewerContext& context, const char* text) {
  if (ImGui::GetCursorPosY() > ImGui::GetCursorStartPos().y) {
    ImGui::Dummy({0, 2});
    ImGui::Separator();
    ImGui::Dummy({0, 2});
  }
  heading(context, text);
}

void value_row(const char* name, const std::string& value, ImFont* font, ImVec4 colour) {
  ImGui::TextDisabled("%s", name);
  const float name_width = ImGui::GetItemRectSize().x;
  ImGui::PushFont(font, 0.0f);
  const float left = ImGui::GetContentRegionMax().x - ImGui::CalcTextSize(value.c_str()).x;
  if (ImGui::GetCursorPosX() + name_width + ImGui::GetStyle().ItemSpacing.x <= left) {
    ImGui::SameLine(left);
  } else {
    ImGui::SetCursorPosX(left);
  }
  ImGui::TextColored(colour.w > 0 ? readable(colour) : ImGui::GetStyleColorVec4(ImGuiCol_Text), "%s",
                     value.c_str());
  ImGui::PopFont();
}

}  // namespace reverie::viewer
