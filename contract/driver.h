// Driver: the one loop in which a policy acts, decision after decision.
// It acts in environments or in a world.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "contract/policy.h"

namespace reverie::contract {

// N rows that a policy can act in: the environments of a batch (sim/vector_env_rows.h) or the rollouts of a
// world (contract/world_rows.h). The code that makes the rows decides which keys a policy draws by.
class Rows {
 public:
  virtual ~Rows() = default;

  virtual int size() const = 0;        // N
  virtual int action_dim() const = 0;  // A

  // What the policy sees before the next decision, PolicyInput::states only `with_states`. The spans are valid until the
  // next step().
  virtual PolicyInput input(bool with_states) = 0;

  // One decision of all rows under `actions` [N, A].
  virtual void step(std::span<const float> actions) = 0;

  // What the last step() ended, [N]: 1 where an episode ended, so that the row shows the start of another one.
  // Empty where episodes never end.
  virtual std::span<const uint8_t> ended() const = 0;
};

// Drives one policy at a time. Rows and policies are not owned and must outlive the driver.
class Driver {
 public:
  Driver(Rows& rows, Policy& policy);

  // `policy` acts from the next step() on; all of its rows begin anew.
  void begin(Policy& policy);

  // One decision of all rows: the policy acts, the rows step, and the policy's rows whose
  // episodes ended are reset.
  void step();

  const Policy& policy() const { return *policy_; }
  std::span<const float> actions() const { return actions_; }  // [N, A] of the last step()

 private:
  Rows* rows_;
  Policy* policy_;
  std::vector<float> actions_;
};

}  // namespace reverie::contract
