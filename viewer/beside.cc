#include "viewer/beside.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "policies/actor_policy.h"

namespace reverie::viewer {

namespace {

// One start and one action must mean the same in both.
void check_alike(const training::Run& first, const training::Run& other) {
  const contract::EnvSpec &a = first.task->spec(), &b = other.task->spec();
  const std::string path = other.path.string(), first_path = first.path.string();
  if (a.hash != b.hash) {
    const bool same_name = a.task == b.task;
    base::throw_user_error(
        "{}: a run of {}{}, and {} is one of {}{}; runs beside each other are of one task with one "
        "observation",
        path, b.task, same_name ? " with hash " + b.hash : "", first_path, a.task,
        same_name ? " with hash " + a.hash : "");
  }
  const int mine = first.agent->action_repeat(), its = other.agent->action_repeat();
  if (mine != its)
    base::throw_user_error(
        "{}: takes a decision every {} control steps, and {} every {}; runs beside each other have one "
        "action_repeat",
        path, its, first_path, mine);
}

}  // namespace

void add_runs_beside(Opened& opened, const ViewOptions& options) {
  if (options.beside.size() >= kMostRuns)
    base::throw_user_error("view: {} runs, expected at most {} beside each other", options.beside.size() + 1,
                           kMostRuns);
  if (!opened.run) return;
  const training::Run& first = *opened.run;
  for (const std::string& name : options.beside) {
    training::Run run = run_named(name, options);
    check_alike(first, run);
    opened.parts.others.push_back(run.agent->imagined_world());
    opened.beside.push_back(std::move(run));
  }
}

std::vector<std::string> run_names(const Opened& opened) {
  std::vector<const training::Run*> runs;
  if (opened.run) runs.push_back(&*opened.run);
  for (const training::Run& run : opened.beside) runs.push_back(&run);
  std::vector<std::string> names;
  for (const training::Run* run : runs) {
    const auto same_name = [&](const training::Run* one) {
      return one->path.filename() == run->path.filename();
    };
    names.push_back(run->path.filename().string());
    if (std::ranges::count_if(runs, same_name) > 1) names.back() += "@" + run->checkpoint;
  }
  return names;
}

std::vector<Actor> actors_beside(const Opened& opened) {
  std::vector<Actor> actors;
  const std::vector<std::string> names = run_names(opened);
  for (size_t i = 0; i < opened.beside.size(); ++i) {
    actors.push_back({names[i + 1] + ": actor", [agent = opened.beside[i].agent]() -> PolicyPair {
                        return {policies::actor_policy(agent), nullptr};
                      }});
  }
  return actors;
}

}  // namespace reverie::viewer
