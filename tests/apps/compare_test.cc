// Runs made by hand: what is compared is read from their files alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/reverie_process.h"

namespace reverie::apps {
namespace {

using testing::HasSubstr;
using testing::Not;

class Compare : public testing::Test {
 protected:
  void make_run(const std::string& name, const std::string& task, int seed, const std::string& metrics) {
    process.write(name + "/config.toml", "task = \"" + task + "\"\nseed = " + std::to_string(seed) + "\n");
    process.write(name + "/metrics.jsonl", metrics);
  }
  ReverieProcess process;
};

TEST_F(Compare, OneSectionATaskBesideItsPublishedCurves) {
  make_run("a", "dmc/walker-walk", 3,
           "{\"step\":20000,\"eval/return\":123.0,\"time/seconds\":61}\n"
           "{\"step\":50000,\"eval/return\":456.0,\"time/seconds\":99}\n");
  make_run("b", "dmc/reacher-easy", 4, "{\"step\":20000,\"eval/return\":77.0}\n");
  const Outcome outcome = process.run({"compare", "a", "b"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const size_t second = outcome.out.find("\ndmc/reacher-easy");
  ASSERT_TRUE(outcome.out.starts_with("dmc/walker-walk")) << outcome.out;
  ASSERT_NE(second, std::string::npos) << outcome.out;
  const std::string walker = outcome.out.substr(0, second), reacher = outcome.out.substr(second);
  EXPECT_THAT(walker, HasSubstr("a (seed 3, 99 s)"));
  EXPECT_THAT(walker, HasSubstr("456 at 50k"));
  EXPECT_THAT(walker, HasSubstr("TD-MPC2, published"));
  EXPECT_THAT(reacher, HasSubstr("77 at 20k"));
  EXPECT_THAT(reacher, Not(HasSubstr("456")));
}

TEST_F(Compare, WritesAPageAndPictures) {
  make_run("a", "dmc/walker-walk", 3, "{\"step\":20000,\"eval/return\":123.0,\"dream/valid_steps\":8}\n");
  const Outcome outcome = process.run({"compare", "a", "--out", "page", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto object = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(object["page"], "page/compare.html");
  EXPECT_EQ(object["runs"][0]["seed"], 3);
  EXPECT_EQ(object["runs"][0]["steps"], nlohmann::json({20000.0}));
  EXPECT_EQ(object["runs"][0]["returns"], nlohmann::json({123.0}));
  EXPECT_EQ(object["runs"][0]["valid_steps"], nlohmann::json({8.0}));
  EXPECT_TRUE(process.read("page/compare-dmc-walker-walk-dream.png").starts_with("\x89PNG"));
  EXPECT_THAT(process.read("page/compare.html"), HasSubstr("dmc/walker-walk"));
  EXPECT_TRUE(process.read("page/compare-dmc-walker-walk.png").starts_with("\x89PNG"));
  EXPECT_TRUE(process.read("page/compare-dmc-walker-walk-wall-clock.png").starts_with("\x89PNG"));
}

TEST_F(Compare, WrongInputIsOneLine) {
  make_run("bad", "dmc/walker-walk", 3, "{\"step\":\n");
  process.write("folder/file", "");
  const auto before = process.snapshot();
  for (const auto& [name, text] : {std::pair{"none", "no such run directory"},
                                   {"folder", "not a run directory"},
                                   {"bad", "metrics.jsonl:1"}}) {
    const Outcome outcome = process.run({"compare", name, "--out", "page"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr(text));
  }
  EXPECT_EQ(process.run({"compare"}).status, 2);
  EXPECT_TRUE(process.snapshot() == before) << "something changed on disk";
}

}  // namespace
}  // namespace reverie::apps
