// Self-test of the evaluation: the simulator in the model's place must be perfect.
// A slightly wrong simulator must not be. The test needs no trained policy: it plays random actions from
// starts in the middle of episodes that were read back from disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "evaluation/fidelity.h"
#include "sim/task/task.h"

namespace reverie::evaluation {

struct SelfTestOptions {
  int episodes = 4;
  int action_repeat = 2;
  uint64_t seed = 0;
  double gravity_scale = 1.01;  // of the wrong world
  double perturbation = 1e-3;   // of the wrong world where gravity does no work
  FidelityOptions fidelity;
  const base::Stop* stop = nullptr;  // asked: throw base::Interrupted
};

struct SelfTest {
  std::string task;
  Fidelity same;                    // the simulator itself, on mjData of its own
  Fidelity wrong;                   // the wrong world
  std::string wrong_world;          // what is wrong with it: "gravity x 1.01" or "start moved by 1e-3"
  bool same_is_perfect = false;     // no observation and no reward differs by a bit, no section finds a fault
  std::vector<std::string> faults;  // of the simulator itself, "section: what differs"; should be empty
  bool wrong_is_found_out = false;  // its largest error is not zero
  bool passed() const { return same_is_perfect && wrong_is_found_out; }
};

// Gravity is tried first; in a task where it does no work (everything moves in a horizontal plane), starts
// are moved instead, and wrong_world says so.
SelfTest self_test(std::shared_ptr<const sim::Task> task, const SelfTestOptions& options,
                   base::ThreadPool& pool);

// Two lines for the terminal and one more for each fault, without the last line's end.
std::string self_test_text(const SelfTest& result);

}  // namespace reverie::evaluation
