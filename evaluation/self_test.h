// Self-test of the evaluation: the simulator in the model's place must be perfect.
// A slightly wrong simulator must not be. The test needs no trained policy: it plays random actions from
// starts in the middle of episodes that were read back from disk.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
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

// One thing that the self-test looked at.
struct SelfTestCase {
  std::string name;  // a section's, or what was put into the world
  double value = 0.0, expected = 0.0;
  bool ok = false;
  std::string fault;  // in words; empty when ok
};

struct SelfTest {
  std::string task;
  Fidelity same;                 // the simulator itself, on mjData of its own
  Fidelity wrong;                // the wrong world
  std::string wrong_world;       // what is wrong with it: "gravity x 1.01" or "start moved by 1e-3"
  bool same_is_perfect = false;  // no observation and no reward differs by a bit, no section finds a fault
  // Of the simulator itself, every section that knows what a perfect model's findings are: number of faults, expected 0.
  std::vector<SelfTestCase> cases;
  std::vector<std::string> faults()
      const;                        // "case: what differs" of the cases that are not ok; should be empty
  bool wrong_is_found_out = false;  // its largest error is not zero
  bool passed() const { return same_is_perfect && wrong_is_found_out; }
};

// Gravity is tried first; in a task where it does no work (everything moves in a horizontal plane), starts
// are moved instead, and wrong_world says so.
SelfTest self_test(std::shared_ptr<const sim::Task> task, const SelfTestOptions& options,
                   base::ThreadPool& pool);

// {"task", "passed", "same_is_perfect", "wrong_world", "wrong_is_found_out", "sections": {NAME: {"value", "expected",
// "ok"}}, "ok"}; a case that is not ok also has "fault".
nlohmann::ordered_json self_test_json(const SelfTest& result);

// Two lines for the terminal and one more for each fault, without the last line's end.
std::string self_test_text(const SelfTest& result);

}  // namespace reverie::evaluation
