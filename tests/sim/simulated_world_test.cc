#include "sim/simulated_world.h"

#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "sim/env.h"
#include "tests/sim/tasks.h"

namespace reverie::sim {
namespace {

std::vector<contract::Episode> through_disk(const std::vector<contract::Episode>& episodes) {
  const base::TemporaryDirectory directory;
  const auto path = directory.path() / "shard.safetensors";
  contract::save_episodes(path, episodes);
  return contract::load_episodes(path);
}

// Actions [N, A] that the episodes took `ahead` steps after their start points.
std::vector<float> stored_actions(const std::vector<contract::StartPoint>& starts, int64_t ahead) {
  std::vector<float> actions;
  for (const auto& [episode, step] : starts) {
    const auto action = episode->action(std::min(step + ahead, episode->length() - 1));
    actions.insert(actions.end(), action.begin(), action.end());
  }
  return actions;
}

std::vector<contract::StartPoint> starts_of(const contract::Episode& episode, int64_t first, int64_t last,
                                            int64_t every = 1) {
  std::vector<contract::StartPoint> starts;
  for (int64_t t = first; t <= last; t += every) starts.push_back({&episode, t});
  return starts;
}

std::span<const float> row(std::span<const float> values, int64_t i, int width) {
  return values.subspan(static_cast<size_t>(i * width), static_cast<size_t>(width));
}

// What a world reports.
struct Report {
  std::vector<float> observations, rewards, continuation, positions, velocities;
  std::vector<double> physics, task;
  bool operator==(const Report&) const = default;
};

Report report_of(const contract::World& world) {
  const auto copy = [](auto values) { return std::vector(values.begin(), values.end()); };
  return {copy(world.observations()), copy(world.rewards()),    copy(world.continuation()),
          copy(world.positions()),    copy(world.velocities()), copy(world.physics_states()),
          copy(world.task_states())};
}

// Reports of `steps` steps under the actions that the episodes took `ahead` steps after their start points.
std::vector<Report> reports(contract::World& world, const std::vector<contract::StartPoint>& starts,
                            int64_t ahead, int steps) {
  std::vector<Report> out;
  for (int h = 0; h < steps; ++h) {
    world.step(stored_actions(starts, ahead + h));
    out.push_back(report_of(world));
  }
  return out;
}

class EveryTask : public testing::TestWithParam<std::string> {};

TEST_P(EveryTask, AnyStoredStepIsSimulatedAgainBitForBit) {
  const auto task = Task::load(GetParam());
  const contract::EnvSpec& spec = task->spec();
  const std::vector<contract::Episode> episodes = through_disk(record_episodes(task, 2, 150));
  Env env(task);
  std::vector<double> physics(spec.physics_dim), task_state(spec.task_dim);
  for (const contract::Episode& e : episodes) {
    for (int64_t t = 0; t < e.length(); ++t) {
      env.restore(e.physics_state(t), e.task_row(t), e.seed, e.index, t);
      const StepResult result = env.step(e.action(t));
      env.copy_physics_state(physics);
      env.copy_task_state(task_state);
      ASSERT_TRUE(std::ranges::equal(physics, e.physics_state(t + 1))) << "step " << t;
      ASSERT_TRUE(std::ranges::equal(task_state, e.task_row(t + 1))) << "step " << t;
      ASSERT_EQ(static_cast<float>(result.reward), e.rewards[t]) << "step " << t;
      ASSERT_TRUE(std::ranges::equal(env.observation(), e.observation(t + 1),
                                     [](double a, float b) { return static_cast<float>(a) == b; }))
          << "step " << t;
    }
  }
}

TEST_P(EveryTask, TheWorldFollowsTheEpisodeForManySteps) {
  const auto task = Task::load(GetParam());
  const contract::EnvSpec& spec = task->spec();
  const std::vector<contract::Episode> episodes = through_disk(record_episodes(task, 1, 200));
  const contract::Episode& e = episodes[0];
  base::ThreadPool pool(2);
  const auto world = make_simulated_world(task, pool);
  const std::vector<contract::StartPoint> starts = starts_of(e, 0, e.length() - 1, 7);
  world->reset(starts);
  ASSERT_EQ(world->batch_size(), static_cast<int>(starts.size()));
  for (int64_t h = 0; h <= 20; ++h) {
    for (size_t i = 0; i < starts.size(); ++i) {
      const int64_t t = starts[i].step + h;
      if (t > e.length()) continue;
      ASSERT_TRUE(std::ranges::equal(row(world->observations(), i, spec.observation_dim), e.observation(t)));
      ASSERT_EQ(world->rewards()[i], h == 0 ? 0.0f : e.rewards[t - 1]);
      for (int k = 0; k < spec.nq; ++k) {
        ASSERT_EQ(world->positions()[i * spec.nq + k],
                  static_cast<float>(e.physics_state(t)[contract::EnvSpec::kQposOffset + k]));
      }
      for (int k = 0; k < spec.nv; ++k) {
        ASSERT_EQ(world->velocities()[i * spec.nv + k],
                  static_cast<float>(e.physics_state(t)[spec.qvel_offset() + k]));
      }
      if (t < e.length()) {
        ASSERT_EQ(world->continuation()[i], 1.0f);
      }
      ASSERT_EQ(world->uncertainty()[i], 0.0f);
    }
    world->step(stored_actions(starts, h));
  }
  EXPECT_TRUE(world->latents().empty());
}

TEST_P(EveryTask, ASnapshotGoesOnBitForBitHereAndInAnotherWorld) {
  const auto task = Task::load(GetParam());
  const contract::Episode e = record_episodes(task, 1, 120)[0];
  base::ThreadPool pool(2);
  const auto world = make_simulated_world(task, pool), other = make_simulated_world(task, pool);
  const std::vector<contract::StartPoint> starts = starts_of(e, 0, std::min<int64_t>(90, e.length() - 1), 30);
  world->reset(starts);
  reports(*world, starts, 0, 7);
  const contract::Snapshot snapshot = world->snapshot();
  const Report present = report_of(*world);
  const std::vector<Report> future = reports(*world, starts, 7, 20);
  EXPECT_NE(present, future[0]);
  for (contract::World* again : {world.get(), other.get()}) {
    again->restore(snapshot);
    EXPECT_EQ(again->batch_size(), static_cast<int>(starts.size()));
    EXPECT_EQ(report_of(*again), present);
    EXPECT_EQ(again->snapshot().records, snapshot.records);
    EXPECT_EQ(reports(*again, starts, 7, 20), future);
  }
}

TEST_P(EveryTask, ThePresentIsTheRowThatAnEpisodeRecords) {
  const auto task = Task::load(GetParam());
  const contract::Episode e = record_episodes(task, 1, 20)[0];
  base::ThreadPool pool(1);
  const auto world = make_simulated_world(task, pool);
  const std::vector<contract::StartPoint> starts = starts_of(e, 3, 3);
  world->reset(starts);
  for (int64_t t = 3; t < std::min<int64_t>(15, e.length()); ++t) {
    EXPECT_TRUE(std::ranges::equal(world->physics_states(), e.physics_state(t))) << t;
    EXPECT_TRUE(std::ranges::equal(world->task_states(), e.task_row(t))) << t;
    world->step(e.action(t));
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, EveryTask, testing::ValuesIn(list_tasks()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(SimulatedWorld, ARepeatSumsRewardsAsReplayDoes) {
  const auto task = Task::load("dmc/cartpole-swingup");
  const contract::Episode e = record_episodes(task, 1, 12)[0];
  base::ThreadPool pool(1);
  const auto once = make_simulated_world(task, pool),
             thrice = make_simulated_world(task, pool, {.action_repeat = 3});
  EXPECT_EQ(once->control_steps(), 1);
  EXPECT_EQ(thrice->control_steps(), 3);
  const std::vector<contract::StartPoint> starts = starts_of(e, 2, 5);
  once->reset(starts);
  thrice->reset(starts);
  const std::vector<float> actions = stored_actions(starts, 0);
  thrice->step(actions);
  std::vector<float> sum(starts.size());
  for (int k = 0; k < 3; ++k) {
    once->step(actions);
    for (size_t i = 0; i < starts.size(); ++i) sum[i] += once->rewards()[i];
  }
  EXPECT_TRUE(std::ranges::equal(thrice->rewards(), sum));
  EXPECT_TRUE(std::ranges::equal(thrice->observations(), once->observations()));
}

// Largest difference of positions and velocities of two worlds.
double distance(const contract::World& a, const contract::World& b) {
  double largest = 0.0;
  for (size_t k = 0; k < a.positions().size(); ++k) {
    largest = std::max<double>(largest, std::abs(a.positions()[k] - b.positions()[k]));
  }
  for (size_t k = 0; k < a.velocities().size(); ++k) {
    largest = std::max<double>(largest, std::abs(a.velocities()[k] - b.velocities()[k]));
  }
  return largest;
}

TEST(SimulatedWorld, PerturbationsAreSmallAndBelongToTheStartPoint) {
  const auto task = Task::load("dmc/cartpole-swingup");
  const contract::Episode e = record_episodes(task, 1, 60)[0];
  base::ThreadPool pool(2);
  const std::vector<contract::StartPoint> starts = starts_of(e, 0, 50);
  const auto make = [&](double perturbation, uint64_t seed) {
    auto world = make_simulated_world(task, pool, {.perturbation = perturbation, .perturbation_seed = seed});
    world->reset(starts);
    return world;
  };
  const auto exact = make(0.0, 0), moved = make(1e-3, 1), same = make(1e-3, 1), other = make(1e-3, 2);
  EXPECT_GT(distance(*exact, *moved), 1e-3);  // the largest of 51 * 4 normal draws
  EXPECT_LT(distance(*exact, *moved), 6e-3);
  EXPECT_EQ(distance(*moved, *same), 0.0);
  EXPECT_GT(distance(*moved, *other), 1e-3);
  // What is seen at the start is what was stored.
  EXPECT_TRUE(std::ranges::equal(exact->observations(), moved->observations()));
  // Batch and order do not matter.
  const std::vector<contract::StartPoint> last{starts.back()};
  same->reset(last);
  EXPECT_EQ(same->positions()[0], moved->positions()[100]);
  moved->step(stored_actions(starts, 0));
  exact->step(stored_actions(starts, 0));
  EXPECT_FALSE(std::ranges::equal(exact->observations(), moved->observations()));
}

TEST(SimulatedWorld, OtherGravityIsAnotherWorldAndLeavesTheTaskAlone) {
  const auto task = Task::load("dmc/cartpole-swingup");
  const contract::Episode e = record_episodes(task, 1, 60)[0];
  const double gravity = task->model()->opt.gravity[2];
  base::ThreadPool pool(1);
  const auto right = make_simulated_world(task, pool),
             wrong = make_simulated_world(task, pool, {.gravity_scale = 1.01});
  const std::vector<contract::StartPoint> starts = starts_of(e, 10, 20);
  right->reset(starts);
  wrong->reset(starts);
  EXPECT_EQ(distance(*right, *wrong), 0.0);
  for (int64_t h = 0; h < 10; ++h) {
    right->step(stored_actions(starts, h));
    wrong->step(stored_actions(starts, h));
  }
  EXPECT_GT(distance(*right, *wrong), 1e-4);
  EXPECT_LT(distance(*right, *wrong), 0.5);
  EXPECT_EQ(task->model()->opt.gravity[2], gravity);
  EXPECT_TRUE(std::ranges::equal(row(right->observations(), 0, 5), e.observation(20)));
}

TEST(SimulatedWorld, ATerminatedRolloutStaysWhereItEnded) {
  const auto task = terminating_task();
  const contract::Episode e = record_episodes(task, 1, 2)[0];
  base::ThreadPool pool(1);
  const auto world = make_simulated_world(task, pool);
  const std::vector<contract::StartPoint> starts = starts_of(e, 0, 1);
  world->reset(starts);
  const std::vector<float> actions{1.0f, 0.0f};  // one is pushed out of range, the other is left alone
  int t = 0;
  while (world->continuation()[0] == 1.0f) {
    world->step(actions);
    ASSERT_LT(++t, 200);
  }
  const std::vector<float> end(world->observations().begin(), world->observations().end());
  world->step(actions);
  EXPECT_EQ(world->continuation()[0], 0.0f);
  EXPECT_EQ(world->continuation()[1], 1.0f);
  EXPECT_EQ(world->rewards()[0], 0.0f);
  EXPECT_EQ(world->observations()[0], end[0]);
  world->reset(starts);
  EXPECT_EQ(world->continuation()[0], 1.0f);
}

TEST(SimulatedWorld, AFanOfFuturesBeginsAtOnePresent) {
  const auto task = Task::load("dmc/walker-walk");
  const contract::EnvSpec& spec = task->spec();
  const contract::Episode e = record_episodes(task, 1, 60)[0];
  base::ThreadPool pool(2);
  const auto world = make_simulated_world(task, pool), fan = make_simulated_world(task, pool);
  const std::vector<contract::StartPoint> starts = starts_of(e, 10, 40, 15);
  world->reset(starts);
  reports(*world, starts, 0, 5);
  fan->restore(contract::pick_rows(world->snapshot(), std::vector{1, 1, 1, 2}));
  ASSERT_EQ(fan->batch_size(), 4);
  for (int h = 0; h < 10; ++h) {
    const std::vector<float> actions = stored_actions(starts, 5 + h);
    const auto first = row(actions, 1, spec.action_dim), last = row(actions, 2, spec.action_dim);
    std::vector<float> fanned(first.begin(), first.end());
    for (const float action : first) fanned.push_back(0.5f * action);
    fanned.insert(fanned.end(), first.begin(), first.end());
    fanned.insert(fanned.end(), last.begin(), last.end());
    world->step(actions);
    fan->step(fanned);
    const auto futures = fan->observations();
    const auto same = row(world->observations(), 1, spec.observation_dim);
    EXPECT_TRUE(std::ranges::equal(row(futures, 0, spec.observation_dim), same));
    EXPECT_FALSE(std::ranges::equal(row(futures, 1, spec.observation_dim), same));
    EXPECT_TRUE(std::ranges::equal(row(futures, 2, spec.observation_dim), same));
    EXPECT_TRUE(std::ranges::equal(row(futures, 3, spec.observation_dim),
                                   row(world->observations(), 2, spec.observation_dim)));
  }
}

TEST(SimulatedWorld, ASnapshotGoesOnUnderOtherPhysicsAndRepeats) {
  const auto task = Task::load("dmc/cartpole-swingup");
  const contract::Episode e = record_episodes(task, 1, 30)[0];
  base::ThreadPool pool(1);
  const auto world = make_simulated_world(task, pool),
             heavy = make_simulated_world(task, pool, {.action_repeat = 2, .gravity_scale = 2.0});
  const std::vector<contract::StartPoint> starts = starts_of(e, 0, 1);
  world->reset(starts);
  heavy->restore(world->snapshot());
  EXPECT_EQ(report_of(*heavy), report_of(*world));
  reports(*heavy, starts, 0, 1);
  for (int k = 0; k < 2; ++k) reports(*world, starts, 0, 1);
  EXPECT_GT(distance(*heavy, *world), 1e-4);
}

TEST(SimulatedWorld, RefusesSnapshotsOfAnotherTask) {
  base::ThreadPool pool(1);
  const auto cart = Task::load("dmc/cartpole-swingup");
  const auto world = make_simulated_world(cart, pool),
             other = make_simulated_world(Task::load("dmc/pendulum-swingup"), pool);
  const contract::Episode e = record_episodes(cart, 1, 3)[0];
  world->reset(starts_of(e, 0, 1));
  try {
    other->restore(world->snapshot());
    FAIL() << "a pendulum went on from a cart";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("dmc/cartpole-swingup"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("dmc/pendulum-swingup"), std::string::npos) << error.what();
  }
}

TEST(SimulatedWorld, ARolloutThatEndedStaysEndedInASnapshot) {
  const auto task = terminating_task();
  const contract::Episode e = record_episodes(task, 1, 2)[0];
  base::ThreadPool pool(1);
  const auto world = make_simulated_world(task, pool), other = make_simulated_world(task, pool);
  world->reset(starts_of(e, 0, 0));
  const std::vector<float> push{1.0f};
  while (world->continuation()[0] == 1.0f) world->step(push);
  other->restore(world->snapshot());
  EXPECT_EQ(report_of(*other), report_of(*world));
  other->step(push);
  EXPECT_EQ(other->rewards()[0], 0.0f);
  EXPECT_EQ(other->continuation()[0], 0.0f);
  EXPECT_TRUE(std::ranges::equal(other->observations(), world->observations()));
}

TEST(SimulatedWorld, AfterADivergenceTheLastFiniteStateStandsIn) {
  const auto task = diverging_task();
  const contract::Episode e = record_episodes(task, 1, 1)[0];
  base::ThreadPool pool(1);
  for (const int repeat : {1, 3}) {
    const auto world = make_simulated_world(task, pool, {.action_repeat = repeat});
    world->reset(starts_of(e, 0, 0));
    const std::vector<float> calm{1e-12f}, mad{1.0f};
    world->step(calm);
    const Report before = report_of(*world);
    ASSERT_GT(before.observations[1], 0.0f);
    world->step(mad);
    const Report after = report_of(*world);
    EXPECT_EQ(after.observations, before.observations);
    EXPECT_EQ(after.positions, before.positions);
    EXPECT_EQ(after.physics, before.physics);
    EXPECT_EQ(after.rewards[0], 0.0f);
    EXPECT_EQ(after.continuation[0], 0.0f);
  }
}

TEST(SimulatedWorld, RefusesStartPointsOfAnotherTask) {
  const auto task = Task::load("dmc/cartpole-swingup");
  const contract::Episode e = record_episodes(task, 1, 3)[0],
                          other = record_episodes(Task::load("dmc/pendulum-swingup"), 1, 3)[0];
  base::ThreadPool pool(1);
  const auto world = make_simulated_world(task, pool);
  EXPECT_THROW(world->reset(starts_of(other, 0, 0)), base::UserError);
  EXPECT_THROW(world->reset(starts_of(e, 4, 4)), std::out_of_range);
  EXPECT_THROW(make_simulated_world(task, pool, {.action_repeat = 0}), base::UserError);
  world->reset(starts_of(e, 3, 3));  // the last row is a start point too
  EXPECT_TRUE(std::ranges::equal(world->observations(), e.observation(3)));
}

}  // namespace
}  // namespace reverie::sim
