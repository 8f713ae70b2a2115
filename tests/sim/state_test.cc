// A stored state is the whole state: an episode goes on from every row of it as it went on then.
#include <gtest/gtest.h>
#include <mujoco/mjxmacro.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/files.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "sim/env.h"
#include "sim/simulated_world.h"
#include "tests/sim/engine_features.h"
#include "tests/sim/tasks.h"

namespace reverie::sim {
namespace {

// Everything that an environment reports after a step, and its whole state: compared bit for bit.
struct Row {
  std::vector<double> observation, signals, terms, physics, task_state;
  double reward = 0.0;
  bool operator==(const Row&) const = default;
};

Row row_of(const Env& env, double reward) {
  const auto copy = [](std::span<const double> values) { return std::vector(values.begin(), values.end()); };
  Row out{copy(env.observation()), copy(env.signals()), copy(env.reward_terms()), {}, {}, reward};
  out.physics.resize(static_cast<size_t>(env.spec().physics_dim));
  out.task_state.resize(static_cast<size_t>(env.spec().task_dim));
  env.copy_physics_state(out.physics);
  env.copy_task_state(out.task_state);
  return out;
}

// Rows 0..T of an episode; `meddle` is called before every step.
template <typename Meddle>
std::vector<Row> play(Env& env, uint64_t index, const Meddle& meddle) {
  env.reset(7, index);
  std::vector<Row> rows = {row_of(env, 0.0)};
  for (int64_t t = 0; t < env.spec().episode_steps; ++t) {
    meddle(env, t);
    const StepResult result = env.step(random_action(env.spec(), index, t));
    EXPECT_FALSE(result.diverged) << "step " << t;
    rows.push_back(row_of(env, result.reward));
  }
  return rows;
}

// Goes on from row t of `rows` in `env` until the end.
template <typename Meddle>
void expect_the_same_future(Env& env, const std::vector<Row>& rows, uint64_t index, int64_t t,
                            const Meddle& meddle) {
  env.restore(rows[t].physics, rows[t].task_state, 7, index, t);
  ASSERT_EQ(row_of(env, 0.0).physics, rows[t].physics) << "row " << t << " itself";
  for (int64_t k = t; k < static_cast<int64_t>(rows.size()) - 1; ++k) {
    meddle(env, k);
    const StepResult result = env.step(random_action(env.spec(), index, k));
    const Row now = row_of(env, result.reward);
    ASSERT_EQ(now.physics, rows[k + 1].physics) << "from row " << t << ", row " << k + 1;
    ASSERT_EQ(now.observation, rows[k + 1].observation) << "from row " << t << ", row " << k + 1;
    ASSERT_EQ(now, rows[k + 1]) << "from row " << t << ", row " << k + 1;
  }
}

template <typename Meddle>
void expect_every_row_to_go_on(const std::shared_ptr<const Task>& task, const Meddle& meddle) {
  Env env(task), used(task);
  play(used, 3, meddle);
  for (const uint64_t index : {0, 1}) {
    const std::vector<Row> rows = play(env, index, meddle);
    for (int64_t t = 0; t < static_cast<int64_t>(rows.size()) - 1; ++t) {
      Env fresh(task);
      expect_the_same_future(fresh, rows, index, t, meddle);
      expect_the_same_future(used, rows, index, t, meddle);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

const auto kNothing = [](Env&, int64_t) {};

class EveryFeature : public testing::TestWithParam<EngineFeature> {};

TEST_P(EveryFeature, AnEpisodeGoesOnFromEveryRow) {
  expect_every_row_to_go_on(load_feature(GetParam()), kNothing);
}

TEST_P(EveryFeature, TheFirstRowIsObservedAgainAsItWas) {
  const auto task = load_feature(GetParam());
  if ((task->model()->opt.enableflags & mjENBL_ENERGY) != 0)
    GTEST_SKIP() << "with this flag the sensor of kinetic energy shows that of the pass before";
  Env env(task), other(task);
  env.reset(7, 0);
  const Row first = row_of(env, 0.0);
  other.restore(first.physics, first.task_state, 7, 0, 0);
  const Row again = row_of(other, 0.0);
  EXPECT_EQ(again.observation, first.observation);
  EXPECT_EQ(again, first);
}

TEST_P(EveryFeature, ForcesMocapBodiesAndEqualitiesThatChangeAreStored) {
  const auto meddle = [](Env& env, int64_t t) {
    mjData* d = env.data();
    const mjModel* m = env.model();
    if (t == 3) d->qfrc_applied[0] += 0.3, d->xfrc_applied[6 * (m->nbody - 1)] -= 0.2;
    if (t == 5 && m->neq > 0) d->eq_active[0] = !d->eq_active[0];
    if (t == 6 && m->nmocap > 0) d->mocap_pos[0] += 0.05;
  };
  expect_every_row_to_go_on(load_feature(GetParam()), meddle);
}

// A checkpoint at the end of an episode stores the first row of the next one.
TEST_P(EveryFeature, AnEpisodeThatHasJustBegunIsResumed) {
  const auto task = load_feature(GetParam());
  base::ThreadPool pool(1);
  VectorEnv through(task, 2, 7, 0, pool), resumed(task, 2, 7, 0, pool);
  through.set_recording(true);
  resumed.set_recording(true);
  through.reset();
  for (int t = 0; t < task->spec().episode_steps; ++t) through.step(random_actions(through));
  ASSERT_EQ(through.running(0).length(), 0);
  const base::TemporaryDirectory directory;
  contract::save_episodes(directory.path() / "running.safetensors", {through.running(0), through.running(1)});
  const auto stored = contract::load_episodes(directory.path() / "running.safetensors");
  for (int i = 0; i < 2; ++i) resumed.resume(i, stored[i]);
  for (int t = 0; t < 5; ++t) {
    const std::vector<float> actions = random_actions(through);
    through.step(actions);
    resumed.step(actions);
  }
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(through.running(i).physics, resumed.running(i).physics);
    EXPECT_EQ(through.running(i).task_state, resumed.running(i).task_state);
    EXPECT_EQ(through.running(i).observations, resumed.running(i).observations);
    EXPECT_EQ(through.running(i).rewards, resumed.running(i).rewards);
  }
}

TEST(Sleeping, IsSwitchedOffWithALineThatSaysSo) {
  for (const EngineFeature& feature : engine_features()) {
    const auto task = load_feature(feature);
    const bool sleeps = feature.model.find("sleep=\"enable\"") != std::string::npos;
    EXPECT_EQ(task->model()->opt.enableflags & mjENBL_SLEEP, 0) << feature.name;
    const bool said = std::ranges::any_of(task->warnings(), [](const std::string& line) {
      return line.find("robot.xml: sleeping (<flag sleep=\"enable\"/>) is switched off") != std::string::npos;
    });
    EXPECT_EQ(said, sleeps) << feature.name;
  }
}

// Every `name` of docs/state.md; `name*` stands for all that begin so.
struct Names {
  std::set<std::string> whole, beginnings;
  bool cover(const std::string& name) const {
    return whole.contains(name) || std::ranges::any_of(beginnings, [&](const std::string& beginning) {
             return name.starts_with(beginning);
           });
  }
};

Names documented() {
  const std::string text = base::read_file(REVERIE_SOURCE_DIR "/docs/state.md");
  Names out;
  for (size_t from = text.find('`'); from != std::string::npos;) {
    const size_t to = text.find('`', from + 1);
    std::string name = text.substr(from + 1, to - from - 1);
    if (name.ends_with('*')) {
      name.pop_back();
      out.beginnings.insert(name);
    } else {
      out.whole.insert(name);
    }
    from = text.find('`', to + 1);
  }
  return out;
}

TEST(StateDocument, NamesEveryFieldOfTheEngine) {
  const Names names = documented();
#define X(type, name, rows, columns) EXPECT_TRUE(names.cover(#name)) << "docs/state.md: " #name;
  MJDATA_POINTERS
  MJDATA_ARENA_POINTERS
#undef X
}

TEST(StateDocument, NamesEveryElementOfTheIntegrationState) {
  const Names names = documented();
  static_assert(mjNSTATE == 14);
  static_assert(mjSTATE_INTEGRATION == (1 << mjNSTATE) - 1);
  for (const char* element : {"TIME", "QPOS", "QVEL", "ACT", "HISTORY", "WARMSTART", "CTRL", "QFRC_APPLIED",
                              "XFRC_APPLIED", "EQ_ACTIVE", "MOCAP_POS", "MOCAP_QUAT", "USERDATA", "PLUGIN"}) {
    EXPECT_TRUE(names.whole.contains(std::string("mjSTATE_") + element)) << element;
  }
}

INSTANTIATE_TEST_SUITE_P(Engine, EveryFeature, testing::ValuesIn(engine_features()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace reverie::sim
