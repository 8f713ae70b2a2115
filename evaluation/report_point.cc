#include "evaluation/report_point.h"

#include <optional>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "contract/pushed_policy.h"
#include "evaluation/run_subject.h"
#include "training/presets.h"
#include "training/run_directory.h"

namespace reverie::evaluation {
namespace {

template <typename T>
void append_bytes(std::string& bytes, std::span<const T> values) {
  const auto raw = std::as_bytes(values);
  bytes.append(reinterpret_cast<const char*>(raw.data()), raw.size());
}

// The run as it was named; when it is not there, the one whose evaluation/ holds the report.
std::string run_of(const std::filesystem::path& path, const std::string& named) {
  if (training::is_run_directory(named)) return named;
  const std::filesystem::path around = std::filesystem::absolute(path).parent_path().parent_path();
  return training::is_run_directory(around) ? around.string() : named;
}

std::vector<contract::Episode> record_again(const training::Run& run, const ReportPoint& point) {
  std::optional<training::Run> acting;
  if (!point.acting.empty()) acting = training::open_run_at(point.acting);
  const RunSubject made =
      make_run_subject(run, policies::parse_think(point.think), training::default_planner(run.config),
                       {.run = acting ? &*acting : nullptr});
  base::ThreadPool pool(static_cast<int>(run.config.sim_threads));
  const bool is_pushed = point.place.set == "pushed";
  const auto pushed = contract::pushed_policy(*made.subject.policy, run.task->spec());
  return record_episodes(
      run.task, is_pushed ? *pushed : *made.subject.policy,
      {.count = point.episodes,
       .seed = point.seed,
       .first_index = kEvaluationFirstIndex + (is_pushed ? static_cast<uint64_t>(point.episodes) : 0),
       .action_repeat = made.subject.action_repeat,
       .policy_name = made.subject.policy_name},
      pool);
}

// Row `step` alone.
contract::Episode one_row(const contract::Episode& episode, int64_t step, const contract::EnvSpec& spec) {
  contract::Episode row = contract::make_episode(spec, episode.seed, episode.index);
  const auto copy = [](auto& to, const auto& from) { to.assign(from.begin(), from.end()); };
  row.policy = episode.policy;
  copy(row.observations, episode.observation(step));
  copy(row.physics, episode.physics_state(step));
  copy(row.task_state, episode.task_row(step));
  copy(row.signals, episode.signal_row(step));
  row.randomisation = episode.randomisation;
  return row;
}

}  // namespace

std::string state_hash(const contract::Episode& episode, int64_t step) {
  std::string bytes;
  append_bytes(bytes, episode.physics_state(step));
  append_bytes(bytes, episode.task_row(step));
  append_bytes(bytes, episode.observation(step));
  return base::content_hash(bytes);
}

PointPlace place_of(const std::string& set, const contract::StartPoint& start) {
  return {.set = set,
          .episode = start.episode->index,
          .step = start.step,
          .state = state_hash(*start.episode, start.step)};
}

ReportPoint read_report_point(const std::filesystem::path& path, const std::string& id) {
  ReportPoint point = point_of_report(path, id);
  point.run = run_of(path, point.run);
  return point;
}

contract::Episode record_start(const training::Run& run, const ReportPoint& point) {
  if (const std::string hash = weights_hash(run); hash != point.weights_hash)
    base::throw_user_error("point {}: the weights of {} at {} have hash {}, those of the report {}", point.id,
                           run.path.string(), run.checkpoint, hash, point.weights_hash);
  for (const contract::Episode& episode : record_again(run, point)) {
    if (episode.index != point.place.episode) continue;
    if (point.place.step < 0 || point.place.step > episode.length() ||
        state_hash(episode, point.place.step) != point.place.state)
      base::throw_user_error(
          "point {}: step {} of episode {} is not the state of the report: another program or machine, or "
          "options "
          "of a planner, made it",
          point.id, point.place.step, point.place.episode);
    return one_row(episode, point.place.step, run.task->spec());
  }
  base::throw_user_error("point {}: there is no episode {} of set {}", point.id, point.place.episode,
                         point.place.set);
}

}  // namespace reverie::evaluation
