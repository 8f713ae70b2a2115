// Mutated tables and episodes of a task, and the nodes that task files are made of.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <fstream>
#include <span>
#include <sstream>

#include "contract/episode_store.h"
#include "sim/env.h"
#include "sim/physics_csv.h"
#include "sim/task/toml_node.h"
#include "tests/fuzz/formats.h"
#include "tests/sim/task_files.h"

namespace reverie::fuzz {
namespace {

TEST(Fuzz, TablesOfStatesReadOrFailClearly) {
  const auto task = sim::load_arm(sim::arm_task());
  const sim::Env env(task);
  std::string head = "reset", row = "1", step = "0";
  const auto columns = [&](const std::string& name, std::span<const double> values) {
    for (size_t i = 0; i < values.size(); ++i) {
      head += fmt::format(",{}_{}", name, i);
      row += fmt::format(",{}", values[i]);
      step += name == "ctrl" ? ",0.5" : ",";
    }
  };
  const mjModel* m = env.model();
  columns("qpos", {m->qpos0, static_cast<size_t>(m->nq)});
  const std::vector<double> zeros(static_cast<size_t>(m->nv + m->nu + m->na));
  columns("qvel", std::span(zeros).first(static_cast<size_t>(m->nv)));
  columns("act", std::span(zeros).first(static_cast<size_t>(m->na)));
  columns("ctrl", std::span(zeros).first(static_cast<size_t>(m->nu)));
  fuzz("csv", {head + "\n" + row + "\n" + step + "\n" + step + "\n", head + "\r\n" + row + "\r\n"},
       {",", "\n", "nan", "inf", "1e999", "\"", "+", "-", "\r", "\xef\xbb\xbf"}, 11, 2000,
       [&](const std::string& bytes) {
         std::istringstream input(bytes);
         std::ostringstream output;
         sim::step_csv(task, input, "table.csv", output);
       });
}

TEST(Fuzz, EpisodeFilesReadOrFailClearly) {
  const sim::ScratchFolder folder;
  sim::Env env(sim::load_arm(sim::arm_task()));
  env.reset(1, 0);
  contract::Episode episode = contract::make_episode(env.spec(), 1, 0);
  episode.physics.resize(static_cast<size_t>(env.spec().physics_dim));
  episode.task_state.resize(static_cast<size_t>(env.spec().task_dim));
  env.copy_physics_state(episode.physics);
  env.copy_task_state(episode.task_state);
  for (const double value : env.observation()) episode.observations.push_back(static_cast<float>(value));
  for (const double value : env.signals()) episode.signals.push_back(static_cast<float>(value));
  const std::string path = (folder.path() / "shard-000000.safetensors").string();
  contract::save_episodes(path, {episode});
  fuzz("safetensors", {base::read_file(path)}, kJsonWords, 13, 2000, [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    contract::load_episodes(path);
  });
}

}  // namespace
}  // namespace reverie::fuzz
