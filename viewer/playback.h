// Playback: how fast a twin advances, and the user's requests to it.
#pragma once

#include "viewer/twin.h"

namespace reverie::viewer {

struct Playback {
  bool paused = false;
  double speed = 1.0;  // simulated seconds a second
  bool loop = true;    // at the end of an episode go on with the next one

  // Requests of this frame, cleared by advance().
  int single_steps = 0;
  bool restart = false;  // same episode again
  bool next = false;     // the next episode
  bool replay = false;   // look at the present branch from its first step on, until its end
  bool anchor = false;   // put the dream on the simulator's state now

  double owed = 0.0;  // simulated seconds not yet stepped

  bool operator==(const Playback&) const = default;
};

inline constexpr double kSlowest = 1.0 / 32, kFastest = 16.0;

// Half or double the speed within [kSlowest, kFastest].
void change_speed(Playback& playback, double factor);

// `mine` goes on as `wanted` says, and its own time that is owed stays. Requests that were not carried out yet add up.
void follow(Playback& mine, const Playback& wanted);

// Carry out the requests, then let `seconds` of wall clock pass: as many steps as are due, at most
// `max_steps` (when the machine cannot keep up, time is dropped instead of piling up). Returns the
// number of steps taken. While physics is behind (Twin::behind) only physics steps, paused or not.
int advance(Playback& playback, Twin& twin, double seconds, int max_steps = 8);

}  // namespace reverie::viewer
