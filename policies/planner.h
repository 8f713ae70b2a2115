// Planner: an agent that plans each action in latent space before it acts.
// It searches by MPPI with the actor as prior. A think level sets the budget, and each row of a batch has one
// plan that is carried over from decision to decision.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "contract/policy.h"
#include "policies/agent.h"
#include "policies/mppi.h"
#include "policies/plan_trust.h"
#include "policies/planner_config.h"
#include "policies/sequence_scorer.h"

namespace reverie::policies {

// What planning has cost.
struct PlanningStats {
  int64_t decisions = 0;  // rows of all calls
  int64_t planned = 0;    // of these, with MPPI
  double seconds = 0.0;   // wall time of the calls

  double milliseconds() const;   // a decision; 0 before the first
  double planned_share() const;  // of the decisions
};

// Copies keep the current plans and share the statistics. Rows do not influence each other, and all noise comes
// from a row's key (Stream::kPlanner): a result does not depend on what else is in the batch.
class Planner {
 public:
  // `discount` a decision. Throws UserError when a setting is out of range.
  Planner(std::shared_ptr<Agent> agent, Think think, const PlannerConfig& config, double discount);

  // Planned actions for observations [N, O] or latents [N, Z] -> actions [N, A] within the action range. An agent that
  // reads states plans from observations only with `states` [N, F] (PolicyInput::states), else UserError is thrown.
  // Row n begins with its last plan, one decision on. The actor's mean action is played where the model
  // does not think that the plan is better by PlannerConfig::gain_threshold, and while plans do not keep
  // what they promise (PlanTrust).
  void act(std::span<const float> observations, std::span<const contract::DrawKey> keys,
           std::span<float> actions, std::span<const float> states = {});
  void act_latent(std::span<const float> latents, std::span<const contract::DrawKey> keys,
                  std::span<float> actions);
  // Forget the plan of a row, or of all: what comes next is the start of an episode.
  void reset(int64_t row);
  void reset();

  // Planned actions for collection: drawn from the plan, however little it gains. Every plan starts from the
  // actor's own sequence, so the result is a function of the weights, observation and key alone, and nothing
  // has to be stored for a resumed run to repeat it.
  void explore(std::span<const float> observations, std::span<const contract::DrawKey> keys,
               std::span<float> actions, std::span<const float> states = {});

  bool reads_states() const { return agent_->reads_states(); }

  size_t action_dim() const { return static_cast<size_t>(agent_->spec().action_dim); }
  const PlanningStats& stats() const { return *stats_; }

 private:
  // From latents where there are some, else from observations.
  void decide(const contract::PolicyInput& input, bool exploring, std::span<float> actions);
  void imagine_actor(contract::Rng& rng);  // fills prior_; its first candidate is the mean action's
  std::span<const float> actor_action(int64_t k) const;  // [A] of that candidate
  void begin(Plan& plan) const;                          // the plan before, one decision on; or the actor's
  void keep_actor(Plan& plan) const;                     // the actor's sequence as mean
  float score_of(const Plan& plan);                      // of its mean
  void refine(Plan& plan, const PlanBudget& budget, contract::Rng& rng);
  float least_gain() const;  // by which a plan must beat the actor
  struct Decision {
    bool planned;  // something was searched
    float score;   // of the plan's mean, as the model sees it
  };
  Decision act_as_actor(Plan& plan, bool planned) const;
  // One search; the actor's sequence again where the plan beats it by less than `worth`.
  Decision improve(Plan& plan, float worth, contract::Rng& rng);
  // Deeper and deeper until a search gains less than least_gain().
  Decision improve_while_it_pays(Plan& plan, contract::Rng& rng);
  Decision search(Plan& plan, float worth, contract::Rng& rng);  // either, by the think level
  Decision search_with_trust(Plan& plan, PlanTrust& trust, contract::Rng& rng);
  void write_action(const Plan& plan, const contract::DrawKey* exploring, std::span<float> out) const;

  std::shared_ptr<Agent> agent_;
  Think think_;
  PlannerConfig config_;
  PlanBudget budget_;
  double discount_;
  std::shared_ptr<SequenceScorer> scorer_;  // keeps nothing from one decision to the next
  Mppi mppi_;
  Candidates prior_;
  std::vector<float> noise_;      // [H, P, A] of the prior
  std::vector<Plan> plans_;       // one a row; empty: none yet
  std::vector<PlanTrust> trust_;  // likewise
  std::shared_ptr<PlanningStats> stats_ = std::make_shared<PlanningStats>();
};

}  // namespace reverie::policies
