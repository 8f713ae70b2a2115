// Events: physics is changed, the dream is not told, and what follows is measured, kept and done again.
#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/fork_file.h"
#include "viewer/physics_changes.h"

namespace reverie::viewer {
namespace {

class EventsTest : public ScriptTest {};

TEST_F(EventsTest, OnlyPhysicsIsChanged) {
  Twin twin(test_parts(model.get(), -9.81)), same(test_parts(model.get(), -9.81));
  for (int i = 0; i < 10; ++i) twin.step(), same.step();
  twin.change({.gravity = 0.0});
  EXPECT_EQ(twin.history().error.back(), 0);
  for (int i = 0; i < 20; ++i) twin.step(), same.step();
  EXPECT_GT(twin.history().error.back(), 0);
  EXPECT_EQ(same.history().error.back(), 0);
  ASSERT_EQ(twin.events().size(), 1u);
  EXPECT_EQ(twin.events()[0].step, 10);
  twin.reset(0);
  for (int i = 0; i < 30; ++i) twin.step();
  EXPECT_EQ(twin.history().error.back(), 0);  // another episode has the model's own physics
}

TEST_F(EventsTest, AChangeOfNothingChangesNothing) {
  Twin twin(test_parts(model.get(), -9.3)), same(test_parts(model.get(), -9.3));
  for (int i = 0; i < 10; ++i) twin.step(), same.step();
  twin.change({.gravity = 2.0});
  twin.change({});
  for (int i = 0; i < 20; ++i) twin.step(), same.step();
  EXPECT_EQ(twin.history().error, same.history().error);
  EXPECT_EQ(twin.recording().physics, same.recording().physics);
  EXPECT_EQ(twin.events().size(), 2u);
}

TEST_F(EventsTest, ForksKeepThePhysicsOfTheirTime) {
  Twin twin(test_parts(model.get(), -9.3)), straight(test_parts(model.get(), -9.3));
  const auto live = [](Twin& t) {
    for (int i = 0; i < 20; ++i) t.step();
    t.change({.gravity = 0.5});
    for (int i = 0; i < 5; ++i) t.step();
    t.push(0.4);
    for (int i = 0; i < 5; ++i) t.step();
  };
  live(twin);
  live(straight);
  for (const int step : {29, 25, 22, 20, 10}) {
    twin.walk_to(0);
    twin.fork(step, {});
    EXPECT_EQ(twin.changes().gravity, step < 20 ? 1.0 : 0.5) << step;
    EXPECT_EQ(twin.events().size(), step < 20 ? 0u : step < 25 ? 1u : 2u) << step;
    if (step < 25) continue;
    while (twin.steps() < straight.steps()) twin.step();
    EXPECT_EQ(twin.recording().physics, straight.recording().physics) << step;
  }
}

TEST_F(EventsTest, AFileHasThem) {
  const base::TemporaryDirectory folder;
  Twin twin(test_parts(model.get(), -9.3)), again(test_parts(model.get(), -9.3));
  for (int i = 0; i < 10; ++i) twin.step();
  twin.push(0.5);
  twin.anchor();
  twin.change({.mass = 2.0, .wind = 3.0});
  for (int i = 0; i < 10; ++i) twin.step();
  twin.fork(20, {});
  twin.push(-0.2);
  for (int i = 0; i < 3; ++i) twin.step();
  save_forks(twin, folder.path() / "branches.json");
  EXPECT_EQ(open_forks(again, folder.path() / "branches.json"), "2 branches, physics as it was saved");
  EXPECT_EQ(again.recording().physics, twin.recording().physics);
  EXPECT_EQ(again.history().error, twin.history().error);
  ASSERT_EQ(again.events().size(), 3u);
  EXPECT_EQ(again.events()[1].changes, twin.events()[1].changes);
  EXPECT_EQ(again.events()[2].push, -0.2);
  EXPECT_EQ(again.clock().finished, twin.clock().finished);
}

TEST_F(EventsTest, ByScriptWithTheDreamsReaction) {
  open(-9.81);
  EXPECT_EQ(play("wait 0.4\n"
                 "expect dream.error == 0\n"
                 "set \"events/Gravity\" 0\n"
                 "expect event.gravity == 0\n"
                 "expect event.count == 1\n"
                 "wait 2\n"
                 "expect event.drifted_after > 0\n"
                 "click \"events/As the model\"\n"
                 "expect event.gravity == 1\n"
                 "set \"events/Speed\" 2\n"
                 "click \"events/Push\"\n"
                 "key F9\n"
                 "expect event.count == 4\n"
                 "click time/Restart\n"
                 "expect event.count == 0\n"
                 "drag \"events/Mass\" 0.5 0.5 0.9 0.5\n"
                 "expect event.count == 1\n"
                 "expect event.mass > 2\n"),
            "");
}

TEST(PhysicsChanges, ChangeTheModelAndNothingElse) {
  const sim::ModelPtr model = render::load_twin_model();
  const sim::ModelPtr changed =
      changed_model(model.get(), {.mass = 2, .friction = 0.5, .gravity = 0.1, .wind = 4});
  EXPECT_EQ(changed->body_mass[2], 2 * model->body_mass[2]);
  EXPECT_EQ(changed->body_inertia[7], 2 * model->body_inertia[7]);
  EXPECT_EQ(changed->body_subtreemass[0], 2 * model->body_subtreemass[0]);
  EXPECT_EQ(changed->geom_friction[0], 0.5 * model->geom_friction[0]);
  EXPECT_EQ(changed->opt.gravity[2], 0.1 * model->opt.gravity[2]);
  EXPECT_EQ(changed->opt.wind[0], 4);
  EXPECT_GT(changed->opt.density, 0);
  EXPECT_EQ(changed_model(model.get(), {})->opt.density, model->opt.density);
  EXPECT_EQ(tell({.step = 3, .changes = {.mass = 2, .wind = 4}}, {}), "mass x 2, wind 4 m/s");
  EXPECT_EQ(tell({.step = 3, .push = -1.5}, {}), "push -1.5 m/s");
}

TEST(Reactions, AreMeasuredFromTheEventOn) {
  TwinHistory history;
  history.error = {0, 0.1, 0.2, 0.5, 0.1};
  history.uncertainty = {0.2, 0.3, 0.1, 0.3, 0.4};
  const Reaction reaction = reaction_to({.step = 2}, history, 0.5);
  EXPECT_EQ(reaction.drifted, 0.5);
  EXPECT_EQ(reaction.noticed, 1.0);
  EXPECT_TRUE(std::isnan(reaction_to({.step = 4}, history, 0.5).noticed));
}

}  // namespace
}  // namespace reverie::viewer
