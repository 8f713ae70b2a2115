#include "viewer/random_input.h"

#include <array>
#include <string_view>
#include <vector>

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

// Of what is bound to no panel: driving, and text in a slider.
constexpr std::array kOtherKeys{ImGuiKey_W,         ImGuiKey_A,          ImGuiKey_S,       ImGuiKey_D,
                                ImGuiKey_LeftArrow, ImGuiKey_RightArrow, ImGuiKey_UpArrow, ImGuiKey_DownArrow,
                                ImGuiKey_Enter,     ImGuiKey_Backspace,  ImGuiKey_7};

// Controls that begin a training, write or read files, or let a planner take its time.
bool is_spared(std::string_view control) {
  return control.starts_with("training/") || control.starts_with("start/") ||
         control.starts_with("acts/think") || control == "acts/adaptive" || control == "fork/Save branches" ||
         control == "fork/Open branches";
}

}  // namespace

int RandomInput::below(int end) { return static_cast<int>(random_() % static_cast<uint64_t>(end)); }

float RandomInput::share() { return static_cast<float>(below(1001)) / 1000; }

void RandomInput::press_key(const ViewerContext& context) {
  std::vector<ImGuiKey> keys(kOtherKeys.begin(), kOtherKeys.end());
  for (const PlacedPanel& placed : context.placed) {
    for (const Action& action : placed.panel->actions) {
      for (const KeyBinding& binding : action.bindings)
        if ((binding.key & ImGuiMod_Mask_) == 0) keys.push_back(static_cast<ImGuiKey>(binding.key));
    }
  }
  key_ = keys[static_cast<size_t>(below(static_cast<int>(keys.size())))];
  ImGui::GetIO().AddKeyEvent(key_, true);
}

// The middle of a control, or anywhere in a picture or plot.
ImVec2 RandomInput::target(const ViewerContext& context) {
  std::vector<Rect> controls, pictures;
  for (const PlacedControl& control : context.controls.placed)
    if (control.visible && !is_spared(control.name)) controls.push_back(control.rect);
  for (const PlacedPanel& placed : context.placed) {
    const Place place = placed.panel->place;
    if (place == Place::kViews || place == Place::kPlots) pictures.push_back(placed.rect);
  }
  const bool picture = controls.empty() || (below(2) == 0 && !pictures.empty());
  const std::vector<Rect>& among = picture ? pictures : controls;
  if (among.empty()) return {0, 0};
  const auto& [position, size] = among[static_cast<size_t>(below(static_cast<int>(among.size())))];
  return {position.x + size.x * share(), position.y + size.y * (picture ? share() : 0.5f)};
}

void RandomInput::press_button(const ViewerContext& context, int width, int height) {
  ImGuiIO& io = ImGui::GetIO();
  const ImVec2 from = target(context);
  button_ = below(4) == 0 ? 1 + below(2) : 0;
  moves_ = below(3) == 0 ? 0 : 1 + below(8);  // without a move it is a click
  to_ =
      moves_ == 0 ? from : ImVec2{share() * static_cast<float>(width), share() * static_cast<float>(height)};
  io.AddMousePosEvent(from.x, from.y);
  io.AddMouseButtonEvent(button_, true);
}

void RandomInput::let_go() {
  ImGuiIO& io = ImGui::GetIO();
  if (key_ != ImGuiKey_None) io.AddKeyEvent(key_, false);
  key_ = ImGuiKey_None;
  if (button_ >= 0) io.AddMouseButtonEvent(button_, false);
  button_ = -1;
}

void RandomInput::act(const ViewerContext& context, int width, int height) {
  ImGuiIO& io = ImGui::GetIO();
  if (key_ != ImGuiKey_None && below(3) == 0) {
    io.AddKeyEvent(key_, false);
    key_ = ImGuiKey_None;
  }
  if (button_ >= 0) {
    if (moves_-- > 0) return io.AddMousePosEvent(to_.x, to_.y);
    io.AddMouseButtonEvent(button_, false);
    button_ = -1;
    return;
  }
  const int what = below(100);
  if (what < 25 && key_ == ImGuiKey_None) press_key(context);
  if (what >= 25 && what < 60) press_button(context, width, height);
  if (what >= 60 && what < 70) io.AddMouseWheelEvent(0, 2 * share() - 1);
}

ImVec2 RandomInput::resize() {
  constexpr std::array<ImVec2, 5> kSizes{
      {{640, 360}, {200, 200}, {480, 480}, {333, 777}, {1024, 200}}};  // each drawn fast without a GPU
  if (below(250) != 0) return {0, 0};
  return kSizes[static_cast<size_t>(below(static_cast<int>(kSizes.size())))];
}

}  // namespace reverie::viewer
