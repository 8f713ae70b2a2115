// Forces on bodies of a twin's physics: those of the mouse, and those of a file that is done again.
#include <algorithm>

#include "viewer/twin.h"

namespace reverie::viewer {

// Physics goes on from the last row of the recording with `wrench` on `body`; the row itself has none.
void Twin::put_force(int body, const Wrench& wrench) {
  contract::Episode& recording = now_.recording;
  const auto row = recording.physics.end() - parts_.spec.physics_dim;
  const auto on_body = row + static_cast<std::ptrdiff_t>(parts_.forces_at + int64_t{6} * body);
  std::ranges::copy(wrench, on_body);
  const contract::StartPoint point{&recording, recording.length()};
  parts_.physics->reset({&point, 1});
  std::fill_n(on_body, 6, 0.0);
}

bool Twin::begin_pull() {
  if (pull.body <= 0 || !pull.force || pull.body >= parts_.bodies || parts_.physics->continuation()[0] <= 0)
    return false;
  const Wrench wrench = pull.force(now_.recording.physics_state(now_.recording.length()));
  if (std::ranges::all_of(wrench, [](double value) { return value == 0; })) return false;
  const BodyForce* last = now_.forces.empty() ? nullptr : &now_.forces.back();
  if (last == nullptr || last->body != pull.body || last->step + 1 != now_.steps)
    now_.events.push_back(
        {.step = now_.steps, .changes = changes(), .pulled = pull.body, .anchors = now_.anchors.size()});
  now_.forces.push_back({now_.steps, pull.body, wrench});
  put_force(pull.body, wrench);
  return true;
}

// After the step, which is not counted yet. Its end is a keyframe, so that no other step is done again under a force.
void Twin::end_pull() {
  if (parts_.physics->continuation()[0] > 0) {
    put_force(now_.forces.back().body, {});
  }
  now_.physics_keys.push_back({now_.steps + 1, parts_.physics->snapshot()});
}

}  // namespace reverie::viewer
