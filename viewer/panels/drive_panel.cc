// Driving: the user's pushes, alone or on top of the policy, with physics or in the dream alone.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void switches(ViewerContext& context) {
  Steering& steering = context.steering;
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {2, 2});
  checkbox(context, "you drive", &steering.driven);
  ImGui::BeginDisabled(!steering.driven);
  checkbox(context, "the policy acts as well", &steering.policy_acts);
  ImGui::EndDisabled();
  if (context.twin.has_dream()) checkbox(context, "physics runs", &steering.physics_on);
  ImGui::PopStyleVar();
}

// A bar from the middle for each control, with the keys that push it.
void pushes(const ViewerContext& context) {
  const Drive& drive = context.drive;
  const float width = ImGui::GetContentRegionAvail().x, height = context.fonts.size * 0.3f;
  for (size_t i = 0; i < drive.controls.size(); ++i) {
    const sim::DriveControl& control = drive.controls[i];
    ImGui::TextColored(ImGui::GetStyleColorVec4(ImGuiCol_Text), "%s", control.name.c_str());
    ImGui::SameLine(width * 0.42f);
    ImGui::PushTextWrapPos(0.0f);
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextUnformatted(inputs_of(control).c_str());
    ImGui::PopStyleColor();
    ImGui::PopTextWrapPos();
    if (i >= drive.pushes.size()) continue;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float middle = at.x + width / 2, end = middle + drive.pushes[i] * width / 2;
    ImDrawList* draw = ImGui::GetWindowDrawList();
    draw->AddRectFilled(at, {at.x + width, at.y + height}, ImGui::GetColorU32(palette::kControl), 2);
    draw->AddRectFilled({std::min(middle, end) - 1, at.y}, {std::max(middle, end) + 1, at.y + height},
                        ImGui::GetColorU32(palette::kDream), 2);
    ImGui::Dummy({width, height});
  }
}

// The median of a curve, in weights.
std::string weights(const std::vector<double>& curve) {
  const double median = median_ghost_force(curve);
  return std::isnan(median) ? "-" : fmt::format("{:.3g} weights", median);
}

void ghost_force(const ViewerContext& context) {
  const TwinHistory& history = context.twin.history();
  if (history.ghost_force.size() < 2 || std::isnan(history.ghost_force.back())) return;
  value_row("ghost force, imagined", weights(history.ghost_force), context.fonts.number, palette::kDream);
  value_row("ghost force, simulated", weights(history.physics_ghost_force), context.fonts.number,
            palette::kPhysics);
  value_row("imagined now", fmt::format("{:.3g} weights", history.ghost_force.back()), context.fonts.number);
}

// Whether the robot could be as it is drawn: the evaluation's measure of imagined states.
void admissible(const ViewerContext& context) {
  const evaluation::Admissibility& dream = context.twin.dream_admissibility();
  const evaluation::Admissibility& physics = context.twin.physics_admissibility();
  if (dream.states == 0) return;
  const evaluation::Pose& pose = context.twin.dream_pose();
  ImFont* font = context.fonts.number;
  const auto percent = [](const evaluation::Admissibility& all) {
    return all.states == 0 ? "-" : fmt::format("{:.1f} %", 100 * all.share(all.admissible));
  };
  value_row("admissible, imagined", percent(dream), font, palette::kDream);
  value_row("admissible, simulated", percent(physics), font, palette::kPhysics);
  const bool deep = !pose.finite || pose.penetration > evaluation::kPenetrating;
  value_row("penetration now", fmt::format("{:.1f} mm", 1000 * pose.penetration), font,
            deep ? palette::kBad : ImGui::GetStyleColorVec4(ImGuiCol_Text));
  const bool beyond = !pose.finite || pose.beyond_limit > evaluation::kBeyondLimits;
  value_row("beyond joint limits", fmt::format("{:.3f}", pose.beyond_limit), font,
            beyond ? palette::kBad : ImGui::GetStyleColorVec4(ImGuiCol_Text));
}

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "Drive");
  switches(context);
  if (context.twin.behind() > 0 && context.steering.physics_on)
    ImGui::TextColored(palette::kPhysics, "physics follows, %d steps to go",
                       static_cast<int>(context.twin.behind()));
  if (context.steering.driven) pushes(context);
  admissible(context);
  ghost_force(context);
}

void toggle(ViewerContext& context) { context.steering.driven = !context.steering.driven; }
void toggle_physics(ViewerContext& context) {
  if (context.twin.has_dream()) context.steering.physics_on = !context.steering.physics_on;
}

}  // namespace

Panel drive_panel() {
  return {.name = "drive",
          .place = Place::kSide,
          .draw = draw,
          .actions = {{"tab", "drive", {{ImGuiKey_Tab, toggle}}},
                      {"F8", "physics on, off", {{ImGuiKey_F8, toggle_physics}}}}};
}

}  // namespace reverie::viewer
