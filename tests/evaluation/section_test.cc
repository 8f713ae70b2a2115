#include "evaluation/section.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "evaluation/context.h"
#include "evaluation/report.h"
#include "evaluation/tampered_world.h"
#include "sim/simulated_world.h"
#include "tests/support/function_policy.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// The simulator with too much gravity as the world under test, and a policy that does nothing.
class SectionTest : public testing::Test {
 protected:
  explicit SectionTest(double gravity_scale = 1.3) {
    world_ = sim::make_simulated_world(task_, pool_, {.action_repeat = 2, .gravity_scale = gravity_scale});
    subject_.task = task_;
    subject_.action_repeat = 2;
    subject_.policy = &policy_;
    subject_.policy_name = "constant";
    subject_.dream = world_.get();
    subject_.reconstruct = [](std::span<const float> rows, std::span<float> decoded) {
      std::ranges::transform(rows, decoded.begin(), [](float x) { return x + 0.5f; });
    };
    subject_.rivals = [this] {
      std::vector<Rival> rivals;
      for (const float action : {-1.0f, -0.25f, 0.0f, 0.5f})
        rivals.push_back(
            {"constant", std::make_shared<tests::FunctionPolicy>(tests::constant_policy(action))});
      return make_rivals(rivals, task_->spec());
    };
    options_.episodes = 2;
    options_.horizon = 20;
    options_.starts = 8;
    options_.long_dream = 1000;
  }

  base::ThreadPool pool_{1};
  std::shared_ptr<const sim::Task> task_ = sim::Task::load("dmc/cartpole-swingup");
  std::unique_ptr<contract::World> world_;
  tests::FunctionPolicy policy_ = tests::constant_policy(0.25f);
  Subject subject_;
  EvaluationOptions options_;
};

class PerfectSectionTest : public SectionTest {
 protected:
  PerfectSectionTest() : SectionTest(1.0) {}
};

std::string spaced(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::vector<std::string>& fields = lines.emplace_back(1);
    for (const char c : line) {
      if (c == ',') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
  }
  return lines;
}

// The line of metrics.csv that holds `row`; empty when there is none.
std::vector<std::string> csv_of(const Row& row, const std::vector<std::vector<std::string>>& csv) {
  const std::string horizon = row.horizon ? std::to_string(*row.horizon) : "";
  for (const auto& line : csv)
    if (line[0] == row.name && line[1] == horizon) return line;
  return {};
}

nlohmann::json json_of(const Row& row, const nlohmann::json& section) {
  for (const nlohmann::json& object : section.at(row.is_timing ? "timings" : "rows"))
    if (object.at("name") == row.name && object.contains("horizon_steps") == row.horizon.has_value() &&
        (!row.horizon || object.at("horizon_steps") == *row.horizon))
      return object;
  return {};
}

// Every row of every section is in report.json, in metrics.csv, on the page and in the terminal text.
void expect_everywhere(const EvaluationResult& result) {
  const nlohmann::json report = nlohmann::json::parse(report_json(result).dump());
  const std::vector<std::vector<std::string>> csv = parse_csv(metrics_csv(result));
  const std::string html = report_html(result), text = sections_text(result);
  EXPECT_THAT(csv.front(), ElementsAre("metric", "horizon_steps", "low", "value", "high", "n", "task_hash",
                                       "section", "unit"));
  for (const SectionResult& section : result.sections) {
    const std::string& name = section.section.name;
    EXPECT_THAT(text, HasSubstr(section.section.title + "\n"));
    EXPECT_THAT(html, HasSubstr("<h2>" + section.section.title + "</h2>"));
    for (const Row& row : section.findings.rows) {
      const nlohmann::json object = json_of(row, report.at("sections").at(name));
      ASSERT_FALSE(object.is_null()) << name << " " << row.name;
      const std::vector<std::string> line = csv_of(row, csv);
      ASSERT_EQ(line.size(), 9u) << name << " " << row.name;
      if (std::isfinite(row.value)) {
        EXPECT_EQ(object.at("value"), row.value) << row.name;
        EXPECT_DOUBLE_EQ(std::stod(line[3]), row.value) << row.name;
      }
      EXPECT_EQ(object.at("n"), row.n);
      EXPECT_EQ(line[5], std::to_string(row.n));
      EXPECT_EQ(line[6], result.task_hash);
      EXPECT_EQ(line[7], name);
      EXPECT_EQ(line[8], row.unit);
      EXPECT_THAT(html, HasSubstr(">" + spaced(row.name)));
      EXPECT_THAT(text, HasSubstr(spaced(row.name)));
    }
    for (const std::string& missing : section.findings.missing) {
      EXPECT_THAT(text, HasSubstr("Not measured: " + missing));
      EXPECT_THAT(report.at("sections").at(name).at("missing"), testing::Contains(missing));
    }
  }
}

