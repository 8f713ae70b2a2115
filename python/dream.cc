#include "python/dream.h"

#include <utility>

#include "base/error.h"
#include "contract/episode_store.h"
#include "python/arrays.h"
#include "python/check_actions.h"
#include "python/run.h"

namespace nb = nanobind;

namespace reverie::python {
namespace {

std::vector<contract::StartPoint> start_points(const training::Run& run,
                                               const std::vector<contract::Episode>& episodes,
                                               int64_t every) {
  std::vector<contract::StartPoint> starts;
  for (const contract::Episode& episode : episodes) {
    if (episode.hash != run.task->spec().hash)
      base::throw_user_error("starts: episode {} is of {} (hash {}), the run of {} (hash {})", episode.index,
                             episode.task, episode.hash, run.task->spec().task, run.task->spec().hash);
    const int64_t last = every == 0 ? 0 : episode.length() - run.agent->action_repeat();
    for (int64_t step = 0; step <= last; step += every) {
      starts.push_back({&episode, step});
      if (every == 0) break;
    }
  }
  return starts;
}

}  // namespace

Dream::Dream(const training::Run& run, std::vector<contract::Episode> episodes, int64_t every, int count,
             int64_t horizon)
    : agent_(run.agent),
      episodes_(std::move(episodes)),
      rows_(agent_->imagined_world(), agent_->imagined_world(), start_points(run, episodes_, every), count,
            horizon, agent_->spec().has_termination) {}

void Dream::reset(uint64_t seed, uint64_t first_index) {
  const Owner::Hold hold(owner_, "this dream");
  rows_.reset(seed, first_index);
}

bool Dream::step(std::span<const float> actions) {
  const Owner::Hold hold(owner_, "this dream");
  check_actions(spec(), actions);
  return rows_.step(actions);
}

void add_dream(nb::module_& module) {
  nb::class_<Dream>(module, "Dream")
      .def(
          "__init__",
          [](Dream* self, const OpenRun& run, const std::filesystem::path& episodes, int64_t every, int count,
             int64_t horizon) {
            const nb::gil_scoped_release released;
            new (self) Dream(run.run, contract::load_episode_directory(episodes), every, count, horizon);
          },
          nb::arg("run"), nb::arg("episodes"), nb::arg("every"), nb::arg("count"), nb::arg("horizon"))
      .def("reset", &Dream::reset, nb::arg("seed"), nb::arg("first_index"),
           nb::call_guard<nb::gil_scoped_release>())
      .def(
          "step",
          [](Dream& dream, const FloatRows& actions) {
            const std::span<const float> values = numbers(actions);
            const nb::gil_scoped_release released;
            return dream.step(values);
          },
          nb::arg("actions"))
      .def("views", [](nb::handle self) {
        const Dream& dream = nb::cast<const Dream&>(self);
        const contract::WorldEpisodes& rows = dream.rows();
        const auto n = static_cast<size_t>(rows.size()),
                   o = static_cast<size_t>(dream.spec().observation_dim);
        nb::dict views;
        views["observations"] = view<float>(rows.observations(), {n, o}, self);
        views["final_observations"] = view<float>(rows.final_observations(), {n, o}, self);
        views["rewards"] = view<float>(rows.rewards(), {n}, self);
        views["uncertainty"] = view<float>(rows.uncertainty(), {n}, self);
        views["terminated"] = view<uint8_t>(rows.terminated(), {n}, self);
        views["truncated"] = view<uint8_t>(rows.truncated(), {n}, self);
        views["episode_indices"] = view<uint64_t>(rows.episode_indices(), {n}, self);
        views["steps"] = view<int64_t>(rows.decisions(), {n}, self);
        return views;
      });
}

}  // namespace reverie::python
