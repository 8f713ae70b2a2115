// Task files: sections, merging, overrides, errors; and what environments do with them.
#include "sim/task/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cmath>
#include <set>

#include "base/error.h"
#include "sim/env.h"
#include "sim/model.h"
#include "sim/task/task_impl.h"
#include "tests/sim/allocations.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::vector<double> observed(const Env& env) { return {env.observation().begin(), env.observation().end()}; }

// In the first state of an episode.
Env started(std::shared_ptr<const Task> task) {
  Env env(std::move(task));
  env.reset(0, 0);
  return env;
}

TEST(TaskFile, ErrorsNamePlaceAndNearestKey) {
  EXPECT_THAT(load_error(arm_task("[acton]\nmap = \"raw\"\n")),
              StartsWith("arm.toml:11:2: task: unknown key 'acton' (did you mean 'action'?)"));
  EXPECT_THAT(load_error(arm_task("[action]\nmap = \"ctrlrang\"\n")), HasSubstr("did you mean 'ctrlrange'?"));
  EXPECT_THAT(load_error(arm_task("[[reset]]\nop = \"unifrom\"\n")), HasSubstr("did you mean 'uniform'?"));
  EXPECT_THAT(load_error(arm_task("[[reset]]\nop = \"uniform\"\nlo = 1\n")),
              HasSubstr(":13:1: uniform: unknown key 'lo' (did you mean 'low'?)"));
  EXPECT_THAT(load_error(arm_task("[[termination]]\nwhen = 'qpos()'\n")),
              HasSubstr("expected a number, found a vector of 10"));
  EXPECT_THAT(load_error("schema = 1\nid = \"x\"\nmodel = \"missing.xml\"\n"),
              HasSubstr("arm.toml:3:9: model: no file 'missing.xml'"));
  EXPECT_THAT(load_error("schema = 1\nid = \"x\nmodel = 2"), HasSubstr("arm.toml:2:"));
  EXPECT_THAT(load_error("schema = 2\nid = \"x\"\nmodel = \"arm.xml\"\n"), HasSubstr("reads schema 1"));
  std::string odd = arm_task();
  odd.replace(odd.find("0.02"), 4, "0.013");
  EXPECT_THAT(load_error(odd),
              HasSubstr("not a whole number (1..10000) of timesteps of 0.005; 0.015 would do"));
}

TEST(TaskFile, AQuoteInANameIsWrittenTwice) {
  const ScratchFolder folder;
  folder.write("arm.xml",
               "<mujoco><worldbody><body name='a \"b\"' pos='0 0 3'><freejoint/><geom size='1'/></body>"
               "</worldbody></mujoco>");
  const auto task = Task::load(folder.write("arm.toml", arm_task_observing("xpos(\"a \"\"b\"\"\").z")));
  EXPECT_EQ(started(task).observation()[0], 3.0);
  EXPECT_THAT(load_error(arm_task_observing("xpos(\"a\"\").z")), HasSubstr("string without an end"));
}

TEST(TaskFile, NumbersAndTextsAreWrittenAsTheyAreRead) {
  for (const double value : {1.0 / 240, 5 * 0.0041666667, 0.02, 1.0, 1e-9, 12345678.9}) {
    const double read = parse_toml("x = " + toml_number(value), "x").find("x")->number;
    EXPECT_NEAR(read, value, 1e-10 * value);
  }
  EXPECT_EQ(toml_number(0.02), "0.02");
  for (const std::string text : {"plain", "a \"b\"", "it's \"b\"", "c:\\d", "two\nlines\t'x'", ""})
    EXPECT_EQ(parse_toml("x = " + toml_string(text), "x").find("x")->string, text);
}

