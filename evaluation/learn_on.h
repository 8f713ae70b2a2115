// Learns a run's policy on in its own world model, which stays as it is.
// What such a policy is promised more and more, and paid less and less, is what the model can be exploited for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "contract/policy.h"
#include "training/run.h"

namespace reverie::evaluation {

// For Subject::learn_on. Opens a copy of the run's agent and the episodes that it learned from at the first call; the run's own
// agent stays as it is. Critic and actor go on from the checkpoint's weights with fresh optimisers and the run's full learning rate, as
// with learn=policy. The policy reads the latents of the run's world model. Throws UserError when the episodes are
// gone or none can be learned from.
std::function<std::shared_ptr<contract::Policy>(int64_t updates)> learn_on(const training::Run& run);

}  // namespace reverie::evaluation
