#include "viewer/twin_view.h"

namespace reverie::viewer {

namespace {

template <typename T>
void append_missing(std::vector<T>& mine, const std::vector<T>& all) {
  mine.insert(mine.end(), all.begin() + static_cast<std::ptrdiff_t>(mine.size()), all.end());
}

void append_missing(TwinHistory& mine, const TwinHistory& all) {
  append_missing(mine.time, all.time);
  append_missing(mine.physics_return, all.physics_return);
  append_missing(mine.dream_return, all.dream_return);
  append_missing(mine.error, all.error);
  append_missing(mine.uncertainty, all.uncertainty);
  append_missing(mine.actions, all.actions);
  append_missing(mine.anchor_times, all.anchor_times);
}

void copy(ShownState& shown, const contract::World& world) {
  shown.positions.assign(world.positions().begin(), world.positions().end());
  shown.velocities.assign(world.velocities().begin(), world.velocities().end());
}

}  // namespace

void TwinView::catch_up(const Twin& twin) {
  spec_ = &twin.spec();
  has_dream_ = twin.has_dream();
  dream_can_drive_ = twin.dream_can_drive();
  done_ = twin.done();
  episode_ = twin.episode();
  steps_ = twin.steps();
  control_steps_ = twin.control_steps();
  anchor_every_ = twin.anchor_every;
  driver_ = twin.driver;
  if (generation_ != twin.generation()) {
    generation_ = twin.generation();
    history_ = {};
    clock_ = {};
    const auto row = twin.recording().physics_state(0);
    start_physics_.assign(row.begin(), row.end());
  }
  append_missing(history_, twin.history());
  append_missing(clock_.finished, twin.clock().finished);
  clock_.seconds = twin.clock().seconds;
  clock_.held = twin.clock().held;
  copy(physics_, twin.physics());
  if (has_dream_) copy(dream_, twin.dream());
}

}  // namespace reverie::viewer
