// Stop: a request to end early, made by a signal and heard by long work.
// Loops look at it once a control step, an update or a frame. Work that has nothing to keep throws Interrupted.
#pragma once

#include <atomic>
#include <exception>

namespace reverie::base {

// Work ended because it was asked to, without a result.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

class Stop {
 public:
  // Ask for the end; may be called by a signal handler. False when nobody would hear it, because no work has
  // looked yet (what runs is loading, and has written nothing) or because it was asked before: the caller
  // then ends the process itself.
  bool request() { return !asked_.exchange(true) && heard_.load(); }

  // Whether the end was asked for. Whoever calls it once goes on calling it.
  bool requested() const {
    heard_.store(true, std::memory_order_relaxed);
    return asked_.load(std::memory_order_relaxed);
  }

  // The same for those who only want to know.
  bool was_requested() const { return asked_.load(); }

 private:
  std::atomic<bool> asked_{false};
  mutable std::atomic<bool> heard_{false};
};

// Nothing stops work that was given none.
inline bool stopped(const Stop* stop) { return stop != nullptr && stop->requested(); }

// Throws Interrupted when the end was asked for.
inline void check_stop(const Stop* stop) {
  if (stopped(stop)) throw Interrupted();
}

}  // namespace reverie::base
