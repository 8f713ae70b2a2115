// Where each number of an observation comes from: against the observations themselves.
#include "sim/mechanics/observation_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "sim/env.h"
#include "tests/sim/mechanics/mechanics_tasks.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using Source = contract::ObservationSource;
using Kind = Source::Kind;

double value_of(const Source& source, const mjData* d) {
  const auto at = [&] {
    switch (source.kind) {
      case Kind::kPosition:
        return d->qpos[source.index];
      case Kind::kCosine:
        return std::cos(d->qpos[source.index]);
      case Kind::kSine:
        return std::sin(d->qpos[source.index]);
      case Kind::kVelocity:
        return d->qvel[source.index];
      case Kind::kBodyPlace:
        return d->xpos[source.index];
      default:
        return d->xmat[source.index];
    }
  };
  return source.offset + source.scale * at();
}

std::map<Kind, int> counts(const contract::EnvSpec& spec) {
  std::map<Kind, int> out;
  for (const Source& source : spec.mechanics->observation) ++out[source.kind];
  return out;
}

// Fresh states, as episodes meet them.
TEST(ObservationSources, ReproduceTheObservationsOfEveryTask) {
  for (const std::string& id : list_tasks()) {
    const auto task = Task::load(id);
    const std::vector<Source>& sources = task->spec().mechanics->observation;
    ASSERT_EQ(static_cast<int>(sources.size()), task->spec().observation_dim) << id;
    Env env(task);
    const DataPtr random = make_data(task->model());
    for (uint64_t i = 0; i < 5; ++i) {
      contract::Rng rng(9, i, contract::Stream::kEvaluation);
      put_random_state(task->model(), random.get(), rng);
      const mjModel* m = task->model();
      const mjData* r = random.get();
      env.reset_to({r->qpos, static_cast<size_t>(m->nq)}, {r->qvel, static_cast<size_t>(m->nv)},
                   {r->act, static_cast<size_t>(m->na)}, {r->mocap_pos, static_cast<size_t>(3 * m->nmocap)},
                   {r->mocap_quat, static_cast<size_t>(4 * m->nmocap)}, 1, i);
      for (size_t k = 0; k < sources.size(); ++k) {
        if (sources[k].kind == Kind::kOther) continue;
        const double found = value_of(sources[k], env.data()), wanted = env.observation()[k];
        ASSERT_NEAR(found, wanted, 1e-6 * std::max(1.0, std::abs(wanted))) << id << " number " << k;
      }
    }
  }
}

TEST(ObservationSources, OfKnownTasks) {
  const auto walker = Task::load("dmc/walker-walk");
  EXPECT_EQ(counts(walker->spec())[Kind::kOther], 0);
  EXPECT_EQ(counts(walker->spec())[Kind::kVelocity], 9);
  EXPECT_EQ(counts(walker->spec())[Kind::kBodyPlace], 1);
  EXPECT_EQ(counts(Task::load("dmc/cheetah-run")->spec()),
            (std::map<Kind, int>{{Kind::kPosition, 8}, {Kind::kVelocity, 9}}));
  const auto cartpole = Task::load("dmc/cartpole-swingup");
  EXPECT_EQ(counts(cartpole->spec()),
            (std::map<Kind, int>{
                {Kind::kPosition, 1}, {Kind::kCosine, 1}, {Kind::kSine, 1}, {Kind::kVelocity, 2}}));
  const auto reacher = Task::load("dmc/reacher-easy");
  EXPECT_EQ(counts(reacher->spec()),
            (std::map<Kind, int>{{Kind::kPosition, 2}, {Kind::kVelocity, 2}, {Kind::kOther, 2}}));
}

// The numbers of an observation of the two-joint arm.
std::vector<Source> arm_sources(const std::string& expr, const std::string& more = "") {
  return load_arm(arm_task_observing(expr) + more)->spec().mechanics->observation;
}

