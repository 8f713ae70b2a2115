#include "viewer/playback.h"

#include <algorithm>
#include <utility>

namespace reverie::viewer {

void change_speed(Playback& playback, double factor) {
  playback.speed = std::clamp(playback.speed * factor, kSlowest, kFastest);
}

void follow(Playback& mine, const Playback& wanted) {
  const Playback before = mine;
  mine = wanted;
  mine.owed = before.owed;
  mine.single_steps += before.single_steps;
  mine.restart |= before.restart;
  mine.next |= before.next;
  mine.anchor |= before.anchor;
  mine.replay |= before.replay;
}

namespace {

constexpr int64_t kSimulatedAtOnce = 20;  // steps of physics that is behind: the display follows them

void step_or_continue(const Playback& playback, Twin& twin) {
  if (twin.done() && playback.loop) {
    twin.reset(twin.episode() + 1);
  } else {
    twin.step();
  }
}

void carry_out_requests(Playback& playback, Twin& twin) {
  if (playback.next || playback.restart) {
    twin.reset(twin.episode() + (playback.next ? 1 : 0));
    playback.owed = 0;
  }
  if (playback.anchor) twin.anchor();
  playback.next = playback.restart = playback.anchor = false;
}

}  // namespace

namespace {

// Whole steps of the time that is owed.
int take_owed(Playback& playback, const Twin& twin, double seconds) {
  // A little more, so that ten frames of a tenth of a step make one step in spite of rounding.
  playback.owed += seconds * playback.speed;
  const int whole = static_cast<int>(playback.owed / twin.step_seconds() + 1e-6);
  playback.owed = std::max(0.0, playback.owed - whole * twin.step_seconds());
  return whole;
}

int look_further(Playback& playback, Twin& twin, double seconds) {
  const int whole = take_owed(playback, twin, seconds);
  if (twin.looked_at() < 0) {
    twin.look_at(0);
  } else {
    twin.look_at(twin.looked_at() + whole);
  }
  if (twin.looked_at() >= twin.steps()) {
    playback.replay = false;
    playback.paused = true;
  }
  return std::max(whole, 1);
}

}  // namespace

int advance(Playback& playback, Twin& twin, double seconds, int max_steps) {
  carry_out_requests(playback, twin);
  if (twin.steering.physics_on && twin.behind() > 0) {
    const int64_t before = twin.behind();
    twin.simulate(kSimulatedAtOnce);
    return static_cast<int>(before - twin.behind());
  }
  if (playback.replay) return look_further(playback, twin, seconds);
  int due = std::exchange(playback.single_steps, 0);
  if (!playback.paused) {
    due += std::min(take_owed(playback, twin, seconds), max_steps);
  }
  for (int i = 0; i < due; ++i) step_or_continue(playback, twin);
  return due;
}

}  // namespace reverie::viewer
