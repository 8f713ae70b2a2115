// What `evaluate` offers to scripts: chosen sections, gates, one object, and exit statuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/apps/reverie_process.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// One run of cart-pole that has hardly begun to learn.
class Evaluate : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    process = new ReverieProcess;
    const Outcome trained = process->run(
        joined({"train", "--task", "dmc/cartpole-swingup", "--out", "run", "env_steps=400",
                "random_steps=200", "updates_per_decision=0.1", "checkpoint_every=200", "eval_every=0", "-q"},
               kSmallLearner));
    ASSERT_EQ(trained.status, 0) << trained.err;
  }
  static void TearDownTestSuite() {
    delete process;
    process = nullptr;
  }
  static Outcome evaluate(const std::vector<std::string>& words) {
    return process->run(joined({"evaluate", "run", "--episodes", "2"}, words));
  }

  static ReverieProcess* process;
};
ReverieProcess* Evaluate::process = nullptr;

TEST_F(Evaluate, PrintsTheObjectOfTheReport) {
  const Outcome outcome =
      evaluate({"--sections", "returns,probe", "--gate", "simulated_return>=0", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto printed = nlohmann::json::parse(outcome.out);
  auto written = nlohmann::json::parse(process->read("run/evaluation/report.json"));
  EXPECT_EQ(written.erase("checksum") + written.erase("files"), 2U);  // of files
  EXPECT_EQ(printed, written);
  EXPECT_EQ(printed.at("sections").size(), 2u);
  EXPECT_EQ(printed.at("gates").at(0).at("held"), true);
  EXPECT_TRUE(printed.at("valid_horizon_steps").is_null());  // of a section that was left out
}

TEST_F(Evaluate, AGateThatDoesNotHoldIsStatusOneAndAnUnknownRowStatusTwo) {
  const Outcome fails = evaluate(
      {"--sections", "returns", "--gate", "return.simulated>=0", "--gate", "return.simulated>=100000"});
  EXPECT_EQ(fails.status, 1) << fails.err;
  EXPECT_THAT(fails.out, AllOf(HasSubstr("\nok   return.simulated>=0: "),
                               HasSubstr("\nFAIL return.simulated>=100000: "), HasSubstr("report: ")));
  const Outcome unknown = evaluate({"--sections", "returns", "--gate", "simulated_retrun>=0"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err,
              HasSubstr("no row 'simulated_retrun' was measured (did you mean 'simulated_return'?)"));
  EXPECT_THAT(unknown.out, HasSubstr("report: "));  // what was measured is not lost
}

TEST_F(Evaluate, DreamsAreFollowedForAsLongAsAskedFor) {
  const Outcome outcome = evaluate({"--sections", "fidelity", "--horizon", "301", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto report = nlohmann::json::parse(outcome.out);
  int64_t longest = 0;
  for (const auto& row : report.at("sections").at("fidelity").at("rows"))
    if (row.at("name") == "imagined_error")
      longest = std::max(longest, row.at("horizon_steps").get<int64_t>());
  EXPECT_EQ(longest, 300);  // whole decisions
  EXPECT_THAT(process->read("run/evaluation/report.html"), HasSubstr("--episodes 2 --horizon 301 "));
}

TEST_F(Evaluate, AVerdictSaysWhatItDoesNotKnow) {
  const Outcome outcome = evaluate({"--sections", "returns", "think=1"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("think=1: planning is not measured: the section planning is left out"),
                    Not(HasSubstr("nan"))));
}

TEST_F(Evaluate, WordsBehindAnOptionAreSettings) {
  const Outcome outcome =
      evaluate({"--sections", "returns", "--gate", "simulated_return>=0", "seed=5", "--out", "a b"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto report = nlohmann::json::parse(process->read("a b/report.json"));
  EXPECT_THAT(report.at("command").get<std::string>(),
              AllOf(HasSubstr("evaluate run seed=5 "), HasSubstr("--out 'a b'")));
}

TEST_F(Evaluate, WrongWordsAreToldBeforeAnythingIsMeasured) {
  const auto before = process->snapshot();
  for (const auto& [words, text] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--sections", "retruns"}, "unknown section 'retruns' (did you mean 'returns'?)"},
           {{"--gate", "simulated_return"}, "--gate 'simulated_return': expected NAME>=NUMBER"},
           {{"--horizon", "0"}, "--horizon"},
           {{"--horizon", "1"}, "--horizon 1: expected at least 2, the control steps of a decision of run"},
           {{"--quick"}, "--episodes"}}) {
    const Outcome outcome = evaluate(words);
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(text));
  }
  EXPECT_TRUE(process->snapshot() == before);
}

TEST_F(Evaluate, BadInputIsOneClearLine) {
  const auto error_of = [](const std::vector<std::string>& words) {
    const Outcome outcome = process->run(joined({"evaluate"}, words));
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    return outcome.err;
  };
  EXPECT_THAT(error_of({"run", "--episodes", "0"}), HasSubstr("--episodes"));
  EXPECT_THAT(error_of({"run", "--data", "nowhere"}), HasSubstr("nowhere"));
  fs::create_directory(process->folder() / "empty");
  EXPECT_THAT(error_of({"run", "--data", "empty"}), HasSubstr("empty"));
  ASSERT_EQ(
      process->run({"collect", "--task", "dmc/pendulum-swingup", "--episodes", "1", "--out", "strange", "-q"})
          .status,
      0);
  EXPECT_THAT(error_of({"run", "--data", "strange"}), HasSubstr("dmc/pendulum-swingup"));
  process->write("actor.safetensors", "no container");
  EXPECT_THAT(error_of({"run", "--policy", "actor.safetensors"}), HasSubstr("actor.safetensors"));
  EXPECT_THAT(error_of({"run", "--all-checkpoints", "--gate", "x>=0"}), HasSubstr("--gate"));
  const std::string state = "newer/checkpoints/last/state.json";
  fs::copy(process->folder() / "run", process->folder() / "newer",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  auto newer = nlohmann::json::parse(process->read(state));
  for (const char* key : {"checksum", "files"}) newer.erase(key);  // of what was written
  newer["schema"] = 99;
  process->write(state, newer.dump());
  EXPECT_THAT(error_of({"newer"}), HasSubstr("schema 99, of a newer program; expected 1"));
  newer["schema"] = 1;
  newer["task_hash"] = "0123";
  process->write(state, newer.dump());
  EXPECT_THAT(error_of({"newer"}), HasSubstr("has changed since this run was trained (hash 0123"));
}

TEST_F(Evaluate, ASweepHasARowForEveryCheckpointOrRun) {
  const Outcome all = process->run({"evaluate", "run", "--all-checkpoints", "--quick", "--json"});
  ASSERT_EQ(all.status, 0) << all.err;
  const auto rows = nlohmann::json::parse(all.out).at("rows");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows.at(0).at("name"), "000000200");
  EXPECT_EQ(rows.at(1).at("env_steps"), 400);
  EXPECT_TRUE(rows.at(1).contains("valid_time"));
  const std::string csv = process->read("run/evaluation/sweep/sweep.csv");
  EXPECT_THAT(
      csv, AllOf(testing::StartsWith("name,env_steps,simulated_return.low"), HasSubstr("\n000000400,400,")));
  EXPECT_GT(fs::file_size(process->folder() / "run/evaluation/sweep/sweep-return.png"), 1000u);
  const Outcome two = process->run({"evaluate", "run", "run@200", "--quick", "--json"});
  ASSERT_EQ(two.status, 0) << two.err;
  const auto table = nlohmann::json::parse(two.out);
  EXPECT_EQ(table.at("rows").size(), 2u);
  EXPECT_EQ(table.at("ranking_by_first").at("imagined").size(), 2u);
  EXPECT_TRUE(
      table.at("ranking_by_first").at("spearman").at("low").is_null());  // of two policies nothing is certain
}

TEST_F(Evaluate, EveryPointOfTheReportNamesItsStart) {
  ASSERT_EQ(evaluate({"--sections", "returns,optimism"}).status, 0);
  const auto report = nlohmann::json::parse(process->read("run/evaluation/report.json"));
  const auto starts = report.at("sections").at("returns").at("points").at("returns").at("starts");
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts.at(1).at("id"), "returns-1");
  EXPECT_EQ(starts.at(1).at("set"), "on_policy");
  EXPECT_EQ(starts.at(1).at("episode").get<uint64_t>(), (uint64_t{1} << 40) + 1);
  EXPECT_EQ(starts.at(1).at("step"), 0);
  const auto view = [](const std::vector<std::string>& words) {
    return process->run(joined({"view", "--headless", "--screenshot", "point.png", "--seconds", "0.1",
                                "--width", "320", "--height", "240", "--from", "run/evaluation/report.json"},
                               words));
  };
  const Outcome opened = view({"--point", "returns-1"});
  EXPECT_EQ(opened.status, 0) << opened.err;
  EXPECT_GT(fs::file_size(process->folder() / "point.png"), 1000u);
  for (const auto& [words, text] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--point", "retruns-1"}, "there is no point 'retruns-1' (did you mean 'returns-1'?)"},
           {{}, "expected --point ID"},
           {{"--point", "returns-1", "run"}, "'run': not with --from"}}) {
    const Outcome outcome = view(words);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr(text));
  }
}

TEST_F(Evaluate, TheSelfTestIsOneObject) {
  const Outcome outcome = process->run({"evaluate", "--self-test", "run", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto object = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(object.at("ok"), true);
  EXPECT_GE(object.at("sections").size(), 3u);
  for (const auto& [name, section] : object.at("sections").items()) {
    EXPECT_EQ(section.at("ok"), true) << name;
    EXPECT_TRUE(section.at("value").is_number()) << name;
    EXPECT_TRUE(section.at("expected").is_number()) << name;
  }
}

TEST_F(Evaluate, TheExampleGatesAJob) {
  ::setenv("REVERIE", REVERIE_BINARY, 1);
  const fs::path script = fs::path(REVERIE_SOURCE_DIR) / "evaluation" / "examples" / "ci_gate.sh";
  const Outcome passes = process->run(script, {"run", "simulated_return>=0", "simulated_return<=1000"});
  EXPECT_EQ(passes.status, 0) << passes.err;
  EXPECT_THAT(passes.out, AllOf(HasSubstr("\"gate\":\"simulated_return>=0\",\"held\":true"),
                                HasSubstr("\"gate\":\"simulated_return<=1000\",\"held\":true")));
  EXPECT_TRUE(fs::exists(process->folder() / "report/report.html"));
  EXPECT_EQ(process->run(script, {"run", "simulated_return>=1001"}).status, 1);
  EXPECT_EQ(process->run(script, {"run", "no_such_row>=1"}).status, 2);
  EXPECT_EQ(process->run(script, {"nowhere"}).status, 2);
  ::unsetenv("REVERIE");
}

}  // namespace
}  // namespace reverie::apps
