#include "evaluation/report_point.h"

#include <nlohmann/json.hpp>
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

nlohmann::json read_report(const std::filesystem::path& path) {
  const auto report = nlohmann::json::parse(base::read_file(path), nullptr, /*allow_exceptions=*/false);
  if (!report.is_object() || !report.contains("sections") || !report.contains("schema"))
    base::throw_user_error("{}: expected a report.json of `reverie evaluate`", path.string());
  return report;
}

// The run as it was named; when it is not there, the one whose evaluation/ holds the report.
std::string run_of(const std::filesystem::path& path, const std::string& named) {
  if (training::is_run_directory(named)) return named;
  const std::filesystem::path around = std::filesystem::absolute(path).parent_path().parent_path();
  return training::is_run_directory(around) ? around.string() : named;
}

ReportPoint point_of(const std::filesystem::path& path, const nlohmann::json& report,
                     const nlohmann::json& start) {
  return {.id = start.at("id"),
          .run = run_of(path, report.at("run")),
          .checkpoint = report.at("checkpoint"),
          .acting = report.value("acting", std::string()),
          .think = report.at("think"),
          .weights_hash = report.at("weights_hash"),
          .seed = report.at("seed"),
          .episodes = report.at("episodes"),
          .place = {.set = start.at("set"),
                    .episode = start.at("episode"),
                    .step = start.at("step"),
                    .state = start.at("state")}};
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
  const nlohmann::json report = read_report(path);
  std::vector<std::string> known;
  try {
    for (const auto& [name, section] : report.at("sections").items()) {
      if (!section.contains("points")) continue;
      for (const auto& [points_name, points] : section.at("points").items()) {
        if (!points.contains("starts")) continue;
        for (const nlohmann::json& start : points.at("starts")) {
          if (start.at("id") == id) return point_of(path, report, start);
          known.push_back(start.at("id"));
        }
      }
    }
  } catch (const nlohmann::json::exception& error) {
    base::throw_user_error("{}: a point is damaged: {}", path.string(), error.what());
  }
  if (known.empty()) base::throw_user_error("{}: no point of it names its start", path.string());
  base::throw_user_error("{}: there is no point '{}'{}; there are {} from {} to {}", path.string(), id,
                         base::did_you_mean(id, known), known.size(), known.front(), known.back());
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
