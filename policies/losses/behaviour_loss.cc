// Squared distance of the policy's mean actions to the recorded ones (Fujimoto & Gu 2021, TD3+BC).
#include <torch/types.h>

#include "policies/losses/losses.h"

namespace reverie::policies {

// The dream's starts are the states at observations 0, 1, ...; action t was taken at observation t, and the last
// observation has none.
at::Tensor behaviour_loss(const ActorInputs& in, Statistics&) {
  const worldmodel::Batch& batch = in.update.batch;
  const at::Tensor recorded = batch.actions.flatten(0, 1).slice(0, 0, in.starts.size(0));  // [M, A], M <= N
  const at::Tensor mask = batch.mask.flatten().slice(0, 0, in.starts.size(0));
  const at::Tensor chosen = mean_action(in.agent.actor, in.starts.slice(0, 0, recorded.size(0)));
  return ((chosen - recorded).square().mean(-1) * mask).mean();
}

}  // namespace reverie::policies
