#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "base/error.h"

namespace reverie::base {
namespace {

TEST(ThreadPool, RunsEveryIndexOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (const int64_t n : {0, 1, 2, 7, 100, 1001}) {
      std::vector<std::atomic<int>> counts(n);
      pool.run(n, [&](int64_t i, int worker) {
        EXPECT_GE(worker, 0);
        EXPECT_LT(worker, threads);
        ++counts[i];
      });
      for (const auto& count : counts) EXPECT_EQ(count, 1);
    }
  }
}

TEST(ThreadPool, AWorkerIndexBelongsToOneThreadAtATime) {
  ThreadPool pool(3);
  std::vector<std::atomic<int>> inside(3);
  pool.run(300, [&](int64_t, int worker) {
    EXPECT_EQ(inside[worker].fetch_add(1), 0);
    std::this_thread::yield();
    inside[worker].fetch_sub(1);
  });
}

TEST(ThreadPool, ManyShortRoundsSeeEachOthersWrites) {
  ThreadPool pool(3);
  std::vector<int64_t> values(16, 0);
  for (int round = 0; round < 2000; ++round) {
    pool.run(16, [&](int64_t i, int) { values[i] += values[(i + 16) % 16] == round ? 1 : 1000000; });
  }
  EXPECT_EQ(std::accumulate(values.begin(), values.end(), int64_t{0}), 16 * 2000);
}

TEST(ThreadPool, WakesSleepingWorkers) {
  ThreadPool pool(2);
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> sum = 0;
    pool.run(4, [&](int64_t i, int) { sum += static_cast<int>(i); });
    EXPECT_EQ(sum, 6);
  }
}

TEST(ThreadPool, BothThreadsWork) {
  ThreadPool pool(2);
  std::atomic<int> inside = 0;
  // Each index waits for the other: with one thread alone this would never end.
  pool.run(2, [&](int64_t, int) {
    ++inside;
    while (inside < 2) std::this_thread::yield();
  });
  EXPECT_EQ(inside, 2);
}

TEST(ThreadPool, RethrowsAfterTheOthersFinishedAndGoesOn) {
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::atomic<int> done = 0;
    EXPECT_THROW(pool.run(50,
                          [&](int64_t i, int) {
                            ++done;
                            if (i % 10 == 3) throw std::runtime_error("index");
                          }),
                 std::runtime_error);
    EXPECT_EQ(done, 50);
    pool.run(5, [&](int64_t, int) { ++done; });
    EXPECT_EQ(done, 55);
  }
}

// A sanitizer needs more room than a limit leaves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void begin_more_threads_than_there_is_room_for() {
  const rlimit limit{size_t{1} << 30, size_t{1} << 30};  // bytes; a thread's stack takes 8 MB of them
  if (::setrlimit(RLIMIT_AS, &limit) != 0) std::exit(1);
  try {
    const ThreadPool pool(1000);
  } catch (const std::system_error& error) {
    std::exit(std::string_view(error.what()).find("of 1000 threads began") != std::string_view::npos ? 7 : 2);
  }
  std::exit(3);
}

TEST(ThreadPool, EndsTheOthersWhenAThreadCannotBegin) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(begin_more_threads_than_there_is_room_for(), testing::ExitedWithCode(7), "");
}
#endif

TEST(ThreadPool, NeedsAThread) { EXPECT_THROW(ThreadPool(0), UserError); }

}  // namespace
}  // namespace reverie::base
