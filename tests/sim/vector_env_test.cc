#include "sim/vector_env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/temporary_directory.h"
#include "contract/episode_store.h"
#include "sim/env.h"
#include "sim/task/task.h"
#include "tests/sim/allocations.h"
#include "tests/sim/task_files.h"
#include "tests/sim/tasks.h"

namespace reverie::sim {
namespace {

void expect_equal(const contract::Episode& a, const contract::Episode& b) {
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.observations, b.observations);
  EXPECT_EQ(a.actions, b.actions);
  EXPECT_EQ(a.rewards, b.rewards);
  EXPECT_EQ(a.physics, b.physics);
  EXPECT_EQ(a.task_state, b.task_state);
  EXPECT_EQ(a.signal_names.list(), b.signal_names.list());
  EXPECT_EQ(a.signals, b.signals);
  EXPECT_EQ(a.reward_term_names.list(), b.reward_term_names.list());
  EXPECT_EQ(a.reward_terms, b.reward_terms);
  EXPECT_EQ(a.terminated, b.terminated);
  EXPECT_EQ(a.truncated, b.truncated);
  EXPECT_EQ(a.diverged, b.diverged);
}

std::vector<float> floats(std::span<const double> values) { return {values.begin(), values.end()}; }

template <typename T>
std::vector<T> row(std::span<const T> values, int i, int width) {
  return {values.begin() + i * width, values.begin() + (i + 1) * width};
}

TEST(VectorEnv, IsManySingleEnvironments) {
  const auto task = Task::load("dmc/cartpole-swingup");
  const int width = task->spec().observation_dim;
  base::ThreadPool pool(2);
  VectorEnv envs(task, 3, 5, 10, pool);
  envs.reset();
  std::vector<Env> single;
  for (uint64_t i = 0; i < 3; ++i) {
    single.emplace_back(task);
    single.back().reset(5, 10 + i);
  }
  for (int t = 0; t < 50; ++t) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(envs.steps()[i], t);
      EXPECT_EQ(envs.episode_indices()[i], 10u + i);
      EXPECT_EQ(row(envs.observations(), i, width), floats(single[i].observation()));
    }
    const std::vector<float> actions = random_actions(envs);
    envs.step(actions);
    for (int i = 0; i < 3; ++i) {
      const StepResult result = single[i].step({&actions[i], 1});
      EXPECT_EQ(envs.rewards()[i], static_cast<float>(result.reward));
    }
  }
}

TEST(VectorEnv, AutoresetKeepsTheTrueLastObservation) {
  const auto task = Task::load("dmc/cartpole-swingup");
  const contract::EnvSpec& spec = task->spec();
  base::ThreadPool pool(1);
  VectorEnv envs(task, 2, 1, 0, pool);
  envs.set_recording(true);
  envs.reset();
  for (int t = 1; t < spec.episode_steps; ++t) {
    envs.step(random_actions(envs));
    ASSERT_EQ(envs.truncated()[0] + envs.terminated()[0] + envs.diverged()[0], 0) << t;
    ASSERT_TRUE(std::ranges::equal(envs.observations(), envs.final_observations()));
  }
  EXPECT_TRUE(envs.take_finished().empty());
  envs.step(random_actions(envs));
  const std::vector<contract::Episode> finished = envs.take_finished();
  ASSERT_EQ(finished.size(), 2u);
  EXPECT_TRUE(envs.take_finished().empty());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(envs.truncated()[i], 1);
    EXPECT_EQ(envs.terminated()[i], 0);
    EXPECT_EQ(envs.steps()[i], 0);
    EXPECT_EQ(envs.episode_indices()[i], 2u + i);
    const contract::Episode& episode = finished[i];
    EXPECT_EQ(episode.index, static_cast<uint64_t>(i));
    EXPECT_EQ(episode.length(), spec.episode_steps);
    EXPECT_TRUE(episode.truncated);
    EXPECT_FALSE(episode.terminated);
    EXPECT_TRUE(std::ranges::equal(row(envs.final_observations(), i, spec.observation_dim),
                                   episode.observation(spec.episode_steps)));
    Env next(task);
    next.reset(1, 2 + i);
    EXPECT_EQ(row(envs.observations(), i, spec.observation_dim), floats(next.observation()));
    EXPECT_EQ(envs.running(i).length(), 0);
  }
}

