// The model's sensors in both worlds: what the engine reads there under the same controls.
#include <fmt/format.h>

#include <algorithm>

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

// From the middle to the left or right, full at the largest number of the sensor so far.
void bar(ImVec2 at, ImVec2 size, double value, double largest, ImVec4 colour) {
  const float middle = at.x + size.x / 2;
  const float end = middle + static_cast<float>(largest > 0 ? value / largest : 0) * size.x / 2;
  ImGui::GetWindowDrawList()->AddRectFilled({std::min(middle, end), at.y},
                                            {std::max(middle, end) + 1, at.y + size.y},
                                            ImGui::GetColorU32(colour), 1);
}

void draw(ViewerContext& context, const Rect&) {
  if (context.sensors.empty()) return ImGui::TextDisabled("the model has no sensors");
  const bool dream = context.twin.has_dream();
  const float width = ImGui::GetContentRegionAvail().x, height = context.fonts.size * 0.35f;
  ImGui::BeginChild("numbers");
  for (const SensorNumber& one : context.sensors) {
    ImGui::Text("%s", one.name.c_str());
    ImGui::SameLine(width * 0.30f);
    ImGui::TextColored(palette::kPhysics, "%9.3g", one.physics);
    if (dream) {
      ImGui::SameLine(width * 0.43f);
      ImGui::TextColored(palette::kDream, "%9.3g", one.dream);
    }
    ImGui::SameLine(width * 0.58f);
    const ImVec2 at = ImGui::GetCursorScreenPos(), size{width * 0.38f, height};
    bar(at, size, one.physics, one.largest, palette::kPhysics);
    if (dream) bar({at.x, at.y + 1.2f * height}, size, one.dream, one.largest, palette::kDream);
    ImGui::Dummy({size.x, 2.2f * height});
  }
  ImGui::EndChild();
}

}  // namespace

Panel sensors_panel() {
  return {.name = "sensors",
          .heading = "Sensors of both worlds",
          .place = Place::kPlots,
          .hidden = true,
          .draw = draw};
}

}  // namespace reverie::viewer