// What the control of an actuator without a control range may be.
TEST(ActionMap, RangesComeFromWhatAServoHolds) {
  const ScratchFolder folder;
  folder.write("arm.xml", R"(<mujoco><compiler angle="radian"/><worldbody><body>
    <joint name="a" axis="0 1 0" range="-1 3"/><geom size="0.1" pos="0.1 0 0"/>
    <body><joint name="b" axis="0 1 0"/><geom size="0.1" pos="0.1 0 0"/></body></body></worldbody>
    <tendon><fixed name="t" range="0 0.5"><joint joint="a" coef="1"/></fixed></tendon>
    <actuator><position joint="a" kp="5" gear="-2"/><position joint="b" kp="5"/><motor joint="a"/>
    <position tendon="t"/><muscle joint="a"/><position joint="a" ctrlrange="0 9"/></actuator></mujoco>)");
  const auto task =
      Task::load(folder.write("arm.toml", arm_task_observing("ctrl()") + "[action]\nmap = \"ctrlrange\"\n"));
  Env env = started(task);
  env.step(std::vector<float>(6, -1.0f));
  EXPECT_THAT(std::vector<double>(env.data()->ctrl, env.data()->ctrl + 6),
              testing::ElementsAre(-6.0, -1.0, -1.0, 0.0, 0.0, 0.0));
  env.step(std::vector<float>(6, 1.0f));
  EXPECT_THAT(std::vector<double>(env.data()->ctrl, env.data()->ctrl + 6),
              testing::ElementsAre(2.0, 1.0, 1.0, 0.5, 1.0, 9.0));
}

TEST(TaskFile, MalformedModelsKeepTheEnginesWords) {
  const ScratchFolder folder;
  folder.write("arm.xml", "<mujoco><worldbody><bdy/></worldbody></mujoco>");
  const std::string path = folder.write("arm.toml", arm_task());
  try {
    Task::load(path);
    FAIL() << "loaded";
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("unrecognized element"));
    EXPECT_THAT(error.what(), HasSubstr("arm.xml"));
  }
  folder.write("arm.xml", "<mujoco><worldbody><body><freejoint/></body></worldbody></mujoco>");
  EXPECT_THROW(Task::load(path), base::UserError);
}

TEST(TaskFile, EnginesFatalErrorsBecomeExceptions) {
  install_mujoco_handlers();
  EXPECT_THROW(mju_error("broken %d", 3), PhysicsError);
}

TEST(TaskFile, SignalsMayReferToEachOtherInAnyOrderButNotInCircles) {
  const auto task = load_arm(arm_task("[signals]\nb = 'a + 1'\na = 'qpos(\"slide\")'\n"));
  EXPECT_EQ(task->spec().signals, (std::vector<std::string>{"b", "a"}));
  EXPECT_THAT(load_error(arm_task("[signals]\nb = 'a + 1'\na = 'b'\n")), HasSubstr("defined through itself"));
  EXPECT_THAT(load_error(arm_task("[signals]\nsin = '1'\n")), HasSubstr("the name 'sin' is taken"));
}

TEST(TaskFile, ParamsAndOverrides) {
  const std::string text =
      arm_task("[params]\nspeed = 2\nrange = [1, 'speed*2']\n[signals]\ns = '[speed, range]'\n");
  const Env plain = started(load_arm(text));
  EXPECT_EQ(std::vector<double>(plain.signals().begin(), plain.signals().end()),
            (std::vector<double>{2, 1, 4}));
  const Env changed = started(load_arm(text, {"params.speed=8"}));
  EXPECT_EQ(std::vector<double>(changed.signals().begin(), changed.signals().end()),
            (std::vector<double>{8, 1, 16}));
  EXPECT_NE(plain.spec().hash, changed.spec().hash);
  EXPECT_THAT(load_error(text, {"params.sped=8"}), HasSubstr("no parameter 'sped' (did you mean 'speed'?)"));
  EXPECT_THAT(load_error(text, {"params.speed="}), HasSubstr("override 'params.speed='"));
  EXPECT_THAT(load_error(text, {"control_dt=1"}), HasSubstr("expected params.NAME=VALUE"));
}