TEST(VectorEnv, EpisodesDoNotDependOnTheNumberOfThreads) {
  for (const char* id : {"dmc/cartpole-swingup", "dmc/reacher-easy"}) {
    const auto task = Task::load(id);
    std::vector<std::vector<contract::Episode>> runs;
    for (const int threads : {1, 2, 3}) {
      base::ThreadPool pool(threads);
      VectorEnv envs(task, 8, 3, 0, pool);
      envs.set_recording(true);
      envs.reset();
      for (int t = 0; t < task->spec().episode_steps + 20; ++t) envs.step(random_actions(envs));
      runs.push_back(envs.take_finished());
      ASSERT_EQ(runs.back().size(), 8u);
      for (int i = 0; i < 8; ++i) runs.back().push_back(envs.running(i));
    }
    for (size_t k = 0; k < runs[0].size(); ++k) {
      expect_equal(runs[0][k], runs[1][k]);
      expect_equal(runs[0][k], runs[2][k]);
    }
  }
}

TEST(VectorEnv, EpisodesDoNotDependOnTheirNeighbours) {
  const auto task = Task::load("dmc/cartpole-swingup");
  base::ThreadPool pool(1);
  VectorEnv many(task, 4, 3, 0, pool), one(task, 1, 3, 2, pool);
  for (VectorEnv* envs : {&many, &one}) {
    envs->set_recording(true);
    envs->reset();
    for (int t = 0; t < 30; ++t) envs->step(random_actions(*envs));
  }
  expect_equal(many.running(2), one.running(0));
}

TEST(VectorEnv, RepeatStepsUnderTheSameActions) {
  const auto task = Task::load("dmc/cartpole-swingup");
  base::ThreadPool pool(1);
  VectorEnv twice(task, 2, 1, 0, pool), once(task, 2, 1, 0, pool);
  twice.reset();
  once.reset();
  for (int t = 0; t < 20; ++t) {
    const std::vector<float> actions = random_actions(twice);
    twice.step(actions, 2);
    once.step(actions);
    const float first = once.rewards()[1];
    once.step(actions);
    EXPECT_EQ(twice.rewards()[1], first + once.rewards()[1]);
    EXPECT_TRUE(std::ranges::equal(twice.observations(), once.observations()));
    EXPECT_EQ(twice.steps()[0], 2 * (t + 1));
  }
}

// One action moves the slide; the goal is drawn anew every second step; an episode has four.
std::shared_ptr<const Task> task_with_terms() {
  return load_arm(
      "schema = 1\nid = \"t\"\nmodel = \"arm.xml\"\ncontrol_dt = 0.02\nepisode_steps = 4\n"
      "[[command]]\nname = \"go\"\nlow = -1\nhigh = 1\nresample = 0.04\n"
      "[signals]\nfar = 'command(\"go\") - qpos(\"slide\")'\npair = '[time(), far]'\n"
      "[[observation]]\nname = \"far\"\nexpr = 'far'\n[[observation]]\nname = \"q\"\nexpr = 'qpos()'\n"
      "[[reward.term]]\nname = \"near\"\nexpr = '1 - far'\n"
      "[[reward.term]]\nname = \"effort\"\nweight = -0.5\nexpr = 'sum(ctrl()**2)'\n");
}

TEST(VectorEnv, RecordsTheSignalsOfEveryObservationAndTheTermsOfEveryReward) {
  const auto task = task_with_terms();
  base::ThreadPool pool(1);
  VectorEnv envs(task, 2, 1, 0, pool);
  envs.set_recording(true);
  envs.reset();
  while (envs.episode_indices()[0] == 0) envs.step(random_actions(envs));
  const std::vector<contract::Episode> finished = envs.take_finished();
  ASSERT_EQ(finished.size(), 2u);
  for (const contract::Episode& e : finished) {
    ASSERT_EQ(e.length(), 4);
    EXPECT_EQ(e.signal_names.list(), (std::vector<std::string>{"far", "pair[0]", "pair[1]"}));
    EXPECT_EQ(e.reward_term_names.list(), (std::vector<std::string>{"near", "effort"}));
    EXPECT_NO_THROW(contract::check_consistent(e));
    for (int64_t t = 0; t <= 4; ++t) {
      EXPECT_EQ(e.signal_row(t)[0], e.observation(t)[0]) << t;
      EXPECT_NEAR(e.signal_row(t)[1], 0.02 * static_cast<double>(t), 1e-6);
      EXPECT_EQ(e.signal_row(t)[2], e.observation(t)[0]) << t;
    }
    double effort = 0.0;
    for (int64_t t = 0; t < 4; ++t) {
      EXPECT_NEAR(e.reward_term_row(t)[0] + e.reward_term_row(t)[1], e.rewards[t], 1e-6) << t;
      for (const float a : e.action(t)) effort -= 0.5 * a * a;
    }
    EXPECT_NEAR(e.reward_term_sum(1), effort, 1e-6);
  }
  // A reward belongs to the goal before the draw, the signals to the one that the policy sees next.
  EXPECT_NEAR(finished[0].reward_term_row(0)[0], 1.0f - finished[0].signal_row(1)[0], 1e-6);
  EXPECT_GT(std::abs(finished[0].reward_term_row(1)[0] - 1.0f + finished[0].signal_row(2)[0]), 1e-3);
}

