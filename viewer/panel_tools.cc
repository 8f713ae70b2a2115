#include "viewer/panel_tools.h"

namespace reverie::viewer {

void section_heading(const Fonts& fonts, const char* text) {
  ImGui::Dummy({0, 2});
  ImGui::Separator();
  ImGui::Dummy({0, 2});
  ImGui::PushFont(fonts.bold, 0.0f);
  ImGui::TextUnformatted(text);
  ImGui::PopFont();
}

void value_row(const char* name, const std::string& value, ImFont* font, ImVec4 colour) {
  ImGui::TextDisabled("%s", name);
  ImGui::PushFont(font, 0.0f);
  ImGui::SameLine(ImGui::GetContentRegionMax().x - ImGui::CalcTextSize(value.c_str()).x);
  ImGui::TextColored(colour.w > 0 ? colour : ImGui::GetStyleColorVec4(ImGuiCol_Text), "%s", value.c_str());
  ImGui::PopFont();
}

}  // namespace reverie::viewer
