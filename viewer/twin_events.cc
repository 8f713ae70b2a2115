// Events of a twin: physics is changed or the robot pushed, and the dream is not told.
#include <algorithm>
#include <utility>

#include "viewer/twin.h"

namespace reverie::viewer {

PhysicsChanges Twin::changes() const {
  return now_.events.empty() ? PhysicsChanges{} : now_.events.back().changes;
}

// Physics as it was after `step`, changes included, goes on in a world of its own.
void Twin::put_physics_under(const PhysicsChanges& changes) {
  if (!parts_.change || changes == in_force_) return;
  auto physics = parts_.change(changes);
  physics->restore(parts_.physics->snapshot());
  parts_.physics = std::move(physics);
  in_force_ = changes;
}

void Twin::change(const PhysicsChanges& changes) {
  if (!parts_.change || changes == this->changes()) return;
  simulate(behind());
  fan_ = nullptr;
  put_physics_under(changes);
  now_.physics_keys.push_back({now_.steps, parts_.physics->snapshot()});
  now_.events.push_back({.step = now_.steps, .changes = changes, .anchors = now_.anchors.size()});
}

void Twin::push(double speed) {
  if (!parts_.push || speed == 0) return;
  simulate(behind());
  fan_ = nullptr;
  contract::Episode& recording = now_.recording;
  const std::vector<double> pushed = parts_.push(recording, recording.length(), speed);
  std::ranges::copy(pushed, recording.physics.end() - std::ssize(pushed));
  const contract::StartPoint point{&recording, recording.length()};
  parts_.physics->reset({&point, 1});
  now_.physics_keys.push_back({now_.steps, parts_.physics->snapshot()});
  now_.events.push_back(
      {.step = now_.steps, .changes = changes(), .push = speed, .anchors = now_.anchors.size()});
}

}  // namespace reverie::viewer
