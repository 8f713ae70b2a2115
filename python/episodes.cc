#include "python/episodes.h"

#include <fmt/format.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "contract/episode.h"
#include "contract/episode_store.h"
#include "python/arrays.h"

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
  module.def("load_episodes", &load, nb::arg("path"), nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace reverie::python