TEST(TaskFile, VariantsAndExtends) {
  const ScratchFolder folder;
  folder.write("arm.xml", kArmModel);
  folder.write("base.toml", arm_task("[params]\nk = 1\n[signals]\ns = 'k'\n"));
  const std::string path = folder.write(
      "more.toml",
      "extends = \"base.toml\"\nid = \"test/more\"\n[variants.low]\n[variants.high]\nparams.k = 5\n");
  const auto low = Task::load(path + "#low"), high = Task::load(path + "#high");
  EXPECT_EQ(low->spec().task, "test/more-low");
  EXPECT_EQ(started(low).signals()[0], 1.0);
  EXPECT_EQ(started(high).signals()[0], 5.0);
  const auto refused = [](const std::string& text) {
    return testing::ThrowsMessage<base::UserError>(testing::HasSubstr(text));
  };
  EXPECT_THAT([&] { Task::load(path); },
              refused("more.toml:1:1: this file has variants: choose one of low, high"));
  EXPECT_THAT([&] { Task::load(path + "#hihg"); }, refused("no variant 'hihg' (did you mean 'high'?)"));
  EXPECT_THAT([&] { Task::load(path + "#zzz"); },
              refused("more.toml:1:1: no variant 'zzz'; there are low, high"));
  folder.write("base.toml", "extends = \"more.toml\"\n");
  EXPECT_THROW(Task::load(path + "#low"), base::UserError);
}

TEST(TaskFile, EveryListedTaskLoadsUnderItsName) {
  const std::vector<std::string> ids = list_tasks();
  EXPECT_GE(ids.size(), 26u);
  std::set<std::string> hashes;
  for (const std::string& id : ids) {
    const auto task = Task::load(id);
    EXPECT_EQ(task->spec().task, id);
    EXPECT_TRUE(hashes.insert(task->spec().hash).second) << id << " has the hash of another task";
  }
  EXPECT_THROW(Task::load("dmc/wlker-walk"), base::UserError);
}

TEST(Env, ActionMaps) {
  const std::string see = "[signals]\nc = 'ctrl()'\n";
  const std::vector<float> action = {0.5f, -0.5f, 2.0f};
  Env raw = started(load_arm(arm_task(see)));
  raw.step(action);
  EXPECT_EQ(std::vector<double>(raw.signals().begin(), raw.signals().end()),
            (std::vector<double>{0.5, -0.5, 2.0}));
  Env range = started(load_arm(arm_task(see + "[action]\nmap = \"ctrlrange\"\n")));
  range.step(action);  // clipped to 1, then [-1, 3] for the shoulder
  EXPECT_EQ(std::vector<double>(range.signals().begin(), range.signals().end()),
            (std::vector<double>{0.5, 0.0, 1.0}));
  Env joint = started(
      load_arm(arm_task(see + "[action]\nmap = \"joint_position\"\ndefault = \"home\"\nscale = 0.5\n")));
  joint.step(action);
  const std::vector<double> expected = {0.1 + 0.25, 0.2 - 0.25, -0.3 + 0.5};
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(joint.signals()[i], expected[i], 1e-15);
  Env delta = started(load_arm(arm_task(see + "[action]\nmap = \"delta_position\"\nscale = 0.1\n")));
  delta.step(action);
  delta.step(action);
  EXPECT_NEAR(delta.signals()[0], 0.1, 1e-15);
  EXPECT_NEAR(delta.signals()[1], -0.1, 1e-15);
}

TEST(Env, ActionDelayAndSmoothing) {
  Env late = started(load_arm(arm_task("[signals]\nc = 'ctrl(\"slide\")'\n[action]\ndelay_steps = 2\n")));
  std::vector<double> seen;
  for (int t = 1; t <= 4; ++t) {
    late.step(std::vector<float>{static_cast<float>(t), 0, 0});
    seen.push_back(late.signals()[0]);
  }
  EXPECT_EQ(seen, (std::vector<double>{0, 0, 1, 2}));
  Env smooth = started(load_arm(arm_task("[signals]\nc = 'ctrl(\"slide\")'\n[action]\nema = 0.5\n")));
  smooth.step(std::vector<float>{1, 0, 0});
  smooth.step(std::vector<float>{1, 0, 0});
  EXPECT_EQ(smooth.signals()[0], 0.75);
}

