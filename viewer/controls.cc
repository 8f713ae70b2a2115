#include "viewer/controls.h"

#include <imgui_internal.h>

#include <algorithm>

#include "viewer/context.h"

namespace reverie::viewer {

const PlacedControl* Controls::find(std::string_view name) const {
  const auto at = std::ranges::find(placed, name, &PlacedControl::name);
  return at == placed.end() ? nullptr : &*at;
}

void list_control(ViewerContext& context, const char* label) {
  Controls& controls = context.controls;
  const ImVec2 from = ImGui::GetItemRectMin(), to = ImGui::GetItemRectMax();
  const ImRect& clip = ImGui::GetCurrentWindow()->ClipRect;
  const ImVec2 middle{(from.x + to.x) / 2, (from.y + to.y) / 2};
  PlacedControl placed{std::string(controls.panel) + "/" + label,
                       {from, {to.x - from.x, to.y - from.y}},
                       clip.Contains(middle),
                       (ImGui::GetItemFlags() & ImGuiItemFlags_Disabled) == 0};
  if (placed.name == controls.scroll_to) {
    ImGui::SetScrollHereY();
    controls.scroll_to.clear();
  }
  controls.placed.push_back(std::move(placed));
}

bool button(ViewerContext& context, const char* label, ImVec2 size, const char* shown) {
  ImGui::PushID(label);
  const bool clicked =
      ImGui::Button((std::string(shown != nullptr ? shown : label) + "###button").c_str(), size);
  ImGui::PopID();
  list_control(context, label);
  return clicked;
}

bool checkbox(ViewerContext& context, const char* label, bool* value) {
  const bool clicked = ImGui::Checkbox(label, value);
  list_control(context, label);
  return clicked;
}

bool slider(ViewerContext& context, const char* label, float* value, float low, float high,
            const char* format, ImGuiSliderFlags flags) {
  ImGui::SetNextItemWidth(-1);
  const bool changed = ImGui::SliderFloat((std::string("##") + label).c_str(), value, low, high, format,
                                          flags | ImGuiSliderFlags_AlwaysClamp);
  list_control(context, label);
  return changed;
}

bool slider(ViewerContext& context, const char* label, int* value, int low, int high, const char* format) {
  ImGui::SetNextItemWidth(-1);
  const bool changed = ImGui::SliderInt((std::string("##") + label).c_str(), value, low, high, format,
                                        ImGuiSliderFlags_AlwaysClamp);
  list_control(context, label);
  return changed;
}

}  // namespace reverie::viewer
