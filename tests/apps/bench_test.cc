// What bench prints; how fast anything is belongs to no test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/reverie_process.h"

namespace reverie::apps {
namespace {

using testing::HasSubstr;

class Bench : public testing::Test {
 protected:
  // The rows of a short measurement, checked for what holds of all of them.
  nlohmann::json rows_of(const std::string& what) {
    const Outcome outcome =
        process.run({"bench", what, "--task", "dmc/cartpole-swingup", "--repeats", "1", "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const auto object = nlohmann::json::parse(outcome.out);
    EXPECT_THAT(object["machine"].get<std::string>(), HasSubstr(" processor"));
    for (const auto& row : object["rows"]) {
      EXPECT_EQ(row["what"], what);
      EXPECT_EQ(row["case"], "dmc/cartpole-swingup");
      EXPECT_GT(row["value"].get<double>(), 0.0);
      EXPECT_GT(row["limit"].get<double>(), 0.0);
      EXPECT_DOUBLE_EQ(row["ratio"].get<double>(), row["value"].get<double>() / row["limit"].get<double>());
    }
    return object["rows"];
  }
  ReverieProcess process;
};

TEST_F(Bench, Sim) {
  const auto rows = rows_of("sim");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["threads"], 1);
  EXPECT_EQ(rows[1]["threads"], 2);
  EXPECT_EQ(rows[0]["unit"], "control steps/s");
}

TEST_F(Bench, Learn) {
  const auto rows = rows_of("learn");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["threads"], 1);
  EXPECT_EQ(rows[0]["device"], "cpu");
  EXPECT_EQ(rows[1]["threads"], 2);  // world model and actor side by side
  EXPECT_EQ(rows[0]["unit"], "updates/s");
}

TEST_F(Bench, TableAndWrongInput) {
  const Outcome outcome = process.run({"bench", "sim", "--task", "dmc/pendulum-swingup", "--repeats", "1"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\ndmc/pendulum-swingup "));
  EXPECT_THAT(outcome.out, HasSubstr("engine alone"));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"bench"},
                                                {"bench", "fly"},
                                                {"bench", "sim", "--task", "dmc/none"},
                                                {"bench", "learn", "--repeats", "0"}}) {
    EXPECT_EQ(process.run(words).status, 2);
  }
}

}  // namespace
}  // namespace reverie::apps
