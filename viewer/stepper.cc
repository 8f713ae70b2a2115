#include "viewer/stepper.h"

#include <chrono>
#include <utility>

namespace reverie::viewer {

namespace {

constexpr auto kNap = std::chrono::milliseconds(1);  // between two looks at the clock

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Stepper::Stepper(Twin& twin, const Playback& playback, Pace pace) : twin_(twin), playback_(playback) {
  publish();
  if (pace == Pace::kRealTime) thread_ = std::thread([this] { run(); });
}

Stepper::~Stepper() {
  ended_.store(true);
  if (thread_.joinable()) thread_.join();
}

void Stepper::request(Command command) {
  // A full queue: the thread is in a long step, and so many commands are waiting that one more can wait as well.
  while (!commands_.push(command)) {
    if (thread_.joinable() && !failed_.load()) {
      std::this_thread::sleep_for(kNap);
    } else {
      carry_out();
    }
  }
}

bool Stepper::carry_out() {
  bool any = false;
  for (Command command; commands_.take(command); any = true) command(twin_, playback_);
  return any;
}

void Stepper::advance(double seconds) {
  if (thread_.joinable()) return;
  carry_out();
  step(seconds);
  publish();
}

bool Stepper::update(TwinView& view) {
  if (failed_.load()) std::rethrow_exception(failure_);
  if (!views_.update()) return false;
  std::swap(view, views_.front());
  return true;
}

int Stepper::step(double seconds) {
  const int64_t before = twin_.steps();
  const double began = now();
  const int changed = viewer::advance(playback_, twin_, seconds);
  const int64_t steps = twin_.steps() - before;
  if (steps <= 0) return changed;  // nothing, or another episode
  busy_seconds_ += now() - began;
  steps_ += steps;
  return changed;
}

void Stepper::publish() {
  TwinView& view = views_.back();
  view.catch_up(twin_);
  view.steps_per_second = steps_per_second_;
  view.possible_rate = busy_seconds_ > 0 ? static_cast<double>(steps_) / busy_seconds_ : 0;
  views_.publish();
}

void Stepper::measure(double time) {
  if (time - second_began_ < 1.0) return;
  steps_per_second_ = static_cast<double>(steps_ - steps_then_) / (time - second_began_);
  second_began_ = time;
  steps_then_ = steps_;
}

void Stepper::run() {
  try {
    double last = second_began_ = now();
    while (!ended_.load()) {
      const bool commanded = carry_out();
      const double time = now();
      const double before = steps_per_second_;
      const int changed = step(time - std::exchange(last, time));
      measure(time);
      if (changed > 0 || commanded || steps_per_second_ != before) publish();
      if (changed == 0) std::this_thread::sleep_for(kNap);
    }
  } catch (...) {
    failure_ = std::current_exception();
    failed_.store(true);
  }
}

}  // namespace reverie::viewer
