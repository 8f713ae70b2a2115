#include "base/thread_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"

namespace reverie::base {
namespace {

// Looks at a value this often before sleeping: some tens of microseconds, the length of a short round
// and about what sleeping and waking cost. Where threads outnumber cores, longer spinning would steal
// time from the others.
constexpr int kSpins = 2000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

// Waits until `value` differs from `old`.
uint32_t wait_for_change(const std::atomic<uint32_t>& value, uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    const uint32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    relax();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

struct ThreadPool::State {
  int threads = 1;

  // One round. Written by the caller before `round` is raised, read by workers after they saw it.
  const std::function<void(int64_t, int)>* body = nullptr;
  int64_t count = 0;
  int64_t chunk = 1;

  alignas(64) std::atomic<int64_t> next{0};      // first index not handed out
  alignas(64) std::atomic<uint32_t> round{0};    // raised to start a round (or to stop)
  alignas(64) std::atomic<uint32_t> working{0};  // workers that have not finished the round
  std::atomic<bool> stopping{false};

  std::mutex error_mutex;
  std::exception_ptr error;

  std::vector<std::jthread> workers;  // last: joined first

  // Workers are joined after this, also those of a pool that was not finished.
  ~State() {
    stopping.store(true, std::memory_order_relaxed);
    round.fetch_add(1, std::memory_order_release);
    round.notify_all();
  }

  void work(int worker) {
    for (;;) {
      const int64_t begin = next.fetch_add(chunk, std::memory_order_relaxed);
      if (begin >= count) return;
      const int64_t end = std::min(begin + chunk, count);
      for (int64_t i = begin; i < end; ++i) {
        try {
          (*body)(i, worker);
        } catch (...) {
          const std::lock_guard lock(error_mutex);
          if (!error) error = std::current_exception();
        }
      }
    }
  }

  void worker_loop(int worker) {
    uint32_t seen = 0;
    for (;;) {
      seen = wait_for_change(round, seen);
      if (stopping.load(std::memory_order_relaxed)) return;
      work(worker);
      if (working.fetch_sub(1, std::memory_order_acq_rel) == 1) working.notify_one();
    }
  }

  void wait_for_workers() {
    uint32_t left = working.load(std::memory_order_acquire);
    while (left != 0) left = wait_for_change(working, left);
  }
};

ThreadPool::ThreadPool(int threads) {
  if (threads < 1) throw_user_error("threads: expected at least 1, found {}", threads);
  state_ = std::make_unique<State>();
  state_->threads = threads;
  try {
    for (int worker = 1; worker < threads; ++worker)
      state_->workers.emplace_back([state = state_.get(), worker] { state->worker_loop(worker); });
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(),
                            fmt::format("{} of {} threads began", state_->workers.size() + 1, threads));
  }
}

ThreadPool::~ThreadPool() = default;

int ThreadPool::size() const { return state_->threads; }

void ThreadPool::run(int64_t n, const std::function<void(int64_t, int)>& body) {
  if (n <= 0) return;
  State& state = *state_;
  state.body = &body;
  state.count = n;
  // About four chunks a thread: few enough to hand out cheaply, enough to even out slow indices.
  state.chunk = std::max<int64_t>(1, n / (int64_t{4} * state.threads));
  state.next.store(0, std::memory_order_relaxed);
  if (state.threads > 1) {
    state.working.store(static_cast<uint32_t>(state.threads - 1), std::memory_order_relaxed);
    state.round.fetch_add(1, std::memory_order_release);
    state.round.notify_all();
  }
  state.work(0);
  state.wait_for_workers();
  if (state.error) std::rethrow_exception(std::exchange(state.error, nullptr));
}

}  // namespace reverie::base