TEST_F(SectionTest, NamesOfSectionsAndOfRowsAreUnique) {
  const EvaluationResult result = evaluate(subject_, options_, pool_);
  std::set<std::string> sections, files;
  std::set<std::pair<std::string, int64_t>> rows;
  for (const SectionResult& section : result.sections) {
    EXPECT_TRUE(sections.insert(section.section.name).second) << section.section.name;
    EXPECT_FALSE(section.section.title.empty());
    for (const Row& row : section.findings.rows)
      EXPECT_TRUE(rows.insert({row.name, row.horizon.value_or(-1)}).second) << row.name;
    if (section.findings.rows.empty()) continue;
    for (const FigureRow& figures : section.section.draw(section.findings, result).figures)
      for (const Figure& figure : figures.figures)
        EXPECT_TRUE(figure.file.empty() || files.insert(figure.file).second) << figure.file;
  }
  EXPECT_EQ(sections.size(), all_sections().size());
}

TEST_F(SectionTest, EveryRowIsInEveryKindOfReport) {
  const EvaluationResult result = evaluate(subject_, options_, pool_);
  for (const SectionResult& section : result.sections)
    EXPECT_FALSE(section.findings.rows.empty() && section.findings.missing.empty()) << section.section.name;
  expect_everywhere(result);
}

TEST_F(SectionTest, ASectionAddedToTheListIsInEveryKindOfReport) {
  Section added;
  added.name = "weather";
  added.title = "Rain and shine";
  added.measure = [](const Context& context) {
    Findings findings;
    findings.rows = {{"rain_amount", {}, 1.5, 2.5, 3.5, 7, "mm"},
                     {"rain_error", 0, kNone, 0.0, kNone, 7, "mm"},
                     {"rain_error", 10, kNone, 0.25, kNone, 6, "mm"}};
    findings.points = {{"clouds", "seen", "said", {1.0, 2.0}, {1.5, 2.5}}};
    findings.checks = {{"it_rains", true, "2.5 mm, expected more than 0"},
                       {"episodes_are_many", context.on_policy.episodes.size() > 100, "2, expected 101"}};
    findings.missing = {"wind: there is no vane."};
    return findings;
  };
  added.draw = [](const Findings& findings, const EvaluationResult&) {
    const CurveLine line[] = {{"rain_error", "rain", 0}};
    Drawing drawing;
    drawing.sentences = {"It rains more than it was said to."};
    drawing.figures = {
        {{{"rain.png", plot_by_horizon(findings, line, "Rain by horizon", "mm")}}, "Caption."}};
    return drawing;
  };
  std::vector<Section> sections(all_sections().begin(), all_sections().end());
  sections.push_back(added);
  EvaluationResult result = evaluate(subject_, options_, pool_, sections);
  expect_everywhere(result);

  const std::filesystem::path run = std::filesystem::path(testing::TempDir()) / "section_test_run";
  std::filesystem::remove_all(run);
  const ReportFiles files = write_report(result, report_directory(result, run));
  EXPECT_GT(std::filesystem::file_size(run / "evaluation" / "rain.png"), 1000u);
  const nlohmann::json section =
      nlohmann::json::parse(base::read_file(files.json)).at("sections").at("weather");
  EXPECT_EQ(section.at("points").at("clouds").at("said"), (std::vector<double>{1.5, 2.5}));
  EXPECT_EQ(section.at("checks").at(0).at("held"), true);
  EXPECT_EQ(section.at("checks").at(1).at("held"), false);
  const std::string html = base::read_file(files.html), text = sections_text(result);
  for (const char* part : {"It rains more than it was said to.", "Rain by horizon", "Caption.", "it rains",
                           "2, expected 101", "wind: there is no vane."})
    EXPECT_THAT(html, HasSubstr(part));
  for (const char* part : {"It rains more than it was said to.", "rain amount", "1.50 to 3.50", "FAIL",
                           "2, expected 101", "Not measured: wind: there is no vane."})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(metrics_csv(result),
              HasSubstr("episodes_are_many,,,0,,1," + result.task_hash + ",weather,held"));
  std::filesystem::remove_all(run);
}

