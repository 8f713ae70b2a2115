#include "viewer/companion.h"

#include <utility>

namespace reverie::viewer {

Companion::~Companion() {
  if (!thread_.joinable()) return;
  state_.store(kEnded);
  state_.notify_one();
  thread_.join();
}

void Companion::together(const std::function<void()>& theirs, const std::function<void()>& mine) {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  work_ = &theirs;
  state_.store(kBusy);
  state_.notify_one();
  std::exception_ptr failure;
  try {
    mine();
  } catch (...) {
    failure = std::current_exception();
  }
  state_.wait(kBusy);
  if (!failure) failure = std::exchange(failure_, nullptr);
  failure_ = nullptr;
  if (failure) std::rethrow_exception(failure);
}

void Companion::run() {
  while (true) {
    state_.wait(kIdle);
    if (state_.load() == kEnded) return;
    try {
      (*work_)();
    } catch (...) {
      failure_ = std::current_exception();
    }
    state_.store(kIdle);
    state_.notify_one();
  }
}

}  // namespace reverie::viewer
