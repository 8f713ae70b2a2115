#include "viewer/drive.h"

#include <imgui_internal.h>

#include <algorithm>

#include "viewer/context.h"
#include "viewer/script.h"

namespace reverie::viewer {

namespace {

struct Stick {
  const char* name;
  const char* shown;
  ImGuiKey more, less;
};

constexpr Stick kSticks[] = {
    {"left_x", "left stick, across", ImGuiKey_GamepadLStickRight, ImGuiKey_GamepadLStickLeft},
    {"left_y", "left stick, up", ImGuiKey_GamepadLStickUp, ImGuiKey_GamepadLStickDown},
    {"right_x", "right stick, across", ImGuiKey_GamepadRStickRight, ImGuiKey_GamepadRStickLeft},
    {"right_y", "right stick, up", ImGuiKey_GamepadRStickUp, ImGuiKey_GamepadRStickDown},
    {"triggers", "triggers", ImGuiKey_GamepadR2, ImGuiKey_GamepadL2},
};

float amount(ImGuiKey key) {
  const ImGuiKeyData* data = ImGui::GetKeyData(key);
  if (!data->Down) return 0.0f;
  return data->AnalogValue > 0 ? data->AnalogValue : 1.0f;
}

ImGuiKey key_of(const std::string& name) { return static_cast<ImGuiKey>(parse_key(name)); }

float push_of(const sim::DriveControl& control, ImVec2 mouse) {
  float push = 0;
  if (!control.more.empty()) push += amount(key_of(control.more)) - amount(key_of(control.less));
  for (const Stick& stick : kSticks) {
    if (control.stick == stick.name) push += amount(stick.more) - amount(stick.less);
  }
  if (control.mouse == "x") push += mouse.x;
  if (control.mouse == "y") push += mouse.y;
  return std::clamp(push, -1.0f, 1.0f);
}

}  // namespace

void read_pushes(ViewerContext& context) {
  Drive& drive = context.drive;
  std::vector<float>& push = context.steering.push;
  drive.pushes.clear();
  push.clear();
  if (!context.steering.driven || ImGui::GetIO().WantTextInput) return;
  const contract::EnvSpec& spec = context.twin.spec();
  push.assign(static_cast<size_t>(spec.action_dim), 0.0f);
  for (const sim::DriveControl& control : drive.controls) {
    drive.pushes.push_back(push_of(control, drive.mouse));
    for (size_t i = 0; i < std::min(push.size(), control.actions.size()); ++i) {
      const float half_range = (spec.action_high[i] - spec.action_low[i]) / 2;
      push[i] += drive.pushes.back() * static_cast<float>(control.actions[i]) * half_range;
    }
  }
}

bool drives_with(const ViewerContext& context, ImGuiKey key) {
  if (!context.steering.driven) return false;
  const std::string name = ImGui::GetKeyName(key);
  return std::ranges::any_of(context.drive.controls, [&](const sim::DriveControl& control) {
    return name == control.more || name == control.less;
  });
}

std::string inputs_of(const sim::DriveControl& control) {
  std::string text = control.more.empty() ? "" : control.more + "  " + control.less;
  for (const Stick& stick : kSticks) {
    if (control.stick == stick.name) text += std::string(text.empty() ? "" : ", ") + stick.shown;
  }
  if (!control.mouse.empty()) {
    text += std::string(text.empty() ? "" : ", ") +
            (control.mouse == "x" ? "alt mouse, across" : "alt mouse, up");
  }
  return text;
}

}  // namespace reverie::viewer
