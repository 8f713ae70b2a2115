#include "evaluation/evaluate.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/files.h"
#include "evaluation/report.h"
#include "evaluation/self_test.h"
#include "sim/simulated_world.h"
#include "tests/support/function_policy.h"
#include "training/run.h"

namespace reverie::evaluation {
namespace {

using testing::HasSubstr;
using testing::Not;

std::shared_ptr<const sim::Task> cartpole() {
  static const std::shared_ptr<const sim::Task> kTask = sim::Task::load("dmc/cartpole-swingup");
  return kTask;
}

// A fixed linear policy: nothing clever, but it moves and depends on what it sees.
void act_by_nudges(const contract::PolicyInput& input, std::span<float> actions) {
  const size_t width = input.observations.size() / actions.size();
  for (size_t n = 0; n < actions.size(); ++n)
    actions[n] = std::clamp(-0.5f * input.observations[n * width] + 0.4f * input.observations[n * width + 2],
                            -1.0f, 1.0f);
}

contract::Policy& nudge() {
  static tests::FunctionPolicy policy(act_by_nudges);
  return policy;
}

Subject simulator_as_model(contract::World* world, int action_repeat) {
  Subject subject;
  subject.task = cartpole();
  subject.action_repeat = action_repeat;
  subject.policy = &nudge();
  subject.policy_name = "nudge";
  subject.dream = world;
  return subject;
}

EvaluationOptions small() {
  EvaluationOptions options;
  options.episodes = 3;
  options.horizon = 40;
  options.starts = 16;
  options.seed = 3;
  return options;
}

const Findings& findings_of(const EvaluationResult& result, std::string_view section) {
  const auto found = std::ranges::find_if(result.sections,
                                          [&](const SectionResult& s) { return s.section.name == section; });
  if (found == result.sections.end()) throw std::out_of_range(std::string(section));
  return found->findings;
}

// The rows of one curve in report.json.
std::vector<nlohmann::json> curve_rows(const nlohmann::json& report, const char* section, const char* name) {
  std::vector<nlohmann::json> rows;
  for (const nlohmann::json& row : report.at("sections").at(section).at("rows"))
    if (row.at("name") == name) rows.push_back(row);
  return rows;
}

TEST(Record, EpisodesAreWholeAndKeyed) {
  base::ThreadPool pool(1);
  const std::vector<contract::Episode> episodes = record_episodes(
      cartpole(), nudge(), {.count = 3, .seed = 3, .action_repeat = 2, .policy_name = "nudge"}, pool);
  ASSERT_EQ(episodes.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    contract::check_consistent(episodes[i]);
    EXPECT_EQ(episodes[i].index, kEvaluationFirstIndex + i);
    EXPECT_EQ(episodes[i].length(), cartpole()->spec().episode_steps);
    EXPECT_EQ(episodes[i].policy, "nudge");
    EXPECT_TRUE(episodes[i].truncated);
    EXPECT_EQ(episodes[i].action(0)[0], episodes[i].action(1)[0]);  // one decision
  }
  EXPECT_NE(episodes[0].observations, episodes[1].observations);
}

TEST(Record, DoesNotDependOnThreads) {
  const auto record = [&](int threads) {
    base::ThreadPool pool(threads);
    return record_episodes(cartpole(), nudge(), {.count = 3, .seed = 5, .action_repeat = 4}, pool);
  };
  const std::vector<contract::Episode> one = record(1), two = record(2);
  for (size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].physics, two[i].physics);
}

TEST(SelfTest, TheSimulatorIsItsOwnPerfectModel) {
  base::ThreadPool pool(2);
  for (const char* id : {"dmc/cartpole-swingup", "dmc/pendulum-swingup", "dmc/reacher-easy"}) {
    const SelfTest result =
        self_test(sim::Task::load(id),
                  {.episodes = 2, .fidelity = {.horizon = 100, .start_every = 50, .max_starts = 16}}, pool);
    EXPECT_TRUE(result.passed()) << self_test_text(result);
    EXPECT_THAT(result.faults(), testing::IsEmpty());
    EXPECT_EQ(result.same.largest_error, 0.0) << id;
    EXPECT_EQ(result.same.largest_reward_error, 0.0) << id;
    EXPECT_GT(result.wrong.world.median.back(), 1e-5) << id << ": " << result.wrong_world;
    EXPECT_EQ(result.same.starts, 16);
  }
}

TEST(SelfTest, FindsWhatWasPutIntoTheSimulator) {
  base::ThreadPool pool(1);
  const SelfTest result = self_test(
      cartpole(), {.episodes = 3, .fidelity = {.horizon = 40, .start_every = 50, .max_starts = 8}}, pool);
  const auto value_of = [&](std::string_view name) {
    for (const SelfTestCase& c : result.cases) {
      if (c.name != name) continue;
      EXPECT_TRUE(c.ok) << c.name << ": " << c.fault;
      return c.value;
    }
    throw std::out_of_range(std::string(name));
  };
  EXPECT_NEAR(value_of("return_terms"), 0.0, 1e-3);
  EXPECT_NEAR(value_of("injected_bias_in_terms"), 0.5 * 500, 1e-2);
  EXPECT_EQ(value_of("injected_wrong_state"), 1.0);
  EXPECT_EQ(value_of("injected_optimism"), 1.0);
  EXPECT_EQ(value_of("injected_overconfidence"), 1.0);
  EXPECT_EQ(value_of("returns"), 0.0);
  EXPECT_EQ(value_of("reward_audit"), 0.0);
}

TEST(SelfTest, ReacherLiesFlatAndSaysSo) {
  base::ThreadPool pool(1);
  const SelfTestOptions options{.episodes = 1, .fidelity = {.horizon = 20, .max_starts = 4}};
  EXPECT_THAT(self_test(sim::Task::load("dmc/reacher-easy"), options, pool).wrong_world,
              HasSubstr("gravity does no work"));
  EXPECT_THAT(self_test(cartpole(), options, pool).wrong_world, HasSubstr("gravity x 1.01"));
}

TEST(Evaluate, SimulatorInTheModelsPlaceKeepsEveryPromise) {
  base::ThreadPool pool(1);
  const std::unique_ptr<contract::World> world =
      sim::make_simulated_world(cartpole(), pool, {.action_repeat = 2});
  const EvaluationResult r = evaluate(simulator_as_model(world.get(), 2), small(), pool);
  const Findings& fidelity = findings_of(r, "fidelity");
  const Curve dream = find_curve(fidelity, "imagined_error");
  EXPECT_THAT(dream.value, testing::Each(0.0));
  EXPECT_THAT(dream.high, testing::Each(0.0));
  EXPECT_EQ(find_row(fidelity, "valid_horizon").value, 40);
  const Findings& returns = findings_of(r, "returns");
  const Points& pairs = returns.points.at(0);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(pairs.y[i], pairs.x[i], 1e-4);
  EXPECT_NEAR(find_row(returns, "return_bias").value, 0.0, 1e-4);
  EXPECT_EQ(find_row(returns, "simulated_return").n, 3);
  ASSERT_EQ(find_row(returns, "random_return").n, 3);
  // The floor starts at the stored observation, then grows, and stays far below persistence.
  const Curve floor = find_curve(fidelity, "chaos_floor_error");
  EXPECT_EQ(floor.value[0], 0.0);
  EXPECT_GT(floor.value[1], 0.0);
  EXPECT_LT(floor.value.back(), 1e-3 * find_curve(fidelity, "persistence_error").value.back());
}

TEST(Evaluate, IsAFunctionOfItsSeedWhateverTheThreads) {
  const auto report = [&](uint64_t seed, int threads) {
    base::ThreadPool pool(threads);
    const std::unique_ptr<contract::World> world =
        sim::make_simulated_world(cartpole(), pool, {.action_repeat = 2, .gravity_scale = 1.05});
    EvaluationOptions options = small();
    options.seed = seed;
    EvaluationResult result = evaluate(simulator_as_model(world.get(), 2), options, pool);
    result.seconds = 0.0;
    auto json = report_json(result);
    for (auto& section : json["sections"]) section.erase("timings");
    return json.dump();
  };
  const std::string one = report(3, 1);
  EXPECT_EQ(one, report(3, 2));
  EXPECT_NE(one, report(4, 1));
}

TEST(Report, WritesWhatItSays) {
  const std::filesystem::path run = std::filesystem::path(testing::TempDir()) / "report_test_run";
  std::filesystem::remove_all(run);
  std::filesystem::create_directories(run);
  base::write_file_atomic(run / "metrics.jsonl",
                          "{\"step\":1000,\"eval/return\":20.5}\n{\"step\":2000,\"eval/return\":null}\n"
                          "{\"step\":3000,\"eval/return\":300.0}\n");
  base::ThreadPool pool(1);
  const std::unique_ptr<contract::World> world =
      sim::make_simulated_world(cartpole(), pool, {.action_repeat = 2, .gravity_scale = 1.3});
  EvaluationResult result = evaluate(simulator_as_model(world.get(), 2), small(), pool);
  result.run = run.string();
  result.checkpoint = "000003000";
  result.training = training::read_metrics(run);
  const ReportFiles files = write_report(result, report_directory(result, run));

  const nlohmann::json report = nlohmann::json::parse(base::read_file(files.json));
  EXPECT_EQ(report.at("run"), run.string());
  EXPECT_EQ(report.at("simulated_return").at("n"), 3);
  EXPECT_EQ(report.at("valid_horizon_steps"),
            find_row(findings_of(result, "fidelity"), "valid_horizon").value);
  const std::vector<nlohmann::json> dream = curve_rows(report, "fidelity", "imagined_error");
  ASSERT_EQ(dream.size(), 21u);
  EXPECT_EQ(dream.back().at("horizon_steps"), 40);
  EXPECT_GT(dream.back().at("value"), 0.0);
  const std::vector<nlohmann::json> floor = curve_rows(report, "fidelity", "chaos_floor_error");
  ASSERT_EQ(floor.size(), 21u);
  for (const nlohmann::json& row : floor) EXPECT_TRUE(row.contains("high"));
  EXPECT_EQ(report.at("sections").at("returns").at("points").at("returns").at("imagined").size(), 3u);
  EXPECT_EQ(report.at("verdict"), verdict_line(result));
  EXPECT_EQ(report.at("task_hash"), result.task_hash);
  EXPECT_THAT(metrics_csv(result), HasSubstr("," + result.task_hash + ","));
  for (const char* key : {"mean", "low", "high", "n"})
    EXPECT_TRUE(report.at("imagined_return").contains(key)) << key;

  const std::string html = base::read_file(files.html);
  EXPECT_THAT(html, HasSubstr("How far the dream drifts"));
  EXPECT_THAT(html, HasSubstr("Learning"));
  // Nothing is fetched: every picture is inside the page.
  for (size_t at = html.find("src="); at != std::string::npos; at = html.find("src=", at + 1))
    EXPECT_EQ(html.substr(at, 10), "src=\"data:");
  EXPECT_THAT(base::read_file(files.csv), HasSubstr("\nimagined_error,40,"));
  // Every picture that the Markdown shows is there.
  const std::string markdown = base::read_file(files.markdown);
  EXPECT_THAT(markdown, HasSubstr(verdict_line(result)));
  EXPECT_THAT(markdown, HasSubstr("| return bias |"));
  for (const std::filesystem::path& png : files.pngs)
    EXPECT_THAT(markdown, HasSubstr("](" + png.filename().string() + ")"));
  ASSERT_EQ(files.pngs.size(), 4u);
  for (const std::filesystem::path& png : files.pngs)
    EXPECT_GT(std::filesystem::file_size(png), 5000u) << png;
  std::filesystem::remove_all(run);
}

TEST(Report, VerdictIsPlain) {
  EvaluationResult r;
  r.control_dt = 0.01;
  Section returns, fidelity;
  returns.name = "returns";
  fidelity.name = "fidelity";
  r.sections = {{returns, {}}, {fidelity, {}}};
  r.sections[0].findings.rows = {
      estimate_row("simulated_return", {.mean = 843.2, .low = 837.0, .high = 849.0, .n = 20}, "return"),
      estimate_row("imagined_return", {.mean = 851.4, .low = 850.0, .high = 853.0, .n = 20}, "return")};
  std::vector<Row>& rows = r.sections[1].findings.rows;
  rows = {{"valid_horizon", {}, kNone, 34.0, kNone, 9, "control steps"},
          {"imagined_error", 34, kNone, 0.2, kNone, 9, "sd"},
          {"imagined_error", 36, kNone, 0.4, kNone, 9, "sd"}};
  EXPECT_EQ(verdict_line(r),
            "simulated return 843 ± 6 over 20 episodes; imagined 851; the dream holds for 34 steps (0.34 s)");
  rows.pop_back();
  EXPECT_THAT(verdict_line(r), HasSubstr("holds for at least 34 steps"));
  const nlohmann::json json = result_json(r);
  EXPECT_EQ(json.size(), 5u);
  EXPECT_EQ(json.at("simulated_return").dump(), R"({"high":849.0,"low":837.0,"mean":843.2,"n":20})");
}

}  // namespace
}  // namespace reverie::evaluation
