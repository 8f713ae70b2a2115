#include "python/episodes.h"

#include <fmt/format.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "contract/episode.h"
#include "contract/episode_store.h"
#include "python/arrays.h"
#include "sim/task/task.h"

namespace nb = nanobind;

namespace reverie::python {
namespace {

using contract::Episode;

// A property that shows a flat member as rows: `rows` of them more than the episode has steps.
template <typename T>
auto rows_of(std::vector<T> Episode::*member, size_t more) {
  return [member, more](nb::handle self) {
    const Episode& episode = nb::cast<const Episode&>(self);
    const std::vector<T>& values = episode.*member;
    const size_t rows = static_cast<size_t>(episode.length()) + more;
    return view<T>(values, {rows, rows == 0 ? 0 : values.size() / rows}, self);
  };
}

// One file, or all shards of a directory or of a run.
std::vector<Episode> load(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path)) return contract::load_episodes(path);
  if (std::filesystem::exists(path / "config.toml"))
    return contract::load_episode_directory(path / "episodes");
  return contract::load_episode_directory(path);
}

template <typename T, typename Array>
void fill(std::vector<T>& to, const Array& from) {
  to.assign(from.data(), from.data() + from.size());
}

// An episode of others: their positions and velocities stand in the state's places, all else of it is 0.
Episode imported(const contract::EnvSpec& spec, uint64_t index, const std::string& policy,
                 const nb::dict& given) {
  Episode episode = contract::make_episode(spec, 0, index, {});
  episode.policy = policy;
  fill(episode.observations, nb::cast<FloatRows>(given["observations"]));
  fill(episode.actions, nb::cast<FloatRows>(given["actions"]));
  fill(episode.rewards, nb::cast<FloatRows>(given["rewards"]));
  episode.terminated = nb::cast<bool>(given["terminated"]);
  episode.truncated = !episode.terminated;
  const size_t rows = episode.rewards.size() + 1;
  const auto qpos = nb::cast<DoubleRows>(given["qpos"]), qvel = nb::cast<DoubleRows>(given["qvel"]);
  episode.physics.assign(rows * static_cast<size_t>(spec.physics_dim), 0.0);
  episode.task_state.assign(rows * static_cast<size_t>(spec.task_dim), 0.0);
  for (size_t t = 0; t < rows; ++t) {
    double* const row = episode.physics.data() + t * static_cast<size_t>(spec.physics_dim);
    row[0] = static_cast<double>(t) * spec.control_dt;
    std::copy_n(qpos.data() + t * static_cast<size_t>(spec.nq), spec.nq,
                row + contract::EnvSpec::kQposOffset);
    std::copy_n(qvel.data() + t * static_cast<size_t>(spec.nv), spec.nv, row + spec.qvel_offset());
  }
  contract::check_consistent(episode);
  return episode;
}

void save(const std::filesystem::path& path, const sim::Task& task, const nb::list& given,
          const std::string& policy) {
  std::vector<Episode> episodes;
  for (const nb::handle each : given)
    episodes.push_back(imported(task.spec(), episodes.size(), policy, nb::cast<nb::dict>(each)));
  contract::save_episodes(path, episodes);
}

}  // namespace

void add_episodes(nb::module_& module) {
  nb::class_<Episode>(module, "Episode")
      .def_ro("task", &Episode::task)
      .def_ro("hash", &Episode::hash)
      .def_ro("policy", &Episode::policy)
      .def_ro("seed", &Episode::seed)
      .def_ro("index", &Episode::index)
      .def_ro("terminated", &Episode::terminated)
      .def_ro("truncated", &Episode::truncated)
      .def_ro("diverged", &Episode::diverged)
      .def_prop_ro("signal_names", [](const Episode& episode) { return episode.signal_names.list(); })
      .def_prop_ro("reward_term_names",
                   [](const Episode& episode) { return episode.reward_term_names.list(); })
      .def_prop_ro("observations", rows_of(&Episode::observations, 1))
      .def_prop_ro("actions", rows_of(&Episode::actions, 0))
      .def_prop_ro("physics", rows_of(&Episode::physics, 1))
      .def_prop_ro("task_state", rows_of(&Episode::task_state, 1))
      .def_prop_ro("signals", rows_of(&Episode::signals, 1))
      .def_prop_ro("reward_terms", rows_of(&Episode::reward_terms, 0))
      .def_prop_ro("rewards",
                   [](nb::handle self) {
                     const Episode& episode = nb::cast<const Episode&>(self);
                     return view<float>(episode.rewards, {episode.rewards.size()}, self);
                   })
      .def("__len__", &Episode::length)
      .def("__repr__", [](const Episode& episode) {
        return fmt::format("<Episode {} of {}: {} steps by {}, return {:.6g}>", episode.index, episode.task,
                           episode.length(), episode.policy, episode.return_sum());
      });
  module.def("save_shard", &save, nb::arg("path"), nb::arg("task"), nb::arg("episodes"), nb::arg("policy"));
  module.def("load_episodes", &load, nb::arg("path"), nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace reverie::python
