#include "training/step_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace reverie::training {

StepWatch::StepWatch(Look look, double patience, OnEndless on_endless)
    : look_(std::move(look)),
      patience_(patience),
      on_endless_(std::move(on_endless)),
      thread_([this] { work(); }) {}

StepWatch::~StepWatch() {
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void StepWatch::work() {
  using Clock = std::chrono::steady_clock;
  constexpr int kLooks = 10;  // within the patience
  struct Seen {
    sim::RunningStep step;
    double seconds = 0.0;
  };
  const double pause = patience_ / kLooks;
  std::vector<Seen> seen;
  auto looked = Clock::now();
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, std::chrono::duration<double>(pause), [this] { return ends_; })) {
    const auto now = Clock::now();
    // A process that was stopped in between has not been in its step for so long.
    const double passed =
        std::min(std::chrono::duration<double>(now - std::exchange(looked, now)).count(), 2.0 * pause);
    std::vector<Seen> running;
    for (const sim::RunningStep& step : look_()) {
      const auto before = std::ranges::find(seen, step, &Seen::step);
      running.push_back({step, before == seen.end() ? 0.0 : before->seconds + passed});
      if (running.back().seconds < patience_) continue;
      on_endless_(step, running.back().seconds);
      return;
    }
    seen = std::move(running);
  }
}

}  // namespace reverie::training
