// Mutated task files and expressions: always a working task or a clear error, never a crash or a hang.
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "sim/env.h"
#include "sim/expression/expression_builder.h"
#include "sim/model.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/task_files.h"

namespace reverie::fuzz {
namespace {

// Words that reach deep when they land in the right place.
const std::vector<std::string> kWords = {"qpos(",
                                         "qvel()",
                                         "xmat(\"*\")",
                                         "tol(",
                                         "bounds=",
                                         "[",
                                         "]",
                                         "(",
                                         ")",
                                         ",",
                                         "-1",
                                         "1e308",
                                         "inf",
                                         "**",
                                         "prev(",
                                         "action()",
                                         "command(\"go\")",
                                         "if(",
                                         "components(",
                                         "\"xx\"",
                                         "[1:",
                                         ".x",
                                         ".zz",
                                         "== ",
                                         "\n",
                                         "= ",
                                         "'",
                                         "\"",
                                         "[[reset]]\n",
                                         "op = \"until\"\n",
                                         "op = \"settle\"\n",
                                         "op = \"choice\"\n",
                                         "when = '",
                                         "joints = ",
                                         "nan",
                                         "true",
                                         "{",
                                         "}",
                                         "99999999999999999999",
                                         "\xff",
                                         "#"};

const std::vector<std::string> kExpressions = {
    ("tol(xpos(\"upper\").z, bounds=[1.2, inf], margin=0.6, sigmoid=\"linear\", at_margin=0.5) * (1 + "
     "xmat(\"base\").zz) / 2"),
    "[qpos()[1:3], sin(qvel(\"elbow\", \"slide\")), components(xmat(\"*\"), \"xx\", \"xz\")]",
    ("if(norm(site_xpos(\"tip\") - mocap_pos(\"goal\")) < 0.1 and not contacts(\"floor\", \"body:ball\"), 1, "
     "-0.5)"),
    "to_local(xmat(\"upper\"), xpos(\"lower\", \"ball\") - xpos(\"upper\"))",
    "interleave(clip(ctrl(), -1, 1), abs(actuator_force()))[-3] ** 2 % 3",
    "mean(exp(-sensor(\"gyro\")**2 / 0.25)) + yaw(xquat(\"ball\")) + 0 <= time() < 3",
};

void report(const char* what, int64_t good, int64_t refused) {
  if (std::getenv("REVERIE_FUZZ") == nullptr) return;
  std::printf("%s: %ld work, %ld refused\n", what, static_cast<long>(good), static_cast<long>(refused));
}

TEST(Fuzz, ExpressionsCompileOrFailClearly) {
  const sim::ScratchFolder folder;
  const sim::ModelPtr model = sim::load_model(folder.write("arm.xml", sim::kArmModel));
  const sim::DataPtr data = sim::make_data(model.get());
  mj_forward(model.get(), data.get());
  sim::StateLayout layout;
  sim::Scope scope;
  scope.model = model.get();
  scope.control_dt = 0.02;
  scope.action_dim = 3;
  scope.layout = &layout;
  scope.params = {{"speed", {1.0}}};
  int64_t compiled = 0, refused = 0;
  const FuzzRange range = fuzz_range(10000);
  for (int64_t i = range.first; i < range.first + range.count; ++i) {
    contract::Rng rng(1, static_cast<uint64_t>(i), contract::Stream::kEvaluation);
    sim::TomlNode node;
    node.kind = sim::TomlNode::Kind::kString;
    node.string =
        edited(kExpressions[static_cast<size_t>(i) % kExpressions.size()], kExpressions, kWords, rng);
    layout = {};
    sim::ProgramBuilder builder(scope, true);
    try {
      const sim::Value value = builder.compile(node, "fuzz");
      const sim::Program program = builder.take();
      std::vector<double> slots(static_cast<size_t>(program.slot_count())),
          state(static_cast<size_t>(layout.size));
      program.initialise(slots);
      program.run({model.get(), data.get(), state.data()}, slots);
      ASSERT_EQ(value.slots.size(), static_cast<size_t>(value.size())) << node.string;
      for (const int slot : value.slots) ASSERT_LT(slot, program.slot_count()) << node.string;
      ++compiled;
    } catch (const base::UserError& error) {
      ASSERT_NE(std::string(error.what()).find("fuzz: "), std::string::npos) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(compiled, range.count / 100);
  EXPECT_GT(refused, range.count / 10);
  report("expressions", compiled, refused);
}

TEST(Fuzz, TaskFilesLoadOrFailClearly) {
  const sim::ScratchFolder folder;
  folder.write("arm.xml", sim::kArmModel);
  setenv("REVERIE_SCENES", folder.path().c_str(), 1);  // as if shipped: no child process for every file
  const std::string rich = sim::arm_task(
      "[params]\nspeed = 1.0\n[signals]\nx = 'qpos(\"slide\") * speed'\n[action]\nmap = "
      "\"joint_position\"\nscale = 0.5\ndelay_steps = [0, 2]\n"
      "[[command]]\nname = \"go\"\nlow = -1\nhigh = 1\nresample = [0.1, 0.2]\n[[observation]]\nname = "
      "\"v\"\nexpr = '[x, command(\"go\"), prev(x)]'\nnoise = 0.1\nhistory = 2\n"
      "[[event]]\nop = \"randomize\"\nfield = \"body_mass\"\nnames = \"*\"\nlow = 0.8\nhigh = "
      "1.2\n[[event]]\nop = \"push\"\ninterval = 0.1\nspeed = 1\n"
      "[[termination]]\nwhen = 'abs(x) > 1'\n[[reset]]\nop = \"until\"\nwhen = 'ncon() < 5'\nmax_tries = "
      "50\nops = [{ op = \"random_joints\" }, { op = \"draw\", name = \"a\", high = 'speed' }]\n"
      "[[reset]]\nop = \"settle\"\nsteps = 5\n");
  std::vector<std::string> corpus = {rich};
  for (const char* file : {"manipulator.toml", "quadruped.toml", "cartpole.toml"}) {
    corpus.push_back(base::read_file(std::string(REVERIE_SOURCE_DIR) + "/scenes/dmc/" + file));
  }
  ASSERT_EQ(sim::load_error(rich), "");
  int64_t loaded = 0, refused = 0;
  const FuzzRange range = fuzz_range(600);
  const std::string path = folder.write("arm.toml", rich);
  for (int64_t i = range.first; i < range.first + range.count; ++i) {
    contract::Rng rng(2, static_cast<uint64_t>(i), contract::Stream::kEvaluation);
    std::ofstream(path, std::ios::binary) << edited(rich, corpus, kWords, rng);
    try {
      sim::Env env(sim::Task::load(path));
      env.reset(0, 0);
      const std::vector<float> action(static_cast<size_t>(env.spec().action_dim), 0.5f);
      if (env.spec().control_dt < 1.0) env.step(action);
      ++loaded;
    } catch (const base::UserError& error) {
      ASSERT_GT(std::string(error.what()).size(), 10u);
      ++refused;
    } catch (const sim::PhysicsError&) {
      ++refused;  // a state that the engine itself refuses
    }
  }
  EXPECT_GT(loaded, range.count / 20);
  EXPECT_GT(refused, range.count / 10);
  report("task files", loaded, refused);
}

}  // namespace
}  // namespace reverie::fuzz