TEST(VectorEnv, AnEpisodeOfAFileWithoutSignalsGoesOnWithoutThem) {
  const auto task = task_with_terms();
  base::ThreadPool pool(1);
  contract::Episode partial = record_episodes(task, 1, 2)[0];
  partial.signal_names = {};
  partial.signals.clear();
  partial.reward_term_names = {};
  partial.reward_terms.clear();
  VectorEnv envs(task, 1, 1, 0, pool);
  envs.set_recording(true);
  envs.resume(0, partial);
  for (int t = 0; t < 3; ++t) envs.step(random_actions(envs));
  const std::vector<contract::Episode> finished = envs.take_finished();
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].length(), 4);
  EXPECT_TRUE(finished[0].signals.empty());
  EXPECT_NO_THROW(contract::check_consistent(finished[0]));
  EXPECT_EQ(envs.running(0).signals.size(), 6u);  // the next one has them again
}

TEST(VectorEnv, StepsWithoutAllocation) {
  for (const char* id : {"dmc/cartpole-swingup", "dmc/reacher-easy"}) {
    const auto task = Task::load(id);
    base::ThreadPool pool(2);
    VectorEnv envs(task, 8, 1, 0, pool);
    envs.reset();
    const std::vector<float> actions = random_actions(envs);
    // Warm-up through one autoreset.
    for (int t = 0; t < task->spec().episode_steps + 1; ++t) envs.step(actions);
    const int64_t before = allocations();
    for (int t = 0; t < task->spec().episode_steps + 1; ++t) envs.step(actions);
    EXPECT_EQ(allocations(), before) << id;
  }
}

// The counter must see what the test above claims to be absent.
TEST(Allocations, AreCounted) {
  const int64_t before = allocations();
  const auto value = std::make_unique<std::vector<int>>(100);
  EXPECT_EQ(allocations(), before + 2);
}

TEST(VectorEnv, RecordingStaysWithinTheReservedRoom) {
  const auto task = Task::load("dmc/cartpole-swingup");
  base::ThreadPool pool(1);
  VectorEnv envs(task, 2, 1, 0, pool);
  envs.set_recording(true);
  envs.reset();
  const std::vector<float> actions = random_actions(envs);
  envs.step(actions);
  const int64_t before = allocations();
  for (int t = 2; t < task->spec().episode_steps; ++t) envs.step(actions);
  EXPECT_EQ(allocations(), before);
}

TEST(VectorEnv, ResumedEpisodesGoOnBitForBit) {
  const base::TemporaryDirectory directory;
  for (const char* id : {"dmc/cartpole-swingup", "dmc/pendulum-swingup", "dmc/reacher-easy"}) {
    const auto task = Task::load(id);
    const int steps = task->spec().episode_steps;
    base::ThreadPool pool(1);
    for (const int cut : {0, 1, 137}) {
      VectorEnv through(task, 2, 9, 0, pool), resumed(task, 2, 9, 0, pool);
      through.set_recording(true);
      resumed.set_recording(true);
      through.reset();
      for (int t = 0; t < cut; ++t) through.step(random_actions(through));
      const auto path = directory.path() / "running.safetensors";
      contract::save_episodes(path, {through.running(0), through.running(1)});
      const std::vector<contract::Episode> stored = contract::load_episodes(path);
      for (int i = 0; i < 2; ++i) resumed.resume(i, stored[i]);
      EXPECT_TRUE(std::ranges::equal(through.observations(), resumed.observations()));
      for (int t = cut; t < steps + 5; ++t) {  // into the next episodes
        const std::vector<float> actions = random_actions(through);
        ASSERT_EQ(actions, random_actions(resumed));
        through.step(actions);
        resumed.step(actions);
      }
      const std::vector<contract::Episode> a = through.take_finished(), b = resumed.take_finished();
      ASSERT_EQ(b.size(), 2u);
      for (int i = 0; i < 2; ++i) {
        expect_equal(a[i], b[i]);
        expect_equal(through.running(i), resumed.running(i));
      }
    }
  }
}

