// A fixed pool of threads that run index ranges; the caller works too.
// It uses std::jthread and no OpenMP, because torch brings an OpenMP of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace reverie::base {

class ThreadPool {
 public:
  // `threads` >= 1 counts the caller: 1 means everything runs inline. Throws UserError when < 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const;

  // Calls body(i, worker) for every i in [0, n), worker in [0, size()), in chunks handed out dynamically;
  // returns when all are done. Which worker runs an index is not deterministic: results must not depend on
  // it. The first exception is rethrown here after the others finished. Allocates nothing after construction.
  void run(int64_t n, const std::function<void(int64_t, int)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace reverie::base
