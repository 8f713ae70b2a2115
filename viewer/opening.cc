#include "viewer/opening.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/thread_pool.h"
#include "contract/episode_store.h"
#include "contract/scripted_policy.h"
#include "evaluation/curves/learning_curve.h"
#include "evaluation/observation_error.h"
#include "evaluation/rollout.h"
#include "policies/actor_policy.h"
#include "sim/simulated_world.h"
#include "sim/task/task_impl.h"
#include "training/run_directory.h"
#include "viewer/beside.h"
#include "viewer/model_world.h"
#include "viewer/task_parts.h"

namespace reverie::viewer {

namespace {

namespace fs = std::filesystem;

constexpr int kSpreadEpisodes = 4;     // simulated to know the standard deviation of every observation
constexpr size_t kMostEpisodes = 256;  // of a dataset that are held

// In the units of the report: standard deviations of what the policy does in simulation. The probe's own
// normalisation is of the training data, exploration included, which vary more.
std::vector<double> error_scale(const training::Run& run, const ViewOptions& view) {
  base::ThreadPool pool(1);
  const auto policy = policies::actor_policy(run.agent);
  const evaluation::RecordOptions options{.count = kSpreadEpisodes,
                                          .seed = view.seed,
                                          .action_repeat = run.agent->action_repeat(),
                                          .policy_name = "viewer",
                                          .stop = view.stop};
  std::vector<double> spread =
      evaluation::observation_spread(evaluation::record_episodes(run.task, *policy, options, pool));
  if (evaluation::varying_dimensions(spread) == 0)
    base::throw_user_error("view: no observation of {} varies in {} episodes, so that errors have no unit",
                           run.config.task, kSpreadEpisodes);
  return spread;
}

// Task, model and physics.
void play_task(Opened& opened, const std::shared_ptr<const sim::Task>& task) {
  opened.task = task;
  opened.model = {task, task->model()};
  opened.pool = std::make_shared<base::ThreadPool>(1);  // runs in the caller
  opened.parts.spec = task->spec();
  opened.parts.physics = sim::make_simulated_world(task, *opened.pool);
  add_task_parts(opened.parts, task, *opened.pool);
  opened.session.drive = task->drive();
}

void check_policy(const ViewOptions& options) {
  if (options.policy.empty() || contract::is_scripted(options.policy)) return;
  base::throw_user_error("view: policy '{}', expected one of {}", options.policy, contract::scripted_names());
}

// Lets the one act that the options name, or `usual`.
void choose_actor(Opened& opened, const ViewOptions& options, const std::string& usual) {
  const std::string& name = options.acts.empty() ? usual : options.acts;
  const int steps = opened.parts.dream ? opened.parts.dream->control_steps() : 1;
  SessionOptions& session = opened.session;
  session.actors = possible_actors(opened, opened.parts.spec, steps);
  const auto at = std::ranges::find(session.actors, name, &Actor::name);
  if (at == session.actors.end()) {
    std::vector<std::string> names;
    names.reserve(session.actors.size());
    for (const Actor& actor : session.actors) names.push_back(actor.name);
    base::throw_user_error("view: nobody called '{}' can act, expected one of {}", name,
                           fmt::join(names, ", "));
  }
  session.actor = static_cast<int>(at - session.actors.begin());
  PolicyPair acting = session.actors[static_cast<size_t>(session.actor)].make();
  opened.parts.policy = std::move(acting.policy);
  opened.parts.dream_policy = std::move(acting.dream_policy);
}

// Episodes of a directory of shards, at most kMostEpisodes. Throws UserError when there is none.
std::shared_ptr<const std::vector<contract::Episode>> read_dataset(const fs::path& path) {
  auto episodes = std::make_shared<std::vector<contract::Episode>>();
  for (const fs::path& shard : contract::episode_shards(path)) {
    for (contract::Episode& episode : contract::load_episodes(shard)) {
      if (episodes->size() < kMostEpisodes) episodes->push_back(std::move(episode));
    }
    if (episodes->size() >= kMostEpisodes) break;
  }
  if (episodes->empty()) base::throw_user_error("{}: no episode is in it", path.string());
  return episodes;
}

void start_from_dataset(Opened& opened, const fs::path& path) {
  opened.episodes = read_dataset(path);
  opened.parts.start = [episodes = opened.episodes](uint64_t index) {
    return (*episodes)[index % episodes->size()];
  };
  opened.session.subtitle +=
      fmt::format("  ·  {} recorded episodes of {}", opened.episodes->size(), path.filename().string());
}

// A dataset inside a run belongs to the run's task, whatever its parameters are.
std::shared_ptr<const sim::Task> task_of_dataset(const fs::path& path, const contract::Episode& episode) {
  const fs::path run = path.parent_path();
  if (training::is_run_directory(run)) return training::load_run_task(run, training::read_run_config(run));
  return sim::Task::load(episode.task);
}

void check_hash(const fs::path& path, const contract::Episode& episode, const contract::EnvSpec& spec) {
  if (episode.hash != spec.hash)
    base::throw_user_error("{}: recorded in task '{}' with hash {}, now it is {} of '{}'", path.string(),
                           episode.task, episode.hash, spec.hash, spec.task);
}

Opened open_dataset(const std::string& what, const ViewOptions& options) {
  const fs::path path = fs::path(what) / "";
  const fs::path directory = path.parent_path();
  const auto first = contract::load_episodes(contract::episode_shards(directory).front());
  if (first.empty()) base::throw_user_error("{}: no episode is in it", what);
  Opened opened = opened_task(task_of_dataset(fs::absolute(directory), first.front()), options);
  check_hash(directory, first.front(), opened.parts.spec);
  opened.session.subtitle = "physics under the recorded actions";
  start_from_dataset(opened, directory);
  choose_actor(opened, options, "recorded");
  return opened;
}

Opened open_run_of(const std::string& what, const ViewOptions& options) {
  return opened_run(run_named(what, options), options);
}

Opened open_model(const std::string& what, const ViewOptions& options) {
  check_policy(options);
  Opened opened;
  opened.model = std::shared_ptr<const mjModel>(sim::load_model(what));
  opened.parts.spec = model_spec(opened.model.get(), what);
  add_model_parts(opened.parts, opened.model);
  opened.parts.scale.assign(static_cast<size_t>(opened.parts.spec.observation_dim), 1.0);
  opened.session.title = fs::path(what).filename().string();
  opened.session.subtitle =
      fmt::format("a model without a task: {} controls, {} joints", opened.model->nu, opened.model->njnt);
  choose_actor(opened, options, options.policy.empty() ? "zero" : options.policy);
  return opened;
}

Opened open_task(const std::string& what, const ViewOptions& options) {
  return opened_task(sim::Task::load(what), options);
}

bool is_run(const std::string& what) {
  const fs::path path = training::split_run_name(what).run;
  return fs::is_directory(path) && training::is_run_directory(path);
}
bool is_dataset(const std::string& what) {
  return fs::is_directory(what) && !contract::episode_shards(what).empty();
}
bool is_model(const std::string& what) {
  const std::string ending = fs::path(what).extension().string();
  return ending == ".xml" || ending == ".mjcf" || ending == ".urdf" || ending == ".mjz";
}
bool is_task(const std::string& what) { return !fs::is_directory(what); }

struct Opener {
  const char* name;
  bool (*takes)(const std::string& what);
  Opened (*open)(const std::string& what, const ViewOptions& options);
};

constexpr std::array kOpeners{
    Opener{"a run directory", is_run, open_run_of},
    Opener{"a dataset: a directory of episode shards", is_dataset, open_dataset},
    Opener{"a model file (.xml, .mjcf, .urdf, .mjz) without a task", is_model, open_model},
    Opener{"a task: its id or its .toml file", is_task, open_task},
};

}  // namespace

training::Run run_named(const std::string& what, const ViewOptions& options) {
  const training::RunName name = training::split_run_name(what);
  const bool said = what.find('@') != std::string::npos && !fs::exists(what);
  return training::open_run(name.run, said ? name.checkpoint : options.checkpoint, options.device);
}

std::string command_of(const Opened& opened, const ViewerContext& context, const ViewOptions& options) {
  const auto quoted = [](const std::string& word) {
    const bool plain = word.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                           "-_./@=+:") == std::string::npos;
    return plain && !word.empty() ? word : "'" + word + "'";
  };
  std::string text = "reverie view " + quoted(opened.run ? opened.run->path.string() : opened.what);
  for (const training::Run& run : opened.beside)
    text += " " + quoted(run.path.string() + "@" + run.checkpoint);
  if (!options.data.empty()) text += " " + quoted(options.data.string());
  text += fmt::format(" seed={}", options.seed);
  if (opened.run) text += " --checkpoint " + opened.run->checkpoint;
  if (!context.actors.empty())
    text += " --acts " + quoted(context.actors[static_cast<size_t>(context.actor)].name);
  const TwinView& twin = context.twin;
  text += fmt::format(" --episode {} --step {} --speed {}", twin.episode(),
                      twin.steps() * twin.control_steps(), context.playback.speed);
  if (twin.anchor_every() > 0) text += fmt::format(" --anchor-every {}", twin.anchor_every());
  return text;
}