TEST(Env, ObservationNoiseBiasDelayScaleClipHistory) {
  const std::string head =
      "schema = 1\nid = \"t\"\nmodel = \"arm.xml\"\ncontrol_dt = 0.02\n[reward]\nexpr = '0'\n[signals]\nt = "
      "'time()'\n";
  const std::string slow =
      "[[observation]]\nname = \"late\"\nexpr = 't'\ndelay_steps = 2\n[[observation]]\nname = \"old\"\nexpr "
      "= 't'\nhistory = 3\n"
      "[[observation]]\nname = \"scaled\"\nexpr = 't'\nscale = 100\nclip = [0, 5]\n"
      "[[observation]]\nname = \"hidden\"\nexpr = 't'\ngroup = \"privileged\"\n";
  Env env = started(load_arm(head + slow));
  ASSERT_EQ(env.spec().observation_dim, 5);
  for (int t = 0; t < 3; ++t) env.step(std::vector<float>(3, 0.0f));
  const std::vector<double> expected = {0.02, 0.02, 0.04, 0.06, 5.0};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(env.observation()[i], expected[i], 1e-12) << i;
  EXPECT_NEAR(env.privileged()[0], 0.06, 1e-12);

  const std::string noisy =
      "[[observation]]\nname = \"u\"\nexpr = '0'\nnoise = 0.5\n[[observation]]\nname = \"n\"\nexpr = "
      "'0'\nnoise = { normal = 2 }\n"
      "[[observation]]\nname = \"b\"\nexpr = '0'\nbias = 3\n";
  Env noise(load_arm(head + noisy));
  double square = 0.0;
  std::set<double> biases;
  const int count = 4000;
  for (int i = 0; i < count; ++i) {
    noise.reset(1, static_cast<uint64_t>(i));
    const double bias = noise.observation()[2];
    noise.step(std::vector<float>(3, 0.0f));
    EXPECT_LE(std::abs(noise.observation()[0]), 0.5);
    EXPECT_EQ(noise.observation()[2], bias);
    square += noise.observation()[1] * noise.observation()[1] / count;
    biases.insert(bias);
  }
  EXPECT_NEAR(square, 4.0, 0.4);
  EXPECT_EQ(biases.size(), static_cast<size_t>(count));
}

TEST(Env, TerminationTruncationAndTerms) {
  const std::string terms =
      "schema = 1\nid = \"t\"\nmodel = \"arm.xml\"\ncontrol_dt = 0.02\nepisode_steps = 5\n"
      "[[observation]]\nname = \"q\"\nexpr = 'qpos()'\n[[reward.term]]\nname = \"a\"\nexpr = '2'\n"
      "[[reward.term]]\nname = \"b\"\nweight = -0.5\nexpr = 'time()/control_dt'\n[[termination]]\nwhen = "
      "'ctrl(\"slide\") > 0.5'\n";
  const auto task = load_arm(terms);
  EXPECT_TRUE(task->spec().has_termination);
  EXPECT_EQ(task->spec().reward_terms, (std::vector<std::string>{"a", "b"}));
  Env env(task);
  EXPECT_THROW(env.step(std::vector<float>(3)), std::logic_error);  // no state yet
  env.reset(0, 0);
  const std::vector<float> idle(3, 0.0f), push = {1.0f, 0.0f, 0.0f};
  for (int t = 1; t <= 5; ++t) {
    const StepResult result = env.step(idle);
    EXPECT_NEAR(result.reward, 2 - 0.5 * t, 1e-12);
    EXPECT_EQ(result.truncated, t == 5);
    EXPECT_FALSE(result.terminated);
  }
  env.reset(0, 1);
  const StepResult result = env.step(push);
  EXPECT_TRUE(result.terminated);
  EXPECT_FALSE(result.truncated);
}

