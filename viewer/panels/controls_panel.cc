#include "viewer/panels/controls_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace reverie::viewer {

namespace {

void heading(const ViewerContext& context, const char* text) {
  ImGui::Dummy({0, 2});
  ImGui::Separator();
  ImGui::Dummy({0, 2});
  ImGui::PushFont(context.fonts.bold, 0.0f);
  ImGui::TextUnformatted(text);
  ImGui::PopFont();
}

// A name at the left, its value at the right.
void setting(const ViewerContext& context, const char* name, const std::string& value) {
  ImGui::TextDisabled("%s", name);
  ImGui::PushFont(context.fonts.text, 0.0f);
  ImGui::SameLine(ImGui::GetContentRegionMax().x - ImGui::CalcTextSize(value.c_str()).x);
  ImGui::TextUnformatted(value.c_str());
  ImGui::PopFont();
}

void key_row(const Fonts& fonts, const char* key, const char* meaning) {
  ImGui::TextColored(palette::kText, "%s", key);
  ImGui::SameLine(fonts.size * 6.0f);
  ImGui::TextDisabled("%s", meaning);
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
  setting(context, "speed", fmt::format("{:.3g} x", playback.speed));
  auto speed = static_cast<float>(playback.speed);
  ImGui::SetNextItemWidth(-1);
  if (ImGui::SliderFloat("##speed", &speed, static_cast<float>(kSlowest), static_cast<float>(kFastest), "",
                         ImGuiSliderFlags_Logarithmic)) {
    playback.speed = speed;
  }
}

void dream_controls(ViewerContext& context) {
  Twin& twin = context.twin;
  heading(context, "Dream");
  int every = twin.anchor_every;
  setting(context, "re-anchor", every > 0 ? fmt::format("every {} steps", every) : "never");
  ImGui::SetNextItemWidth(-1);
  if (ImGui::SliderInt("##anchor", &every, 0, 200, "")) twin.anchor_every = std::max(every, 0);
  if (ImGui::Button("Anchor now", {-1, 0})) context.playback.anchor = true;
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {2, 2});
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
  ImGui::PopStyleVar();
}

bool pressed(ImGuiKey key, bool repeat = false) { return ImGui::IsKeyPressed(key, repeat); }

}  // namespace

void controls_section(ViewerContext& context) {
  heading(context, "Time");
  time_controls(context);
  if (context.twin.has_dream()) dream_controls(context);
  heading(context, "Keys");
  const Fonts& fonts = context.fonts;
  key_row(fonts, "space", "pause, play");
  key_row(fonts, "right", "one step");
  key_row(fonts, "+  -", "speed");
  key_row(fonts, "backspace", "restart");
  key_row(fonts, "n", "next episode");
  if (context.twin.has_dream()) key_row(fonts, "a  g", "anchor, ghost");
  key_row(fonts, "mouse", "camera, esc: reset");
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

}  // namespace reverie::viewer
