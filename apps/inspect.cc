// reverie inspect: what a task, an MJCF, a run or a dataset is.
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "base/files.h"
#include "contract/divergence.h"
#include "contract/episode_store.h"
#include "sim/inspect/first_task.h"
#include "sim/inspect/inspect.h"
#include "sim/model_format.h"
#include "training/metrics.h"
#include "training/presets.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

nlohmann::json run_facts(const fs::path& path) {
  const training::TrainConfig config = training::read_run_config(path);
  nlohmann::json facts{{"run", path.string()},
                       {"task", config.task},
                       {"seed", config.seed},
                       {"env_steps", config.env_steps},
                       {"checkpoints", training::list_checkpoints(path)}};
  for (const training::MetricRow& row : training::read_metrics(path))
    if (row.values.contains("eval/return")) facts["eval/return"] = row.values.at("eval/return");
  return facts;
}

// Range and mean of numbers that are seen one by one.
struct Spread {
  double low = 0.0, high = 0.0, sum = 0.0;
  int64_t count = 0;
  void add(double value) {
    low = count == 0 ? value : std::min(low, value);
    high = count == 0 ? value : std::max(high, value);
    sum += value;
    ++count;
  }
  double mean() const { return sum / static_cast<double>(count); }
};

// What is told about a dataset, from one episode after the other.
struct DatasetFacts {
  nlohmann::json first;  // task and sizes of the first episode
  contract::Divergence divergence;
  int64_t steps = 0;
  Spread returns;
  std::map<std::string, Spread> policies, signals, reward_terms;  // returns, all rows, sums of an episode

  void add(const contract::Episode& episode) {
    if (first.is_null()) {
      first = {{"task", episode.task},
               {"observation_dim", episode.observation_dim},
               {"action_dim", episode.action_dim},
               {"physics_dim", episode.physics_dim}};
    }
    divergence.add(episode);
    steps += episode.length();
    returns.add(episode.return_sum());
    policies[episode.policy].add(episode.return_sum());
    const size_t width = episode.signal_names.size();
    for (size_t k = 0; k < width; ++k) {
      Spread& signal = signals[episode.signal_names[k]];
      for (size_t at = k; at < episode.signals.size(); at += width) signal.add(episode.signals[at]);
    }
    for (size_t r = 0; r < episode.reward_term_names.size(); ++r)
      reward_terms[episode.reward_term_names[r]].add(episode.reward_term_sum(r));
  }
};

nlohmann::json dataset_facts(const fs::path& path) {
  DatasetFacts facts;
  for (const fs::path& shard : contract::episode_shards(path)) {
    for (const contract::Episode& episode : contract::load_episodes(shard)) facts.add(episode);
  }
  if (facts.divergence.episodes == 0) {
    base::throw_user_error(
        "{}: neither a run directory (config.toml) nor a dataset (shard-000000.safetensors)", path.string());
  }
  nlohmann::json policies, signals = nlohmann::json::object(), terms = nlohmann::json::object();
  for (const auto& [name, s] : facts.policies)
    policies[name] = {{"episodes", s.count}, {"mean_return", s.mean()}};
  for (const auto& [name, s] : facts.signals)
    signals[name] = {{"min", s.low}, {"mean", s.mean()}, {"max", s.high}};
  for (const auto& [name, s] : facts.reward_terms) terms[name] = s.mean();
  nlohmann::json told{{"dataset", path.string()},
                      {"policies", policies},
                      {"episodes", facts.divergence.episodes},
                      {"control_steps", facts.steps},
                      {"mean_return", facts.returns.mean()},
                      {"diverged", facts.divergence.diverged},
                      {"divergence", facts.divergence.first},
                      {"signals", signals},
                      {"reward_terms", terms}};
  told.update(facts.first);
  return told;
}

void print_start(const sim::ModelFacts& facts, const fs::path& out) {
  if (facts.start_key >= 0) {
    fmt::print("{}: starts in {}{}\n", out.string(), sim::keyframe_label(facts, facts.start_key),
               facts.keyframes.size() == 1 ? "" : fmt::format(" of {}", facts.keyframes.size()));
  }
  if (!facts.start_outside.empty()) {
    fmt::print("{}: outside their range: {}; the random start brings them inside\n", out.string(),
               fmt::join(facts.start_outside, ", "));
  }
}