TEST(Env, PreviousValuesAndActions) {
  Env env = started(
      load_arm(arm_task("[signals]\nspeed = '(time() - prev(time())) / control_dt'\nrate = 'sum(action() - "
                        "previous_action())'\n")));
  EXPECT_EQ(env.signals()[0], 0.0);
  env.step(std::vector<float>{0.25f, 0, 0});
  EXPECT_NEAR(env.signals()[0], 1.0, 1e-12);
  EXPECT_EQ(env.signals()[1], 0.25);
  env.step(std::vector<float>{0.75f, 0, 0});
  EXPECT_EQ(env.signals()[1], 0.5);
}

TEST(Env, CommandsAreDrawnAndResampled) {
  Env env =
      started(load_arm(arm_task("[[command]]\nname = \"go\"\nlow = [-1, 2]\nhigh = [1, 3]\nresample = "
                                "0.1\n[signals]\ng = 'command(\"go\")'\n")));
  std::set<double> seen;
  for (int t = 0; t < 20; ++t) {
    seen.insert(env.signals()[0]);
    EXPECT_LE(std::abs(env.signals()[0]), 1.0);
    EXPECT_GE(env.signals()[1], 2.0);
    env.step(std::vector<float>(3, 0.0f));
  }
  EXPECT_EQ(seen.size(), 4u);  // 0.1 s are 5 control steps
  EXPECT_THAT(load_error(arm_task("[signals]\ng = 'command(\"go\")'\n")), HasSubstr("no command 'go'"));
}

TEST(Env, RandomisationChangesTheModelOfOneEpisodeOnly) {
  const std::string text = arm_task(
      "[[event]]\nop = \"randomize\"\nfield = \"body_mass\"\nnames = [\"base\", \"upper\"]\nlow = 0.5\nhigh "
      "= 2\n"
      "[[event]]\nop = \"randomize\"\nfield = \"dof_damping\"\nnames = \"elbow\"\nmode = \"set\"\nlow = "
      "3\nhigh = 3\n"
      "[[event]]\nop = \"randomize\"\non = \"startup\"\nfield = \"geom_friction\"\nnames = \"floor\"\nindex "
      "= 0\nlow = 0.5\nhigh = 1\n");
  const auto task = load_arm(text);
  const mjModel* base = task->model();
  Env env(task);
  env.reset(5, 1);
  const std::vector<double> first = env.randomisation();
  ASSERT_EQ(first.size(), 4u);
  const int64_t body = mj_name2id(base, mjOBJ_BODY, "base"),
                dof = base->jnt_dofadr[mj_name2id(base, mjOBJ_JOINT, "elbow")];
  EXPECT_DOUBLE_EQ(env.model()->body_mass[body], base->body_mass[body] * first[0]);
  EXPECT_DOUBLE_EQ(env.model()->body_inertia[3 * body], base->body_inertia[3 * body] * first[0]);
  EXPECT_EQ(env.model()->dof_damping[dof], 3.0);
  EXPECT_NE(env.model()->body_subtreemass[body], base->body_subtreemass[body]);  // mj_setConst ran
  env.reset(5, 2);
  EXPECT_NE(env.randomisation()[0], first[0]);
  EXPECT_EQ(env.randomisation()[3], first[3]);  // startup: the same for all episodes of a seed
  env.reset(5, 1);
  EXPECT_EQ(env.randomisation(), first);
}

TEST(Env, PushesMoveTheFreeBody) {
  const std::string ball = "[signals]\nv = 'norm(qvel(\"ball\")[0:2])'\n";
  const std::string push = "[[event]]\nop = \"push\"\ninterval = 0.1\nspeed = [1, 2]\n";
  Env still = started(load_arm(arm_task(ball))), pushed = started(load_arm(arm_task(ball + push)));
  double most_still = 0.0, most_pushed = 0.0;
  for (int t = 0; t < 20; ++t) {
    still.step(std::vector<float>(3, 0.0f));
    pushed.step(std::vector<float>(3, 0.0f));
    most_still = std::max(most_still, still.signals()[0]);
    most_pushed = std::max(most_pushed, pushed.signals()[0]);
  }
  EXPECT_LT(most_still, 0.01);
  EXPECT_GT(most_pushed, 0.5);
}