std::string run_subtitle(const training::Run& run) {
  return fmt::format("{}  ·  checkpoint {}, {} control steps of training", run.path.filename().string(),
                     run.checkpoint, run.env_steps);
}

Checkpoints checkpoints_of(const training::Run& run) {
  Checkpoints checkpoints;
  if (!fs::is_directory(run.path / "checkpoints")) return checkpoints;
  checkpoints.names = training::list_checkpoints(run.path);
  const auto at = std::ranges::find(checkpoints.names, run.checkpoint);
  if (at != checkpoints.names.end()) checkpoints.shown = static_cast<int>(at - checkpoints.names.begin());
  checkpoints.live = training::is_locked(run.path);
  checkpoints.follow = checkpoints.live && checkpoints.shown + 1 == std::ssize(checkpoints.names);
  return checkpoints;
}

std::vector<Actor> possible_actors(const Opened& opened, const contract::EnvSpec& spec, int control_steps) {
  std::vector<Actor> actors;
  if (opened.episodes) actors.push_back(recorded_actor(opened.episodes, control_steps));
  if (opened.run) std::ranges::move(run_actors(*opened.run), std::back_inserter(actors));
  std::ranges::move(actors_beside(opened), std::back_inserter(actors));
  std::ranges::move(scripted_actors(spec), std::back_inserter(actors));
  return actors;
}

