// MouseHands: what the mouse does to bodies: it pulls them while time passes, and moves them while time stands still.
// A robot that was moved stands at the beginning of another branch of the history once the mouse lets go.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "render/scene_renderer.h"
#include "sim/model.h"
#include "viewer/context.h"

namespace reverie::viewer {

class MouseHands {
 public:
  // Both must outlive the hands.
  MouseHands(const mjModel* model, render::SceneRenderer& renderer);

  // Carries out what the mouse did in this frame. `physics` and `dream` are posed as they are shown.
  void apply(ViewerContext& context, mjData* physics, mjData* dream);

  // A robot is being moved: its state [P] is to be shown in place of that of physics. Empty: it is not.
  const std::vector<double>& moved() const { return moved_; }

  // Where the selected body is, for panels and scripts. `data` is posed as physics is shown.
  void read_selection(ViewerContext& context, const mjData* data) const;

 private:
  void select(ViewerContext& context, const Grab& grab, mjData* physics, const mjData* dream);
  void pull(ViewerContext& context, const Grab& grab, mjData* physics);
  void move(ViewerContext& context, const Grab& grab);
  void let_go(ViewerContext& context);

  const mjModel* model_;
  render::SceneRenderer& renderer_;
  std::shared_ptr<mjData> spring_;  // of the thread that steps
  sim::DataPtr posed_;              // of the robot that is moved
  std::vector<double> moved_;
  int64_t step_ = 0;  // from which it is moved
  bool holds_ = false;
};

}  // namespace reverie::viewer