TEST(Env, ActuatorsForAModelWithoutAny) {
  const ScratchFolder folder;
  std::string model = kArmModel;
  const size_t from = model.find("  <actuator>"), to = model.find("</actuator>") + 12;
  model.erase(from, to - from);
  model.erase(model.find("ctrl=\"0 0.2 0\""), 14);
  folder.write("arm.xml", model);
  const std::string path = folder.write(
      "arm.toml",
      arm_task("[[actuator]]\ntype = \"position\"\njoints = [\"elbow\", \"shoulder\"]\nkp = 30\nkd = 2\n"));
  const auto task = Task::load(path);
  EXPECT_EQ(task->spec().action_dim, 2);
  EXPECT_FLOAT_EQ(task->spec().action_low[0], -2.0f);  // the elbow's range
  EXPECT_EQ(task->model()->actuator_gainprm[0], 30.0);
  EXPECT_EQ(task->model()->actuator_biasprm[2], -2.0);
}

// Everything that draws or remembers: restored from the middle of an episode, it goes on bit for bit.
TEST(Env, RestoreContinuesBitForBit) {
  const std::string text = arm_task(
      "[action]\nmap = \"joint_position\"\ndelay_steps = [0, 2]\nema = 0.3\n"
      "[[observation]]\nname = \"noisy\"\nexpr = 'qvel()'\nnoise = 0.1\nbias = 0.1\ndelay_steps = [0, "
      "3]\nhistory = 2\n"
      "[[command]]\nname = \"go\"\nlow = -1\nhigh = 1\nresample = [0.05, 0.2]\n"
      "[[event]]\nop = \"randomize\"\nfield = \"body_mass\"\nnames = \"*\"\nlow = 0.8\nhigh = 1.2\n"
      "[[event]]\nop = \"push\"\ninterval = [0.1, 0.3]\nspeed = 0.5\n"
      "[[observation]]\nname = \"rest\"\nexpr = '[command(\"go\"), prev(qpos(\"elbow\")), "
      "previous_action()]'\n"
      "[[reset]]\nop = \"random_joints\"\n");
  const auto task = load_arm(text);
  Env a(task), b(task);
  a.reset(9, 4);
  b.reset(9, 7);
  const auto action = [](int t) { return std::vector<float>{std::sin(0.3f * t), std::cos(0.2f * t), 0.1f}; };
  for (int t = 0; t < 15; ++t) a.step(action(t));
  std::vector<double> physics(task->spec().physics_dim), state(task->spec().task_dim);
  a.copy_physics_state(physics);
  a.copy_task_state(state);
  b.restore(physics, state, 9, 4, a.steps());
  for (int t = 15; t < 40; ++t) {
    const StepResult ra = a.step(action(t)), rb = b.step(action(t));
    ASSERT_EQ(ra.reward, rb.reward) << t;
    ASSERT_EQ(observed(a), observed(b)) << t;
  }
}

TEST(Env, StepsWithoutAllocating) {
  for (const char* id : {"dmc/cartpole-swingup", "dmc/quadruped-run", "dmc/manipulator-bring_ball"}) {
    Env env(Task::load(id));
    const std::vector<float> action(env.spec().action_dim, 0.3f);
    env.reset(0, 0);
    for (int t = 0; t < 20; ++t) env.step(action);
    const int64_t before = allocations();
    for (int t = 0; t < 50; ++t) env.step(action);
    EXPECT_EQ(allocations(), before) << id;
    env.reset(0, 1);
    EXPECT_EQ(allocations(), before) << id << ": resets happen inside vector steps";
  }
}

}  // namespace
}  // namespace reverie::sim
