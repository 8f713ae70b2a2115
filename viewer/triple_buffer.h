// TripleBuffer: hands the newest value from one thread to another without a lock.
// The writer fills one slot and the reader looks at another; the third one changes hands, so nobody waits.
#pragma once

#include <array>
#include <atomic>

namespace reverie::viewer {

template <typename T>
class TripleBuffer {
 public:
  // The writer's slot. It holds what it held when the writer last had it, three or more values ago.
  T& back() { return slots_[static_cast<size_t>(back_)]; }

  // The writer is done with back(): the reader's next update() sees it.
  void publish() { back_ = shared_.exchange(back_ | kFresh, std::memory_order_acq_rel) & ~kFresh; }

  // The reader's slot becomes the newest value; false when nothing was published since the last call.
  bool update() {
    if ((shared_.load(std::memory_order_relaxed) & kFresh) == 0) return false;
    front_ = shared_.exchange(front_, std::memory_order_acq_rel) & ~kFresh;
    return true;
  }

  T& front() { return slots_[static_cast<size_t>(front_)]; }  // the reader's slot

 private:
  static constexpr int kFresh = 4;  // beside the number of the slot
  std::array<T, 3> slots_ = {};
  int back_ = 0, front_ = 1;
  std::atomic<int> shared_{2};
};

}  // namespace reverie::viewer
