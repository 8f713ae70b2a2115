#include "evaluation/scorecard.h"

#include <gmock/gmock.h>

namespace reverie::evaluation {
namespace {

using testing::HasSubstr;

EvaluationResult with_rows(std::vector<Row> rows) {
  EvaluationResult result;
  result.sections.resize(1);
  result.sections[0].findings.rows = std::move(rows);
  return result;
}

DecisionTest test_named(const EvaluationResult& result, std::string_view name) {
  for (const DecisionTest& test : scorecard(result))
    if (test.name == name) return test;
  throw std::out_of_range(std::string(name));
}

Support ranking(double low, double high) {
  return test_named(with_rows({{"ranking_spearman", {}, low, 0.8, high, 20, ""}}), "policy ranking").support;
}

TEST(Scorecard, HasSevenTestsThatAreNotMeasuredWithoutRows) {
  const std::vector<DecisionTest> tests = scorecard({});
  EXPECT_EQ(tests.size(), 7u);
  for (const DecisionTest& test : tests) {
    EXPECT_EQ(test.support, Support::kNotMeasured) << test.name;
    EXPECT_FALSE(test.sentence.empty()) << test.name;
  }
  EXPECT_EQ(use_sentence({}), "");
}

TEST(Scorecard, AnIntervalThatCrossesTheLineDecidesNothing) {
  EXPECT_EQ(ranking(0.71, 0.9), Support::kSupported);
  EXPECT_EQ(ranking(0.1, 0.69), Support::kNotSupported);
  EXPECT_EQ(ranking(0.69, 0.9), Support::kUndecided);  // the estimate, 0.8, is above the line
  EXPECT_EQ(ranking(kNone, kNone), Support::kNotMeasured);
}

Support actions(double cosine_low, double ratio_high, double order_low) {
  return test_named(with_rows({{"action_ratio", 26, 0.9, 1.0, ratio_high, 64, ""},
                               {"action_cosine", 26, cosine_low, 0.95, 1.0, 64, ""},
                               {"action_kendall", 26, order_low, 0.9, 1.0, 64, ""},
                               {"action_cosine", 100, -1.0, -0.9, -0.8, 64, ""}}),
                    "counterfactual action fidelity")
      .support;
}

TEST(Scorecard, OtherActionsNeedTheirSizeDirectionAndOrder) {
  EXPECT_EQ(actions(0.9, 1.1, 0.8), Support::kSupported);  // what is beyond 32 control steps does not count
  EXPECT_EQ(actions(0.6, 1.1, 0.8), Support::kUndecided);
  EXPECT_EQ(actions(0.9, 1.3, 0.8), Support::kUndecided);
  EXPECT_EQ(actions(0.9, 1.1, 0.4), Support::kUndecided);
  EXPECT_EQ(actions(0.9, 1.1, kNone), Support::kSupported);  // rewards that do not vary order nothing
  EXPECT_EQ(test_named(with_rows({{"action_ratio", 26, 0.1, 0.2, 0.3, 64, ""},
                                  {"action_cosine", 26, 0.6, 0.8, 1.0, 64, ""}}),
                       "counterfactual action fidelity")
                .support,
            Support::kNotSupported);
}

Support exploited(double gap_low, double gap_high, double bias_high) {
  return test_named(with_rows({{"learned_on_before", {}, 90.0, 100.0, 110.0, 10, "return"},
                               {"learned_on_gap", {}, gap_low, gap_low, gap_high, 10, "return"},
                               {"simulated_return", {}, 90.0, 100.0, 110.0, 20, "return"},
                               {"return_bias", {}, -5.0, 0.0, bias_high, 20, "return"}}),
                    "exploitability")
      .support;
}

TEST(Scorecard, ADreamThatALearnerExploitsIsNotSupportedHoweverWellItPromisesNow) {
  EXPECT_EQ(exploited(1.0, 9.0, 5.0), Support::kSupported);
  EXPECT_EQ(exploited(11.0, 40.0, 5.0), Support::kNotSupported);
  EXPECT_EQ(exploited(9.0, 11.0, 5.0), Support::kUndecided);
  EXPECT_EQ(exploited(1.0, 9.0, 15.0), Support::kUndecided);
  EXPECT_EQ(exploited(kNone, kNone, 5.0), Support::kSupported);  // not learned on
}

TEST(Scorecard, LiftIsTakenInPairsWhereItWasMeasured) {
  const auto lift = [](double low) {
    return test_named(with_rows({{"lift_over_random", {}, low, 50.0, 60.0, 20, "return"},
                                 {"lift_over_first", {}, 10.0, 20.0, 30.0, 20, "return"}}),
                      "optimisation lift");
  };
  EXPECT_EQ(lift(40.0).support, Support::kSupported);
  EXPECT_EQ(lift(-1.0).support, Support::kUndecided);
  EXPECT_EQ(test_named(with_rows({{"lift_over_random", {}, 40.0, 50.0, 60.0, 20, "return"},
                                  {"lift_over_rival", {}, -9.0, -5.0, -1.0, 20, "return"}}),
                       "optimisation lift")
                .support,
            Support::kNotSupported);
  EXPECT_THAT(lift(40.0).sentence,
              HasSubstr("20.0 (95% interval 10.0 to 30.0, n = 20) more than the run's first"));
}

TEST(Scorecard, EverySentenceHasItsNumberIntervalAndCount) {
  const EvaluationResult result = with_rows({{"return_ratio", {}, 1.2, 1.3, 1.4, 20, ""},
                                             {"simulated_return", {}, 90.0, 100.0, 110.0, 20, "return"},
                                             {"random_return", {}, 1.0, 2.0, 3.0, 20, "return"},
                                             {"return_bias", {}, 12.0, 30.0, 40.0, 20, "return"},
                                             {"uncertainty_crps_skill", 24, 0.1, 0.2, 0.3, 64, ""},
                                             {"uncertainty_crps_skill", 200, -0.3, -0.2, -0.1, 64, ""},
                                             {"valid_time", {}, 17.5, 24.0, 30.0, 256, "control steps"}});
  EXPECT_EQ(test_named(result, "closed-loop validity").support, Support::kNotSupported);
  EXPECT_THAT(use_sentence(with_rows({{"valid_time", {}, 0.0, 4.0, 8.0, 9, "control steps"}})),
              HasSubstr("Not known to be good for planning"));
  EXPECT_THAT(test_named(result, "closed-loop validity").sentence,
              HasSubstr("1.30 (95% interval 1.20 to 1.40, n = 20)"));
  EXPECT_EQ(test_named(result, "optimisation lift").support, Support::kSupported);
  EXPECT_EQ(test_named(result, "exploitability").support, Support::kNotSupported);  // the line is 10
  EXPECT_EQ(test_named(result, "uncertainty calibration").support, Support::kSupported);
  EXPECT_EQ(use_sentence(result),
            "Good for planning up to 17 control steps (it holds for 24.0 control steps, 95% interval 17.5 to "
            "30.0, 256 starts); it promises "
            "30.0 more than physics pays (95% interval 12.0 to 40.0).");
}

Support reward_and_value(Row reward, Row value) {
  return test_named(with_rows({std::move(reward), std::move(value)}), "reward and value prediction").support;
}

TEST(Scorecard, RewardAndValueAreBothNeeded) {
  const Row good{"audit_error_share", {}, 0.01, 0.02, 0.04, 20, ""},
      bad{"audit_error_share", {}, 0.2, 0.3, 0.4, 20, ""},
      wide{"audit_error_share", {}, 0.05, 0.1, 0.2, 20, ""}, right{"value_ratio", 0, 0.95, 1.0, 1.05, 64, ""},
      high{"value_ratio", 0, 1.3, 1.4, 1.5, 64, ""};
  EXPECT_EQ(reward_and_value(good, right), Support::kSupported);
  EXPECT_EQ(reward_and_value(good, high), Support::kNotSupported);
  EXPECT_EQ(reward_and_value(bad, right), Support::kNotSupported);
  EXPECT_EQ(reward_and_value(wide, right), Support::kUndecided);
  EXPECT_EQ(reward_and_value(good, {}), Support::kNotMeasured);
  EXPECT_EQ(reward_and_value(bad, {}), Support::kNotSupported);  // one half that fails is enough
  EXPECT_THAT(test_named(with_rows({good, right}), "reward and value prediction").sentence,
              HasSubstr("1.00 (95% interval 0.950 to 1.05, n = 64)"));
}

TEST(Scorecard, OneEpisodeHasNoInterval) {
  EXPECT_EQ(
      test_named(with_rows({{"return_ratio", {}, 1.0, 1.0, 1.0, 1, ""}}), "closed-loop validity").support,
      Support::kNotMeasured);
}

}  // namespace
}  // namespace reverie::evaluation
