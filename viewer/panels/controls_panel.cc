#include "viewer/panels/controls_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace reverie {

namespace {

void heading(const ViewerContext& context, const char* text) {
  ImGui::Dummy({0, 2});
  ImGui::Separator();
  ImGui::Dummy({0, 2});
  ImGui::PushFont(context.fonts.bold, 0.0f);
  ImGui::TextUnformatted(text);
  ImGui::PopFont();
}

void time_controls(ViewerContext& context) {
  Playback& playback = context.playback;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float half = (ImGui::GetContentRegionAvail().x - gap) / 2;
  if (ImGui::Button(playback.paused ? "Play###pause" : "Pause###pause", {half, 0}))
    playback.paused = !playback.paused;
  ImGui::SameLine();
  if (ImGui::Button("Step", {half, 0})) {
    playback.paused = true;
    ++playback.single_steps;
  }
  if (ImGui::Button("Restart", {half, 0})) playback.restart = true;
  ImGui::SameLine();
  if (ImGui::Button("Next episode", {half, 0})) playback.next = true;
  auto speed = static_cast<float>(playback.speed);
  ImGui::SetNextItemWidth(-1);
  if (ImGui::SliderFloat("##speed", &speed, static_cast<float>(kSlowest), static_cast<float>(kFastest),
                         "speed %.2f x", ImGuiSliderFlags_Logarithmic)) {
    playback.speed = speed;
  }
}

void dream_controls(ViewerContext& context) {
  Twin& twin = context.twin;
  heading(context, "Dream");
  int every = twin.anchor_every;
  ImGui::SetNextItemWidth(-1);
  const std::string format = every > 0 ? "re-anchor every %d steps" : "never re-anchored";
  if (ImGui::SliderInt("##anchor", &every, 0, 200, format.c_str())) twin.anchor_every = std::max(every, 0);
  if (ImGui::Button("Anchor now", {-1, 0})) context.playback.anchor = true;
  if (twin.dream_can_drive()) {
    bool dream = twin.driver == Driver::kDream;
    if (ImGui::Checkbox("the dream chooses the actions", &dream)) {
      twin.driver = dream ? Driver::kDream : Driver::kPhysics;
    }
  }
  ImGui::Checkbox("ghost over the robot", &context.show_ghost);
  ImGui::BeginDisabled(!context.show_ghost);
  ImGui::Checkbox("red where it is off", &context.colour_by_error);
  ImGui::EndDisabled();
}

bool pressed(ImGuiKey key, bool repeat = false) { return ImGui::IsKeyPressed(key, repeat); }

}  // namespace

void controls_section(ViewerContext& context) {
  heading(context, "Time");
  time_controls(context);
  if (context.twin.has_dream()) dream_controls(context);
  heading(context, "Keys");
  ImGui::TextDisabled("space  pause      right  step");
  ImGui::TextDisabled("+ -  speed         n  next episode");
  ImGui::TextDisabled("backspace  restart");
  if (context.twin.has_dream()) ImGui::TextDisabled("a  anchor         g  ghost");
  ImGui::TextDisabled("mouse  camera     esc  reset it");
}

void handle_keys(ViewerContext& context) {
  if (ImGui::GetIO().WantTextInput) return;
  Playback& playback = context.playback;
  if (pressed(ImGuiKey_Space)) playback.paused = !playback.paused;
  if (pressed(ImGuiKey_RightArrow, true)) {
    playback.paused = true;
    ++playback.single_steps;
  }
  if (pressed(ImGuiKey_Backspace)) playback.restart = true;
  if (pressed(ImGuiKey_N)) playback.next = true;
  if (pressed(ImGuiKey_Equal) || pressed(ImGuiKey_KeypadAdd)) change_speed(playback, 2);
  if (pressed(ImGuiKey_Minus) || pressed(ImGuiKey_KeypadSubtract)) change_speed(playback, 0.5);
  if (pressed(ImGuiKey_A)) playback.anchor = true;
  if (pressed(ImGuiKey_G)) context.show_ghost = !context.show_ghost;
  if (pressed(ImGuiKey_Escape)) context.camera.reset = true;
}

}  // namespace reverie
