// Companion: a second thread that does something while its owner does something else.
// So physics and model take a step at the same time. Neither waits for a lock: the owner waits for the step's end alone.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <thread>

namespace reverie::viewer {

class Companion {
 public:
  Companion() = default;
  ~Companion();
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  // `theirs` runs in the other thread, begun with the first call, while `mine` runs here. Returns when both have ended,
  // and throws what one of them threw, that of `mine` first.
  void together(const std::function<void()>& theirs, const std::function<void()>& mine);

 private:
  enum State : int { kIdle, kBusy, kEnded };

  void run();

  std::atomic<int> state_{kIdle};
  const std::function<void()>* work_ = nullptr;  // written before kBusy, read after it
  std::exception_ptr failure_;                   // written before kIdle, read after it
  std::thread thread_;                           // last: it uses all of the others
};

}  // namespace reverie::viewer