TEST_F(SectionTest, WhatCannotBeMeasuredSaysWhyAndTheRestIsMeasured) {
  Section broken;
  broken.name = "broken";
  broken.title = "Broken";
  broken.measure = [](const Context&) -> Findings { base::throw_user_error("there is no scale"); };
  broken.draw = [](const Findings&, const EvaluationResult&) -> Drawing {
    throw std::logic_error("no rows");
  };
  std::vector<Section> sections{broken};
  sections.insert(sections.end(), all_sections().begin(), all_sections().end());
  subject_.reconstruct = nullptr;
  subject_.rivals = nullptr;
  options_.random_baseline = false;
  options_.long_dream = 0;
  const EvaluationResult result = evaluate(subject_, options_, pool_, sections);
  const auto missing = [&](std::string_view name) -> std::vector<std::string> {
    for (const SectionResult& section : result.sections)
      if (section.section.name == name) return section.findings.missing;
    return {"no such section"};
  };
  EXPECT_THAT(missing("broken"), ElementsAre("there is no scale"));
  EXPECT_THAT(missing("probe"), ElementsAre(HasSubstr("no probe")));
  EXPECT_THAT(missing("ranking"), ElementsAre(HasSubstr("no other policies")));
  EXPECT_THAT(missing("planning"), ElementsAre(HasSubstr("does not plan")));
  EXPECT_THAT(missing("returns"), ElementsAre(HasSubstr("random_return")));
  EXPECT_THAT(missing("fidelity"), IsEmpty());
  EXPECT_THAT(missing("closed_loop"), IsEmpty());
  EXPECT_THAT(missing("long_dream"), ElementsAre(HasSubstr("--long-dream")));
  EXPECT_THAT(report_html(result), HasSubstr("Not measured: there is no scale"));
  expect_everywhere(result);
}

TEST_F(SectionTest, AWrongWorldIsAtFaultInEverySectionThatKnowsAPerfectOne) {
  const Context context = measure_context(subject_, options_, pool_);
  int asked = 0;
  for (const SectionResult& result : measure_sections(all_sections(), context)) {
    if (!result.section.fault || result.findings.rows.empty()) continue;
    ++asked;
    EXPECT_THAT(result.section.fault(result.findings, context), Not(IsEmpty())) << result.section.name;
  }
  EXPECT_GE(asked, 6);
}

TEST_F(SectionTest, TheTermsOfAReturnAddUpToItsBias) {
  const Context context = measure_context(subject_, options_, pool_);
  for (const SectionResult& result : measure_sections(sections_named("returns"), context)) {
    const Findings& findings = result.findings;
    const Curve bias = find_curve(findings, "return_bias_by_horizon"),
                reward = find_curve(findings, "return_reward_error"),
                drift = find_curve(findings, "return_state_drift");
    EXPECT_THAT(bias.horizon, ElementsAre(50.0, 100.0, 200.0, 500.0, 1000.0));
    ASSERT_EQ(reward.value.size(), bias.value.size());
    ASSERT_EQ(drift.value.size(), bias.value.size());
    for (size_t i = 0; i < bias.value.size(); ++i)
      EXPECT_NEAR(bias.value[i], reward.value[i] + drift.value[i], 1e-9);
    EXPECT_NEAR(bias.value.back(), find_row(findings, "return_bias").value, 1e-9);
    EXPECT_NE(drift.value.back(), 0.0);
    ASSERT_EQ(findings.checks.size(), 1u);
    EXPECT_TRUE(findings.checks[0].held) << findings.checks[0].found;
  }
}

TEST_F(PerfectSectionTest, TheSimulatorInTheModelsPlaceHasNoFault) {
  const Context context = measure_context(subject_, options_, pool_);
  for (const SectionResult& result : measure_sections(all_sections(), context))
    if (result.section.fault) {
      EXPECT_EQ(result.section.fault(result.findings, context), "") << result.section.name;
    }
}

// The words of a section's findings, numbers to the last bit, without timings.
std::string words_of(SectionResult result) {
  std::erase_if(result.findings.rows, [](const Row& row) { return row.is_timing; });
  EvaluationResult alone;
  alone.sections = {std::move(result)};
  const nlohmann::json report = nlohmann::json::parse(report_json(alone).dump());
  return report.at("sections").dump() + metrics_csv(alone);
}

TEST_F(SectionTest, ASectionByItselfFindsWhatItFindsAmongAll) {
  const EvaluationResult all = evaluate(subject_, options_, pool_);
  for (const SectionResult& expected : all.sections) {
    const std::vector<Section> one{expected.section};
    const EvaluationResult alone = evaluate(subject_, options_, pool_, one);
    EXPECT_EQ(words_of(alone.sections.front()), words_of(expected)) << expected.section.name;
  }
}

TEST_F(SectionTest, WhatNoSectionNeedsIsNotMeasured) {
  const Context context = measure_context(subject_, options_, pool_, {.on_policy = true});
  EXPECT_FALSE(context.on_policy.episodes.empty());
  EXPECT_EQ(context.on_policy.missing, "");
  EXPECT_GT(context.on_policy.rollouts.truth.count, 0);
  EXPECT_THAT(context.pushed.episodes, IsEmpty());
  EXPECT_THAT(context.pushed.missing, HasSubstr("no section"));
  EXPECT_EQ(context.imagined.states(), 0);
  EXPECT_FALSE(context.random_returns.has_value());
}