void print_trial(const sim::FirstTask& first, const sim::ModelFacts& facts, const fs::path& out) {
  const sim::RandomRuns& before = first.before;
  if (before.diverged > 0) {
    const std::string found = fmt::format("random controls diverge in {} of {} runs of {:g} s ({})",
                                          before.diverged, before.runs, before.seconds, before.warning);
    if (!first.works()) {
      spdlog::warn("{}: {}; no settings were found that help: the task will diverge", out.string(), found);
      return;
    }
    spdlog::warn("{}: {}; smaller settings were found", out.string(), found);
  }
  const sim::FirstTaskSettings& s = first.settings;
  if (s.timestep > 0.0 || s.controls < 1.0 || s.noise < 1.0) {
    fmt::print(
        "{}: physics step {:.4g} s, {:g} of the control range, {:g} of the random start: with more, random "
        "controls "
        "make the state non-finite\n",
        out.string(), s.timestep > 0.0 ? s.timestep : facts.timestep, s.controls, s.noise);
  }
}

// A task file for a bare MJCF, beside nothing that is there already.
int init_task(const sim::ModelFacts& facts, const fs::path& mjcf, fs::path out) {
  if (out.empty()) out = mjcf.stem().string() + ".toml";
  if (fs::exists(out))
    base::throw_user_error("{}: already there; choose another name with --out", out.string());
  // Through links, which a ".." of the text would not go back.
  const fs::path folder = fs::weakly_canonical(fs::absolute(out).parent_path());
  const fs::path model = fs::weakly_canonical(fs::absolute(mjcf).parent_path()) / mjcf.filename();
  const std::string reference = model.lexically_proximate(folder).string();
  const sim::FirstTask first = sim::write_first_task(facts, mjcf.stem().string(), reference, out);
  print_start(facts, out);
  print_trial(first, facts, out);
  const std::string name = out.string().starts_with('-') ? "./" + out.string() : out.string();
  if (sim::has_actions(facts)) {
    fmt::print("{}: try it: reverie train --task {} env_steps=5000 random_steps=1000\n", out.string(),
               shell_word(name));
  } else {
    fmt::print(
        "{}: nothing here can be driven, so nothing can be trained: no actuators, and no named hinge or "
        "slide for one\n",
        out.string());
  }
  return kDone;
}

void print(const nlohmann::json& facts, const std::string& text, bool json) {
  if (json) {
    fmt::print("{}\n", facts.dump());
  } else if (!text.empty()) {
    fmt::print("{}", text);
  } else {
    for (const auto& [name, value] : facts.items()) {
      fmt::print("{:<16} {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

// Every word is of some use. `of_task`: a task is inspected, which alone has parameters.
void check_words(const Words& words, bool init, const std::string& out, bool of_task) {
  if (!init && !out.empty()) base::throw_user_error("--out: only with --init, which writes a task file");
  if (!of_task && !words.settings.empty())
    base::throw_user_error("'{}': only a task has parameters", words.settings.front());
}

int inspect_command(const std::vector<std::string>& words, bool init, const std::string& out, bool json) {
  const Words sorted = sort_words(words, 1, "a task, an MJCF, a run directory or a dataset");
  if (sorted.paths.empty()) base::throw_user_error("expected a task, an MJCF, a run directory or a dataset");
  const fs::path path = sorted.paths.front();
  const bool of_model = sim::names_model(path);
  check_words(sorted, init, out, !of_model && !fs::is_directory(path));
  if (of_model) {
    const sim::ModelFacts facts = sim::inspect_model(path);
    if (init) return init_task(facts, path, out);
    print(sim::to_json(facts), sim::to_text(facts), json);
  } else if (init) {
    base::throw_user_error("{}: --init needs a model (MJCF or URDF)", path.string());
  } else if (fs::is_directory(path)) {
    print(training::is_run_directory(path) ? run_facts(path) : dataset_facts(path), "", json);
  } else {
    const auto task = sim::Task::load(path.string(), sorted.settings);
    training::check_task_settings(*task);
    print(sim::task_to_json(*task), sim::describe_task(*task), json);
  }
  return kDone;
}

}  // namespace

void add_inspect(CommandLine& line, Shell& shell) {
  Command command = line.add("inspect", "what a task, an MJCF, a run or a dataset is");
  auto words = std::make_shared<std::vector<std::string>>();
  auto init = std::make_shared<bool>(false);
  auto out = std::make_shared<std::string>();
  command.option("words", words.get(), "TASK|MJCF|RUN|DATASET [params.x=value ...]");
  command.option("--init", init.get(), "write a commented task file for an MJCF that runs at once");
  command.option("--out", out.get(), "its name (default: the MJCF's with .toml, in the working directory)");
  command.footer(
      "Examples:\n"
      "  reverie inspect dmc/reacher-easy\n"
      "  reverie inspect runs/demo-seed1\n"
      "  reverie inspect robot.xml --init");
  command.action([&shell, words, init, out] { return inspect_command(*words, *init, *out, shell.json); });
}

}  // namespace reverie::apps