Opened opened_run(const training::Run& run, const ViewOptions& options) {
  Opened opened;
  opened.what = run.path.string();
  opened.run = run;
  play_task(opened, run.task);
  TwinParts& parts = opened.parts;
  parts.dream = run.agent->imagined_world();
  add_fan_dream(parts.fan, run.agent);
  add_ghost_force(parts, run.task);
  parts.seed = options.seed;
  parts.start = options.start ? fixed_start(options.start) : fresh_starts(run.task, options.seed);
  parts.scale = error_scale(run, options);
  SessionOptions& session = opened.session;
  session.title = run.config.task;
  session.subtitle = run_subtitle(run);
  session.learning = evaluation::read_learning_curve(run.path);
  session.checkpoint_step = run.env_steps;
  session.checkpoints = checkpoints_of(run);
  add_runs_beside(opened, options);
  session.dreams = run_names(opened);
  if (!options.data.empty()) {
    start_from_dataset(opened, options.data);
    check_hash(options.data, opened.episodes->front(), parts.spec);
  }
  choose_actor(opened, options, options.data.empty() ? actor_name(options.think) : "recorded");
  return opened;
}

Opened opened_task(const std::shared_ptr<const sim::Task>& task, const ViewOptions& options) {
  check_policy(options);
  Opened opened;
  play_task(opened, task);
  opened.what = task->spec().task;
  TwinParts& parts = opened.parts;
  parts.seed = options.seed;
  parts.start = fresh_starts(task, options.seed);
  parts.scale.assign(static_cast<size_t>(parts.spec.observation_dim), 1.0);
  opened.session.title = task->spec().task;
  opened.session.subtitle = "no model of it is open";
  choose_actor(opened, options, options.policy.empty() ? "random" : options.policy);
  return opened;
}

Opened opened_nothing() {
  Opened opened;
  const sim::SpecPtr spec(mj_makeSpec());
  opened.model = std::shared_ptr<const mjModel>(sim::ModelPtr(mj_compile(spec.get(), nullptr)));
  opened.parts.spec = model_spec(opened.model.get(), "");
  add_model_parts(opened.parts, opened.model);
  opened.session.title = "Reverie";
  opened.session.subtitle = "nothing is open";
  choose_actor(opened, {}, "zero");
  return opened;
}

std::vector<std::string> what_can_be_opened() {
  std::vector<std::string> names;
  names.reserve(std::size(kOpeners));
  for (const Opener& opener : kOpeners) names.emplace_back(opener.name);
  return names;
}

Opened open(const std::string& what, const ViewOptions& options) {
  if (what.empty()) return opened_nothing();
  for (const Opener& opener : kOpeners) {
    if (!opener.takes(what)) continue;
    Opened opened = opener.open(what, options);
    opened.what = what;
    return opened;
  }
  std::string list;
  for (const Opener& opener : kOpeners) list += std::string(list.empty() ? "" : "; ") + opener.name;
  base::throw_user_error("{}: not a run directory, and no episodes are in it; expected {}", what, list);
}

std::vector<fs::path> files_behind(const std::string& what) {
  if (what.empty() || fs::is_directory(what) || is_run(what)) return {};
  const auto with_includes = [](const fs::path& model, std::vector<fs::path>& files) {
    const sim::ModelFiles opened(model);
    try {
      sim::parse_mjcf(model, opened);
    } catch (const std::exception&) {  // those that it got to count
    }
    files.push_back(fs::absolute(model));
    std::ranges::copy(opened.opened(), std::back_inserter(files));
  };
  std::vector<fs::path> files;
  if (is_model(what)) {
    with_includes(what, files);
  } else {
    try {
      const sim::TaskSource source = sim::read_task_source(what, {});
      with_includes(source.model_path, files);
    } catch (const std::exception&) {
    }
    if (fs::path(what.substr(0, what.find('#'))).extension() == ".toml")
      files.emplace_back(fs::absolute(what.substr(0, what.find('#'))));
  }
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace reverie::viewer
