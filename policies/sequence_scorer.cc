#include "policies/sequence_scorer.h"

#include "policies/agent_impl.h"
#include "worldmodel/row_model.h"

namespace reverie::policies {

std::unique_ptr<SequenceScorer> make_sequence_scorer(Agent& agent, const PlannerConfig& config,
                                                     double discount) {
  const bool fast = agent.device().is_cpu() && agent.impl().model->row_model() != nullptr;
  return fast ? make_row_scorer(agent, config, discount) : make_tensor_scorer(agent, config, discount);
}

}  // namespace reverie::policies
