// RandomInput: keys, clicks, drags and the wheel by chance, to see what the viewer bears.
// It begins no training and writes no file.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <random>

#include "viewer/layout.h"

namespace reverie::viewer {

struct ViewerContext;

class RandomInput {
 public:
  explicit RandomInput(uint64_t seed) : random_(seed) {}

  // What the user does in the next frame of a surface of this size, given to ImGui.
  void act(const ViewerContext& context, int width, int height);

  // Every few hundred frames another size of the surface, pixels; zero: it stays as it is.
  ImVec2 resize();

  void let_go();  // of what is held

 private:
  int below(int end);
  float share();  // from 0 to 1
  void press_key(const ViewerContext& context);
  void press_button(const ViewerContext& context, int width, int height);
  ImVec2 target(const ViewerContext& context);

  std::mt19937_64 random_;
  ImGuiKey key_ = ImGuiKey_None;  // held
  int button_ = -1;               // held
  int moves_ = 0;                 // left until it is let go
  ImVec2 to_{0, 0};               // where the mouse goes meanwhile
};

}  // namespace reverie::viewer
