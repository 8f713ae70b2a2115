// The imagination fan on worlds whose futures are known.
#include "viewer/fan.h"

#include <gmock/gmock.h>

#include "contract/mechanics.h"
#include "tests/viewer/script_fixture.h"
#include "viewer/fan_view.h"

namespace reverie::viewer {
namespace {

class FanTest : public ScriptTest {};

TEST_F(FanTest, APerfectDreamHasThePhysicsOfItsFutures) {
  open(-9.81);
  EXPECT_EQ(play("wait 0.2\n"
                 "click \"fan/Show futures\"\n"
                 "expect playback.paused == 1\n"
                 "expect fan.futures == 3\n"
                 "expect fan.horizon == 10\n"
                 "set \"fan/Look ahead\" 10\n"
                 "expect fan.ahead == 10\n"
                 "expect fan.error == 0\n"
                 "expect fan.spread > 0\n"
                 "expect fan.spread == fan.true_spread\n"
                 "expect twin.steps == 10\n"),
            "");
  const Fan& fan = *twin->fan();
  EXPECT_TRUE(std::ranges::equal(fan.pose(fan.imagined, 0, 0), twin->dream().positions()));
  EXPECT_EQ(fan.imagined.spread[0], 0);
  EXPECT_EQ(fan.imagined.places.size(), 3u * 11u * 3u);
}

TEST_F(FanTest, TheFirstFutureIsWhatHappensNext) {
  open(-9.3);
  EXPECT_EQ(
      play("wait 0.2\nkey F7\nexpect fan.shown == 1\nset \"fan/Look ahead\" 10\nexpect fan.error > 0\n"), "");
  const std::shared_ptr<const Fan> fan = twin->fan();
  twin->driver = Driver::kDream;  // the policy of the futures
  for (int h = 1; h <= fan->horizon; ++h) {
    twin->step();
    ASSERT_TRUE(std::ranges::equal(fan->pose(fan->imagined, 0, h), twin->dream().positions())) << h;
    ASSERT_TRUE(std::ranges::equal(fan->pose(fan->simulated, 0, h), twin->physics().positions())) << h;
  }
  EXPECT_EQ(twin->fan(), nullptr);  // it belonged to another moment
}

TEST_F(FanTest, MoreNoiseSpreadsFuturesMore) {
  open(-9.3);
  EXPECT_EQ(play("set \"fan/Noise\" 0\nclick \"fan/Show futures\"\nset \"fan/Look ahead\" 10\n"
                 "expect fan.spread == 0\n"
                 "set \"fan/Noise\" 0.5\nset \"fan/Futures\" 8\n"
                 "expect fan.futures == 8\nexpect fan.spread > 0\n"
                 "click \"fan/Hide futures\"\nexpect fan.shown == 0\n"),
            "");
}

TEST_F(FanTest, ImaginedRobotsStandWhereSimulatedOnesDo) {
  TwinParts parts = test_parts(model.get(), -9.3);
  auto mechanics = std::make_shared<contract::Mechanics>();
  mechanics->ignored = {0};  // the cart's way
  parts.spec.mechanics = mechanics;
  Twin on_a_floor(std::move(parts));
  for (int i = 0; i < 30; ++i) on_a_floor.step();
  on_a_floor.show_fan({.futures = 2, .horizon = 5, .noise = 0.3});
  const Fan& fan = *on_a_floor.fan();
  EXPECT_NE(on_a_floor.dream().positions()[0], on_a_floor.physics().positions()[0]);
  for (int h = 0; h <= 5; ++h) {
    EXPECT_EQ(fan.pose(fan.imagined, 1, h)[0], fan.pose(fan.simulated, 1, h)[0]) << h;
    EXPECT_NE(fan.pose(fan.imagined, 1, h)[1], fan.pose(fan.simulated, 1, h)[1]) << h;
  }
}

TEST_F(FanTest, ItsWorldsAreGoneWhenItIsMadeAndItselfWhenItIsHidden) {
  TwinParts parts = test_parts(model.get(), -9.3);
  std::vector<std::weak_ptr<int>> alive;  // one for each world
  for (auto* make : {&parts.fan.dream, &parts.fan.physics}) {
    *make = [&alive, model = model.get()] {
      auto world = std::make_unique<Rows>(model, 1, -9.81);
      alive.emplace_back(world->life);
      return world;
    };
  }
  Twin twin(std::move(parts));
  twin.show_fan({.futures = 4, .horizon = 5, .noise = 0.3});
  EXPECT_EQ(alive.size(), 2u);
  for (const auto& one : alive) EXPECT_TRUE(one.expired());
  const std::weak_ptr<const Fan> fan = twin.fan();
  EXPECT_FALSE(fan.expired());
  twin.hide_fan();
  EXPECT_TRUE(fan.expired());
}

TEST_F(FanTest, IsDrawnInBothWorlds) {
  open(-9.3);
  EXPECT_EQ(play("key Space\n"), "");
  session->frame(0);
  const render::Image before = surface->read();
  EXPECT_EQ(play("key F7\nset \"fan/Look ahead\" 10\n"), "");
  session->frame(0);
  EXPECT_GT(render::differing_pixels(before, surface->read(), 24), 300);
}

}  // namespace
}  // namespace reverie::viewer