TEST(VectorEnv, TerminationIsNotTruncation) {
  const auto task = terminating_task();
  base::ThreadPool pool(1);
  VectorEnv envs(task, 1, 1, 0, pool);
  envs.set_recording(true);
  envs.reset();
  const float push = 1.0f;
  int t = 0;
  do {
    envs.step({&push, 1});
    ASSERT_LT(++t, task->spec().episode_steps);
  } while (envs.terminated()[0] == 0);
  EXPECT_EQ(envs.truncated()[0], 0);
  EXPECT_GT(envs.final_observations()[0], 0.2f);
  EXPECT_LT(std::abs(envs.observations()[0]), 0.2f);
  const std::vector<contract::Episode> finished = envs.take_finished();
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_TRUE(finished[0].terminated);
  EXPECT_FALSE(finished[0].truncated);
  EXPECT_EQ(finished[0].length(), t);
}

TEST(VectorEnv, DivergedEpisodesAreFlaggedAndLeaveNoNaN) {
  const auto task = diverging_task();
  base::ThreadPool pool(1);
  VectorEnv envs(task, 2, 1, 0, pool);
  envs.set_recording(true);
  envs.reset();
  const std::vector<float> calm{0.0f, 0.0f}, mad{0.0f, 1.0f};
  envs.step(calm);
  EXPECT_EQ(envs.diverged()[1], 0);
  envs.step(mad);
  EXPECT_EQ(envs.diverged()[0], 0);
  EXPECT_EQ(envs.diverged()[1], 1);
  EXPECT_EQ(envs.steps()[0], 2);
  EXPECT_EQ(envs.steps()[1], 0);
  for (const auto values : {envs.observations(), envs.final_observations(), envs.rewards()}) {
    for (const float x : values) EXPECT_TRUE(std::isfinite(x));
  }
  const std::vector<contract::Episode> finished = envs.take_finished();
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_TRUE(finished[0].diverged);
  EXPECT_EQ(finished[0].index, 1u);
  EXPECT_NO_THROW(contract::check_consistent(finished[0]));
  // The step that diverged is not in it, but it says why.
  ASSERT_EQ(finished[0].length(), 1);
  EXPECT_EQ(envs.control_steps(), 2);
  EXPECT_EQ(contract::non_finite_number(finished[0]), "");
  EXPECT_THAT(finished[0].divergence, testing::HasSubstr("Time = "));
  // The next episode is sound.
  envs.step(calm);
  EXPECT_EQ(envs.diverged()[1], 0);
}

TEST(VectorEnv, AnEpisodeBeginsAtGivenPositionsAndVelocities) {
  const auto task = Task::load("dmc/pendulum-swingup");
  base::ThreadPool pool(1);
  VectorEnv envs(task, 2, 1, 0, pool);
  const std::vector<double> qpos{0.5}, qvel{-1.0};
  EXPECT_THROW(envs.place(1, qpos, qvel), std::logic_error);
  envs.reset();
  const std::vector<float> drawn(envs.observations().begin(), envs.observations().end());
  envs.place(1, qpos, qvel);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(envs.observations()[i], drawn[i]);
  Env alone(task);
  alone.reset_to(qpos, qvel, {}, {}, {}, 1, 1);
  const std::vector<float> action{0.3F};
  for (int t = 0; t < 5; ++t) {
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(envs.observations()[3 + i], static_cast<float>(alone.observation()[i])) << t;
    }
    envs.step(std::vector<float>{0.3F, 0.3F});
    alone.step(action);
  }
  envs.set_recording(true);
  EXPECT_THROW(envs.place(1, qpos, qvel), std::logic_error);
}

TEST(VectorEnv, MisuseIsRefused) {
  const auto task = Task::load("dmc/cartpole-swingup");
  base::ThreadPool pool(1);
  EXPECT_THROW(VectorEnv(task, 0, 1, 0, pool), base::UserError);
  VectorEnv envs(task, 2, 1, 0, pool);
  const std::vector<float> actions(2);
  EXPECT_THROW(envs.step(actions), std::logic_error);
  envs.reset();
  EXPECT_THROW(envs.step({actions.data(), 1}), std::logic_error);
  EXPECT_THROW(envs.running(0), std::logic_error);
  const auto other = Task::load("dmc/pendulum-swingup");
  EXPECT_THROW(envs.resume(0, record_episodes(other, 1, 3)[0]), base::UserError);
}

}  // namespace
}  // namespace reverie::sim