// Rewards of the first `rows` rows are no numbers.
TamperedWorld nan_world(contract::World& world, size_t rows) {
  return {world, [rows](Answers& answers) {
            if (answers.is_reset) return;
            for (size_t n = 0; n < std::min(rows, answers.rewards.size()); ++n)
              answers.rewards[n] = std::nanf("");
          }};
}

TEST_F(SectionTest, ADreamOfNothingButNanIsAnErrorAndOneOfSomeIsToldOf) {
  const std::vector<Section> sections = sections_named("returns");
  TamperedWorld none = nan_world(*world_, 2), some = nan_world(*world_, 1);
  subject_.dream = &none;
  EXPECT_THROW(evaluate(subject_, options_, pool_, sections), base::UserError);
  subject_.dream = &some;
  const EvaluationResult result = evaluate(subject_, options_, pool_, sections);
  const Findings& findings = result.sections.front().findings;
  EXPECT_THAT(findings.missing, testing::Contains(HasSubstr("in 1 of 2 starts the dream predicts")));
  for (const Row& row : findings.rows) EXPECT_TRUE(std::isfinite(row.value)) << row.name;
  EXPECT_THAT(verdict_line(result), HasSubstr("imagined not measured"));
}

TEST_F(SectionTest, ProgressNamesEverySectionOnceAndNeverGoesBack) {
  std::vector<std::string> parts;
  double share = 0.0;
  options_.on_progress = [&](const ProgressNow& now) {
    if (parts.empty() || parts.back() != now.part) parts.push_back(now.part);
    EXPECT_GE(now.of_all, share) << now.part;
    share = now.of_all;
  };
  evaluate(subject_, options_, pool_);
  std::vector<std::string> sections;
  for (const Section& section : all_sections()) sections.push_back(section.name);
  ASSERT_GT(parts.size(), sections.size());
  EXPECT_EQ(std::vector(parts.end() - static_cast<std::ptrdiff_t>(sections.size()), parts.end()), sections);
  EXPECT_GT(share, 0.9);
}

TEST(Findings, RowsAreFoundByNameAndCurvesByColumn) {
  Findings findings;
  findings.rows = {{"a", {}, 1.0, 2.0, 3.0, 4, "sd"},
                   {"b", 0, kNone, 0.0, kNone, 4, "m"},
                   {"c", 0, 0.1, 0.2, 0.3, 4, ""},
                   {"b", 2, kNone, 0.5, kNone, 3, "m"}};
  EXPECT_EQ(find_row(findings, "a").value, 2.0);
  EXPECT_EQ(find_row(findings, "b").n, 0);  // a curve is no single row
  EXPECT_TRUE(std::isnan(find_row(findings, "d").value));
  const Curve b = find_curve(findings, "b"), c = find_curve(findings, "c");
  EXPECT_THAT(b.horizon, ElementsAre(0.0, 2.0));
  EXPECT_THAT(b.value, ElementsAre(0.0, 0.5));
  EXPECT_THAT(b.n, ElementsAre(4, 3));
  EXPECT_EQ(b.unit, "m");
  EXPECT_THAT(b.low, IsEmpty());
  EXPECT_THAT(c.low, ElementsAre(0.1));
  EXPECT_THAT(find_curve(findings, "a").value, IsEmpty());
  const CurveLine lines[] = {{"b", "second", 0}, {"nothing", "none", 1}};
  EXPECT_EQ(plot_by_horizon(findings, lines, "t", "y").series.size(), 1u);
}

// A dream that errs by little looks useless where physics rests: the sentence says which of the two it is.
TEST(FidelitySection, ADreamOfAWorldAtRestIsToldFromABadOne) {
  const Section section = sections_named("fidelity_on_policy").front();
  const auto sentence = [&](double error) {
    Findings findings;
    const auto add = [&](const char* name, std::optional<int64_t> horizon, double value) {
      findings.rows.push_back({std::string("on_policy_") + name, horizon, value, value, value, 8, ""});
    };
    add("valid_horizon", {}, 0.0);
    for (const int64_t k : {0, 2, 4}) {
      add("imagined_error", k, k == 0 ? 0.0 : error);
      add("persistence_error", k, k == 0 ? 0.0 : 0.001);
    }
    return section.draw(findings, {}).sentences.front();
  };
  EXPECT_THAT(sentence(0.005), AllOf(HasSubstr("physics moves less than the dream errs"),
                                     HasSubstr("is 5.0e-3, which is not below persistence's 1.0e-3")));
  EXPECT_THAT(sentence(0.5), AllOf(HasSubstr("does not hold for a single decision. After 2 steps"),
                                   Not(HasSubstr("physics moves less"))));
}

}  // namespace
}  // namespace reverie::evaluation
