// Tries a first task under random actions, and makes it smaller until its physics holds.
#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "contract/rng.h"
#include "sim/env.h"
#include "sim/inspect/first_task.h"
#include "sim/task/task_impl.h"

namespace reverie::sim {
namespace {

constexpr double kSeconds = 10.0;
constexpr double kMostSteps = 4e6;  // physics steps of a run times its degrees of freedom
constexpr double kAllSteps = 1e6;   // of all runs, unless the first one takes more
constexpr int kMostRuns = 8;

// One run; false when the state did not stay finite.
bool run_once(Env& env, uint64_t index, int64_t steps, std::string& warning) {
  const contract::EnvSpec& spec = env.spec();
  std::vector<float> action(static_cast<size_t>(spec.action_dim));
  take_warnings();
  try {
    env.reset(0, index);
    for (int64_t t = 0; t < steps; ++t) {
      contract::Rng rng(0, index, contract::Stream::kPolicy, static_cast<uint64_t>(t));
      for (size_t k = 0; k < action.size(); ++k)
        action[k] = static_cast<float>(rng.uniform(spec.action_low[k], spec.action_high[k]));
      if (!env.step(action).diverged) continue;
      const std::vector<std::string> said = take_warnings();
      warning = said.empty() ? "the state or the reward is not finite" : said.front();
      return false;
    }
  } catch (const std::exception& error) {
    warning = error.what();
    return false;
  }
  return true;
}

// From the suggested settings to ever smaller ones.
std::vector<FirstTaskSettings> ladder(const FirstTaskSettings& first, const ModelFacts& facts) {
  std::vector<FirstTaskSettings> out = {first};
  if (facts.suggested_timestep == 0.0) return out;  // inspect_model found already that nothing helps
  const double whole = first.timestep > 0.0 ? first.timestep : facts.timestep;
  for (const double noise : {0.1, 0.0}) out.push_back({first.timestep, first.controls, noise});
  for (const double part : {0.5, 0.25, 0.125, 0.0625}) out.push_back({whole * part, first.controls, 1.0});
  out.push_back({whole / 16, first.controls * 0.1, 1.0});
  out.push_back({whole / 16, first.controls * 0.1, 0.0});
  return out;
}

std::string unstable_comment(const RandomRuns& runs) {
  std::string warning = runs.warning;
  std::ranges::replace(warning, '\n', ' ');
  return fmt::format(
      "# Careful: no settings were found under which this model's physics stays finite. With these, random\n"
      "# controls diverge in {} of {} runs of {:g} s ({}).\n",
      runs.diverged, runs.runs, runs.seconds, warning);
}

}  // namespace

RandomRuns run_at_random(const std::filesystem::path& task_file) {
  const auto task = Task::load(task_file.string());
  const mjModel* m = task->model();
  const double per_step = static_cast<double>(task->impl().substeps * std::max(m->nv, decltype(m->nv){1}));
  const double steps = std::ceil(std::min(kSeconds / task->spec().control_dt - 1e-6, kMostSteps / per_step));
  const double count = std::clamp(kAllSteps / (steps * per_step), 1.0, static_cast<double>(kMostRuns));
  RandomRuns out;
  out.runs = static_cast<int>(count);
  out.seconds = steps * task->spec().control_dt;
  Env env(task);
  for (int run = 0; run < out.runs; ++run) {
    std::string warning;
    if (run_once(env, static_cast<uint64_t>(run), static_cast<int64_t>(steps), warning)) continue;
    if (out.diverged++ == 0) out.warning = warning;
  }
  return out;
}

FirstTask write_first_task(const ModelFacts& facts, const std::string& id, const std::string& model_reference,
                           const std::filesystem::path& out) {
  FirstTask first;
  first.settings = suggested_settings(facts);
  try {
    for (const FirstTaskSettings& settings : ladder(first.settings, facts)) {
      base::write_file_atomic(out, first_task_text(facts, id, model_reference, settings));
      const RandomRuns runs = run_at_random(out);
      if (first.before.runs == 0) first.before = runs;
      first.after = runs;
      if (!first.works()) continue;
      first.settings = settings;
      return first;
    }
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(out, ignored);
    throw;
  }
  first.after = first.before;
  base::write_file_atomic(
      out, unstable_comment(first.after) + first_task_text(facts, id, model_reference, first.settings));
  return first;
}

}  // namespace reverie::sim
