#include "evaluation/report_point.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"
#include "evaluation/evaluate.h"
#include "evaluation/report.h"
#include "policies/actor_policy.h"

namespace reverie::evaluation {
namespace {

using testing::HasSubstr;

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "no error";
}

// A run that was never trained: its agent as it was drawn.
class ReportPointTest : public testing::Test {
 protected:
  ReportPointTest() {
    run_.path = directory_.path();
    run_.checkpoint = "000000000";
    run_.config.task = "dmc/cartpole-swingup";
    run_.config.model.latent_dim = run_.config.model.encoder_dim = run_.config.model.hidden_dim = 16;
    run_.task = sim::Task::load(run_.config.task);
    run_.agent = training::make_agent(run_.task->spec(), run_.config, 1, tensor::kCpu);
    EvaluationOptions options;
    options.episodes = 3;
    options.starts = 8;
    options.horizon = 20;
    options.seed = 5;
    const std::vector<Section> sections = sections_named("returns,optimism");
    const EvaluationResult result = evaluate_run(run_, options, sections);
    report_ = report_json(result);
    base::write_file_atomic(file_, report_.dump());
  }

  base::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "report.json";
  training::Run run_;
  nlohmann::json report_;
};

TEST_F(ReportPointTest, APointOpensTheStateThatWasRecorded) {
  const ReportPoint point = read_report_point(file_, "returns-2");
  EXPECT_EQ(point.run, run_.path.string());
  EXPECT_EQ(point.checkpoint, "000000000");
  EXPECT_EQ(point.seed, 5u);
  EXPECT_EQ(point.place.episode, kEvaluationFirstIndex + 2);
  const contract::Episode start = record_start(run_, point);
  EXPECT_EQ(start.length(), 0);
  EXPECT_EQ(start.index, point.place.episode);
  EXPECT_EQ(state_hash(start, 0), point.place.state);
}

TEST_F(ReportPointTest, APointInAPushedEpisodeIsReachedByPlayingItAgain) {
  std::string id;
  for (const auto& start : report_.at("sections").at("optimism").at("points").at("sequences").at("starts"))
    if (start.at("step") > 0) id = start.at("id");
  ASSERT_NE(id, "");
  const ReportPoint point = read_report_point(file_, id);
  EXPECT_EQ(point.place.set, "pushed");
  EXPECT_EQ(state_hash(record_start(run_, point), 0), point.place.state);
}

TEST_F(ReportPointTest, WhatIsNotThereOrNotTheSameIsTold) {
  EXPECT_THAT(error_of([&] { read_report_point(file_, "returns-9"); }),
              HasSubstr("there is no point 'returns-9' (did you mean 'returns-"));
  EXPECT_THAT(error_of([&] { read_report_point(directory_.path() / "none.json", "returns-0"); }),
              HasSubstr("none.json"));
  base::write_file_atomic(directory_.path() / "other.json", "[]");
  EXPECT_THAT(error_of([&] { read_report_point(directory_.path() / "other.json", "returns-0"); }),
              HasSubstr("expected a report.json"));
  ReportPoint point = read_report_point(file_, "returns-0");
  point.seed += 1;
  EXPECT_THAT(error_of([&] { record_start(run_, point); }), HasSubstr("is not the state of the report"));
  point.weights_hash = "0123";
  EXPECT_THAT(error_of([&] { record_start(run_, point); }), HasSubstr("those of the report 0123"));
}

}  // namespace
}  // namespace reverie::evaluation
