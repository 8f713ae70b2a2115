// Evaluates a run: compares what it dreams with what happens in physics.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "base/thread_pool.h"
#include "contract/divergence.h"
#include "contract/policy.h"
#include "evaluation/decision_log.h"
#include "evaluation/exploitability.h"
#include "evaluation/gates.h"
#include "evaluation/policy_ranking.h"
#include "evaluation/progress.h"
#include "evaluation/rollout.h"
#include "evaluation/section.h"
#include "evaluation/sections/sections.h"
#include "evaluation/strips.h"
#include "policies/planner.h"
#include "sim/task/task.h"
#include "training/metrics.h"
#include "training/run.h"

namespace reverie::evaluation {

struct EvaluationOptions {
  int episodes = 20;            // fresh simulated episodes, also the held-out data of the fidelity curve
  uint64_t seed = 0;            // of episodes, start points, perturbation and bootstrap
  int64_t horizon = 200;        // control steps of the fidelity curve
  int64_t starts = 256;         // start points of the fidelity curve at most
  int sim_threads = 1;          // results do not depend on it
  double perturbation = 1e-6;   // of the chaos floor's start, in qpos and qvel units
  bool random_baseline = true;  // also the random policy's return from the same starts
  // How much the run's policy plans, in simulation and in the dream.
  policies::Think think = policies::Think::kActor;
  policies::PlannerConfig planner = {};
  // Control steps for which the policy is left alone in the dream, and in physics; 0: it is not.
  int64_t long_dream = 0;
  bool videos = false;  // keep the episodes that make strips, see evaluation/strips.h
  // Episodes of the same task that somebody else recorded: one more start set; null: none.
  std::shared_ptr<const std::vector<contract::Episode>> data = {};
  std::function<void(const ProgressNow&)> on_progress = {};  // now and then; may be empty
  const base::Stop* stop = nullptr;
};

struct EvaluationResult {
  std::string run;         // path, as text
  std::string checkpoint;  // directory name
  std::string task, title;
  std::string task_hash;     // EnvSpec::hash: which model and task file the figures belong to
  std::string weights_hash;  // base::content_hash of its weights
  std::string acting;        // RUN@CHECKPOINT of the policy that acted; empty: the run's own
  std::string command;       // that makes this report again; empty where nobody gave one
  int64_t env_steps = 0;     // control steps of training behind the checkpoint
  double control_dt = 0.0;   // seconds a control step
  int control_steps = 1;     // a decision
  EvaluationOptions options;
  std::vector<SectionResult> sections;
  std::vector<training::MetricRow> training;  // the run's own metrics; empty where there are none
  contract::Divergence divergence = {};       // episodes that diverged are left out
  double seconds = 0.0;                       // wall time of the evaluation
  std::vector<Strip> strips;                  // with options.videos
  std::vector<std::string>
      films;  // files of the strips in the report's directory, in their order; empty: not written
  std::vector<GateOutcome> gates;  // conditions that the caller asked about; see evaluation/gates.h
};

// What is evaluated, on plain buffers: tests put simulated or made-up worlds here.
struct Subject {
  std::shared_ptr<const sim::Task> task;
  int action_repeat = 1;               // control steps a decision; equals dream->control_steps()
  contract::Policy* policy = nullptr;  // acts in simulation and in the dream; begins anew in each
  std::string policy_name;
  contract::World* dream = nullptr;  // the world under test
  // Observations [N, O] -> what the probe reads back [N, O]; may be empty.
  std::function<void(std::span<const float>, std::span<float>)> reconstruct;
  std::function<std::vector<Rival>()>
      rivals;  // makes policies that the section ranking compares; may be empty
  // The run at checkpoints from the first to the one under test; may be empty.
  std::function<std::vector<PastSelf>()> past_selves = {};
  // Makes so many updates more of the policy in the dream, which stays as it is, and returns the policy as it is then. A
  // further call goes on from there, and what was returned before changes with it. May be empty.
  std::function<std::shared_ptr<contract::Policy>(int64_t updates)> learn_on = {};
  // Acts from observations; section usefulness tells what `policy` earns more than it. May be null.
  contract::Policy* rival = nullptr;
  std::string rival_name = {};
  std::function<policies::PlanningStats()> planning;  // what planning cost so far; empty: no planning
  ValueFunction value;    // the critic of `policy` on the dream's latents; may be empty
  std::string no_value;   // why it is empty, a sentence without its end
  double discount = 1.0;  // a decision, of `value`
};

// All results are functions of (subject, options) alone, except `seconds`. Throws UserError when every
// episode diverged, and base::Interrupted when options.stop is asked for.
EvaluationResult evaluate(const Subject& subject, const EvaluationOptions& options, base::ThreadPool& pool,
                          std::span<const Section> sections = all_sections());

// Options for fresh episodes, which neither the training of `run` nor its evaluations have made; `seed` names which.
EvaluationOptions fresh_options(const training::Run& run, int64_t seed);

// Who acts in the place of the run's own policy: nobody, another run, or a policy that acts from observations.
struct ActingPolicy {
  const training::Run* run = nullptr;
  contract::Policy* policy = nullptr;
  std::string name = {};  // of `policy`
};

// The run's agent: its mean or planned actions in simulation and, from latents, in its own dream. With `acting`, that policy
// acts in both, from observations, and nothing is planned. Throws UserError when the task or the decisions of another run
// are others. `against`, another run of that task and those decisions, is the rival.
EvaluationResult evaluate_run(const training::Run& run, const EvaluationOptions& options,
                              std::span<const Section> sections = all_sections(),
                              const ActingPolicy& acting = {}, const training::Run* against = nullptr);

// base::content_hash of the weights of the run's checkpoint; empty where they are not on disk.
std::string weights_hash(const training::Run& run);

}  // namespace reverie::evaluation