TEST(ObservationSources, AreThePlainestQuantity) {
  const std::vector<Source> out = arm_sources(
      "[qpos(\"elbow\"), cos(qpos(\"elbow\")), 3 - 2*qvel(\"elbow\"), xpos(\"base\").x, xpos(\"base\").x + "
      "1, "
      "xpos(\"upper\").z, xmat(\"lower\").zx, sensor(\"elbow_angle\")]");
  EXPECT_EQ(out[0].kind, Kind::kPosition);
  EXPECT_EQ(out[0].index, 2);
  EXPECT_EQ(out[0].scale, 1.0);
  EXPECT_EQ(out[0].offset, 0.0);
  EXPECT_EQ(out[1].kind, Kind::kCosine);
  EXPECT_EQ(out[2].kind, Kind::kVelocity);
  EXPECT_NEAR(out[2].scale, -2.0, 1e-12);
  EXPECT_NEAR(out[2].offset, 3.0, 1e-12);
  EXPECT_EQ(out[3].kind, Kind::kPosition);  // the slide itself
  EXPECT_EQ(out[4].kind, Kind::kPosition);
  EXPECT_NEAR(out[4].offset, 1.0, 1e-12);
  EXPECT_EQ(out[5].kind, Kind::kOther);  // never changes
  EXPECT_EQ(out[6].kind, Kind::kBodyRotation);
  EXPECT_EQ(out[6].index / 9, 3);
  EXPECT_EQ(out[7].kind, Kind::kPosition);
}

TEST(ObservationSources, AreNoneOfWhatDependsOnMore) {
  for (const char* expr : {"time()", "mocap_pos(\"goal\").x", "xpos(\"goal\").x", "ctrl(\"elbow\")",
                           "prev(qpos(\"elbow\"))", "qpos(\"elbow\") + qvel(\"elbow\")", "qacc(\"elbow\")",
                           "clip(qpos(\"elbow\"), -2, 1)", "wrap(qpos(\"shoulder\"))", "sensor(\"gyro\").x",
                           "action()", "qpos(\"elbow\")**2", "command(\"c\")"}) {
    const bool command = std::string(expr).starts_with("command");
    const std::vector<Source> out =
        arm_sources(expr, command ? "[[command]]\nname = \"c\"\nlow = -1\nhigh = 1\nresample = 5\n" : "");
    for (const Source& source : out) EXPECT_EQ(source.kind, Kind::kOther) << expr;
  }
}

TEST(ObservationSources, AreNoneOfWhatIsNotOfTheStateAlone) {
  const auto kind = [](const std::string& more) {
    return load_arm(arm_task_observing("qpos(\"elbow\")") + more)->spec().mechanics->observation[0];
  };
  // `more` goes on with the one [[observation]].
  EXPECT_EQ(kind("scale = 0.5\n").kind, Kind::kPosition);
  EXPECT_NEAR(kind("scale = 0.5\n").scale, 0.5, 1e-12);
  for (const char* more :
       {"noise = 0.1\n", "bias = 0.1\n", "delay_steps = 1\n", "clip = [-9, 9]\n", "history = 2\n"})
    EXPECT_EQ(kind(more).kind, Kind::kOther) << more;
}

// Bodies that stand elsewhere in each episode are no source.
TEST(ObservationSources, AreNotBodiesThatAreRandomised) {
  const std::string event =
      "[[event]]\nop = \"randomize\"\non = \"reset\"\nfield = \"body_pos\"\nnames = \"upper\"\nmode = "
      "\"add\"\n"
      "low = 0\nhigh = 1\n";
  EXPECT_EQ(arm_sources("xpos(\"lower\").x")[0].kind, Kind::kBodyPlace);
  EXPECT_EQ(arm_sources("xpos(\"lower\").x", event)[0].kind, Kind::kOther);
}

int passes = 0;

// Passes of the engine, which are what takes time.
int passes_of(const auto& work) {
  passes = 0;
  mjcb_control = [](const mjModel*, mjData*) { ++passes; };
  work();
  mjcb_control = nullptr;
  return passes;
}

TEST(ObservationSources, CostAFewPassesOfTheEngine) {
  const auto added = [](const std::string& name, const char* id) {
    const std::string path = std::string(REVERIE_SOURCE_DIR) + "/scenes/dmc/" + name + ".xml";
    return passes_of([&] { Task::load(id); }) - passes_of([&] { load_model(path); });
  };
  EXPECT_EQ(added("cartpole", "dmc/cartpole-swingup"), kSourceDraws);
  EXPECT_EQ(added("walker", "dmc/walker-walk"), kSourceDraws + 8);  // x is moved in four states
}

TEST(ObservationSources, OfVeryLargeModelsAreNotLookedFor) {
  const auto kind = [](int bodies) {
    std::string balls;
    for (int i = 0; i < bodies; ++i) balls += "<body><freejoint/><geom size=\"1\" contype=\"0\"/></body>";
    const auto task = load_with_model("<mujoco><worldbody>" + balls + "</worldbody></mujoco>", "qpos()[0]");
    return task->spec().mechanics->observation.at(0).kind;
  };
  EXPECT_EQ(kind(166), Kind::kPosition);
  EXPECT_EQ(kind(167), Kind::kOther);
}

}  // namespace
}  // namespace reverie::sim
