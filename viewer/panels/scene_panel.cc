// The camera, and what else is drawn of the worlds.
#include <algorithm>
#include <string>
#include <utility>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void next_camera(ViewerContext& context, int step) {
  const int count = static_cast<int>(context.cameras.size());
  if (count == 0) return;
  context.camera.choose = (std::max(context.camera_shown, 0) + step + count) % count;
}
void camera_after(ViewerContext& context) { next_camera(context, 1); }
void camera_before(ViewerContext& context) { next_camera(context, -1); }

template <size_t I>
void toggle(ViewerContext& context) {
  context.scene[I] = !context.scene[I];
}

template <size_t... I>
std::vector<KeyBinding> toggles(std::index_sequence<I...>) {
  return {{kSceneSwitches[I].key, toggle<I>}...};
}

std::vector<Action> actions() {
  std::vector<Action> all{{"[  ]",
                           "camera before, after",
                           {{ImGuiKey_LeftBracket, camera_before}, {ImGuiKey_RightBracket, camera_after}}}};
  const std::vector<KeyBinding> keys = toggles(std::make_index_sequence<kSceneSwitches.size()>());
  for (size_t i = 0; i < keys.size(); ++i)
    all.push_back({kSceneSwitches[i].shown_key, kSceneSwitches[i].name, {keys[i]}});
  return all;
}

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "Scene");
  const std::string name =
      context.camera_shown < 0 ? "as moved" : context.cameras[static_cast<size_t>(context.camera_shown)];
  value_row("camera", name, context.fonts.text);
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
  if (button(context, "Camera before", {half, 0})) camera_before(context);
  ImGui::SameLine();
  if (button(context, "Camera after", {half, 0})) camera_after(context);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {2, 2});
  for (size_t i = 0; i < kSceneSwitches.size(); ++i) {
    if (i % 2 == 1) ImGui::SameLine(half + ImGui::GetStyle().ItemSpacing.x * 2.6f);
    checkbox(context, kSceneSwitches[i].name, &context.scene[i]);
  }
  ImGui::PopStyleVar();
}

}  // namespace

Panel scene_panel() { return {.name = "scene", .place = Place::kSide, .draw = draw, .actions = actions()}; }

}  // namespace reverie::viewer
