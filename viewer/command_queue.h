// CommandQueue: commands from one thread to another, in order and without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

namespace reverie::viewer {

// One thread pushes and one thread takes.
template <typename T, size_t Room = 256>
class CommandQueue {
 public:
  // False when the queue is full; `value` is then as it was.
  bool push(T& value) {
    const size_t at = written_.load(std::memory_order_relaxed);
    if (at - read_.load(std::memory_order_acquire) == Room) return false;
    slots_[at % Room] = std::move(value);
    written_.store(at + 1, std::memory_order_release);
    return true;
  }

  // False when there is nothing to take.
  bool take(T& value) {
    const size_t at = read_.load(std::memory_order_relaxed);
    if (at == written_.load(std::memory_order_acquire)) return false;
    value = std::move(slots_[at % Room]);
    slots_[at % Room] = T();
    read_.store(at + 1, std::memory_order_release);
    return true;
  }

 private:
  std::array<T, Room> slots_ = {};
  std::atomic<size_t> written_{0}, read_{0};
};

}  // namespace reverie::viewer
