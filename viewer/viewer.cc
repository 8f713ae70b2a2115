#include "viewer/viewer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/thread_pool.h"
#include "contract/scripted_policy.h"
#include "evaluation/curves/learning_curve.h"
#include "evaluation/observation_error.h"
#include "evaluation/rollout.h"
#include "policies/actor_policy.h"
#include "policies/planner_policy.h"
#include "sim/env.h"
#include "sim/simulated_world.h"
#include "training/presets.h"
#include "viewer/headless.h"
#include "viewer/session.h"
#include "viewer/task_parts.h"

namespace reverie::viewer {

namespace {

constexpr int kSpreadEpisodes = 4;  // simulated to know the standard deviation of every observation

bool headless(const ViewOptions& options) {
  return options.headless || !options.screenshot.empty() || !options.video.empty() || !options.script.empty();
}

void check(const ViewOptions& options) {
  if (options.headless && options.screenshot.empty() && options.video.empty() && options.script.empty()) {
    base::throw_user_error(
        "view --headless writes nothing: give --screenshot FILE.png, --video FILE.mp4 or --script FILE");
  }
  if (options.width < 320 || options.height < 240 || options.width > 7680 || options.height > 4320) {
    base::throw_user_error("view: the size must be from 320 x 240 to 7680 x 4320 pixels, found {} x {}",
                           options.width, options.height);
  }
  if (!(options.seconds >= 0) || options.seconds > 3600) {
    base::throw_user_error("view: seconds must be from 0 to 3600, found {}", options.seconds);
  }
  if (!(options.speed >= kSlowest && options.speed <= kFastest)) {
    base::throw_user_error("view: speed must be from {} to {}, found {}", kSlowest, kFastest, options.speed);
  }
  if (options.anchor_every < 0) {
    base::throw_user_error("view: anchor-every counts control steps, 0 for never; found {}",
                           options.anchor_every);
  }
  for (const auto& path : {options.screenshot, options.video}) {
    if (!path.parent_path().empty() && !std::filesystem::is_directory(path.parent_path())) {
      base::throw_user_error("{}: directory {} does not exist", path.string(), path.parent_path().string());
    }
  }
}

// In the units of the report: standard deviations of what the policy does in simulation. The probe's own
// normalisation is of the training data, exploration included, which vary more.
std::vector<double> error_scale(const training::Run& run, contract::Policy& policy, const ViewOptions& view,
                                base::ThreadPool& pool) {
  const evaluation::RecordOptions options{.count = kSpreadEpisodes,
                                          .seed = view.seed,
                                          .action_repeat = run.agent->action_repeat(),
                                          .policy_name = "viewer",
                                          .stop = view.stop};
  const std::vector<double> spread =
      evaluation::observation_spread(evaluation::record_episodes(run.task, policy, options, pool));
  if (evaluation::varying_dimensions(spread) == 0)
    base::throw_user_error("view: no observation of {} varies in {} episodes, so that errors have no unit",
                           run.config.task, kSpreadEpisodes);
  return spread;
}

void show_window(Twin& twin, const mjModel_* model, const SessionOptions& session_options,
                 const ViewOptions& options) {
  const std::string title = "Reverie: " + session_options.title;
  const auto surface = make_window_surface(options.width, options.height, title.c_str());
  SessionOptions in_window = session_options;
  in_window.pace = Pace::kRealTime;
  Session session(*surface, twin, model, in_window);
  while (session.frame()) base::check_stop(options.stop);
}

void view(TwinParts parts, const mjModel_* model, SessionOptions session_options,
          const ViewOptions& options) {
  Twin twin(std::move(parts));
  twin.anchor_every = options.anchor_every;
  session_options.speed = options.speed;
  if (headless(options)) {
    write_files(twin, model, session_options, options);
  } else {
    show_window(twin, model, session_options, options);
  }
}

}  // namespace

std::function<contract::Episode(uint64_t)> fresh_starts(const std::shared_ptr<const sim::Task>& task,
                                                        uint64_t seed) {
  auto env = std::make_shared<sim::Env>(task);
  return [env, seed](uint64_t index) {
    const contract::EnvSpec& spec = env->spec();
    contract::Episode episode = contract::make_episode(spec, seed, evaluation::kEvaluationFirstIndex + index);
    env->reset(seed, episode.index);
    episode.observations.resize(static_cast<size_t>(spec.observation_dim));
    std::ranges::transform(env->observation(), episode.observations.begin(),
                           [](double value) { return static_cast<float>(value); });
    episode.signals.assign(env->signals().begin(), env->signals().end());
    episode.physics.resize(static_cast<size_t>(spec.physics_dim));
    env->copy_physics_state(episode.physics);
    episode.task_state.resize(static_cast<size_t>(spec.task_dim));
    env->copy_task_state(episode.task_state);
    return episode;
  };
}

std::function<contract::Episode(uint64_t)> fixed_start(std::shared_ptr<const contract::Episode> row) {
  return [row = std::move(row)](uint64_t) { return *row; };
}

void view_run(const training::Run& run, const ViewOptions& options) {
  check(options);
  base::ThreadPool pool(1);
  const std::shared_ptr<policies::Agent> agent = run.agent;
  TwinParts parts;
  parts.spec = run.task->spec();
  parts.physics = sim::make_simulated_world(run.task, pool);
  parts.dream = agent->imagined_world();
  parts.policy = policies::actor_policy(agent);
  parts.dream_policy = policies::actor_policy(agent);
  parts.seed = options.seed;
  parts.start = options.start ? fixed_start(options.start) : fresh_starts(run.task, options.seed);
  add_task_parts(parts, run.task, pool);
  add_fan_dream(parts.fan, agent);
  parts.scale = error_scale(run, *parts.policy, options, pool);
  if (options.think != policies::Think::kActor) {
    const policies::Planner planner(agent, options.think, training::default_planner(run.config),
                                    run.config.learner.discount);
    parts.policy = std::make_unique<policies::PlannerPolicy>(planner);
    parts.dream_policy = std::make_unique<policies::PlannerPolicy>(planner);
  }
  SessionOptions session;
  session.title = run.config.task;
  session.subtitle = fmt::format("{}  ·  checkpoint {}, {} control steps of training",
                                 run.path.filename().string(), run.checkpoint, run.env_steps);
  session.drive = run.task->drive();
  session.learning = evaluation::read_learning_curve(run.path);
  session.checkpoint_step = run.env_steps;
  view(std::move(parts), run.task->model(), std::move(session), options);
}

void view_task(const std::shared_ptr<const sim::Task>& task, const ViewOptions& options) {
  check(options);
  if (!contract::is_scripted(options.policy)) {
    base::throw_user_error("view: policy '{}', expected one of {}", options.policy,
                           contract::scripted_names());
  }
  base::ThreadPool pool(1);
  TwinParts parts;
  parts.spec = task->spec();
  parts.physics = sim::make_simulated_world(task, pool);
  parts.policy = contract::scripted_policy(options.policy, parts.spec, contract::Stream::kEvaluation);
  parts.seed = options.seed;
  parts.start = fresh_starts(task, options.seed);
  add_task_parts(parts, task, pool);
  parts.scale.assign(static_cast<size_t>(parts.spec.observation_dim), 1.0);
  SessionOptions session;
  session.drive = task->drive();
  session.title = task->spec().task;
  session.subtitle = fmt::format("{} policy, no model", options.policy);
  view(std::move(parts), task->model(), std::move(session), options);
}

}  // namespace reverie::viewer
