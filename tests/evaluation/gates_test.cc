#include "evaluation/gates.h"

#include <gmock/gmock.h>

#include <limits>

#include "base/error.h"
#include "evaluation/section.h"
#include "evaluation/sections/sections.h"

namespace reverie::evaluation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<SectionResult> two_sections() {
  std::vector<SectionResult> sections(2);
  sections[0].section.name = "returns";
  sections[0].findings.rows = {{"simulated_return", {}, 790.0, 800.0, 810.0, 9, "return"},
                               {"return_bias", {}, -5.0, 12.5, 30.0, 9, "return"},
                               {"unknown", {}, kNone, kNone, kNone, 9, ""}};
  sections[1].section.name = "fidelity";
  sections[1].findings.rows = {{"imagined_error", 0, kNone, 0.0, kNone, 9, "sd"},
                               {"imagined_error", 50, 0.1, 0.25, 0.5, 9, "sd"}};
  return sections;
}

bool holds(std::string_view text) {
  const Gate gates[] = {parse_gate(text)};
  return check_gates(gates, two_sections()).at(0).held;
}

std::string error_of(std::string_view text) {
  try {
    holds(text);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Gates, EveryComparisonIsTheOneItLooksLike) {
  EXPECT_TRUE(holds("simulated_return>=800"));
  EXPECT_TRUE(holds("simulated_return <= 800"));
  EXPECT_TRUE(holds("simulated_return==800"));
  EXPECT_FALSE(holds("simulated_return>800"));
  EXPECT_FALSE(holds("simulated_return<800"));
  EXPECT_FALSE(holds("simulated_return>=800.1"));
  EXPECT_TRUE(holds("return_bias<2e1"));
  EXPECT_TRUE(holds("return_bias>-1"));
}

TEST(Gates, ARowHasItsNameThatOfItsSectionAndItsWordsTurnedRound) {
  for (const char* name :
       {"simulated_return", "returns.simulated_return", "return.simulated", "simulated.return"})
    EXPECT_TRUE(holds(std::string(name) + "==800")) << name;
  EXPECT_TRUE(holds("return.bias==12.5"));
}

TEST(Gates, EndsOfIntervalsAndPointsOfCurvesAreNamed) {
  EXPECT_TRUE(holds("simulated_return.low==790"));
  EXPECT_TRUE(holds("return.bias.high==30"));
  EXPECT_TRUE(holds("imagined_error@50==0.25"));
  EXPECT_TRUE(holds("fidelity.imagined_error@50.high==0.5"));
  EXPECT_FALSE(holds("imagined_error@0.high<=1"));  // it has no interval
}

TEST(Gates, WhatIsNoNumberPassesNone) {
  for (const char* comparison : {">=", "<=", "<", ">", "=="})
    EXPECT_FALSE(holds("unknown" + std::string(comparison) + "0")) << comparison;
}

TEST(Gates, ARowThatWasNotMeasuredIsAnErrorWithTheNearestName) {
  EXPECT_THAT(error_of("simulatd_return>=800"), HasSubstr("(did you mean 'simulated_return'?)"));
  EXPECT_THAT(error_of("returns.retrun_bias<=1"), HasSubstr("(did you mean 'returns.return_bias'?)"));
  EXPECT_THAT(error_of("imagined_error<=1"),
              HasSubstr("a curve: expected imagined_error@STEPS with one of its 2"));
  EXPECT_THAT(error_of("imagined_error@49<=1"), HasSubstr("0 to 50"));
  EXPECT_THAT(error_of("return_bias@50<=1"), HasSubstr("without horizons"));
}

TEST(Gates, AreRefusedWhenTheyAreNoConditions) {
  for (const char* text : {"", ">=3", "return_bias", "return_bias>=", "return_bias>=x", "return_bias=3",
                           "return_bias=>3", "return_bias>=3x", "imagined_error@x<=1", "return_bias<=nan"})
    EXPECT_THAT(error_of(text), HasSubstr("expected NAME>=NUMBER")) << text;
}

TEST(Gates, AreToldALineEach) {
  const Gate gates[] = {parse_gate("return_bias<=20"), parse_gate("return_bias.high<=20")};
  EXPECT_EQ(gates_text(check_gates(gates, two_sections())),
            "ok   return_bias<=20: 12.5\nFAIL return_bias.high<=20: 30.0\n");
}

TEST(Sections, AreChosenByNameInTheOrderOfTheReport) {
  const auto names = [](const std::vector<Section>& sections) {
    std::vector<std::string> out;
    for (const Section& section : sections) out.push_back(section.name);
    return out;
  };
  EXPECT_THAT(names(sections_named("returns,fidelity")), ElementsAre("fidelity", "returns"));
  EXPECT_EQ(names(sections_named("probe")).size(), 1u);
  try {
    sections_named("returns,fidelty");
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("unknown section 'fidelty' (did you mean 'fidelity'?); there are"));
  }
  EXPECT_THROW(sections_named("returns,"), base::UserError);
  for (const Section& section : quick_sections()) EXPECT_FALSE(section.is_dear);
}

}  // namespace
}  // namespace reverie::evaluation
