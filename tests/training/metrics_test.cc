#include "training/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"

namespace reverie::training {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

void append(const std::filesystem::path& run, const std::string& text) {
  std::ofstream(run / "metrics.jsonl", std::ios::app) << text;
}

TEST(Metrics, RowsComeBackAsWritten) {
  const base::TemporaryDirectory run;
  append_metrics(run.path(), {500, {{"train/loss", 0.1}, {"eval/return", 812.25}}});
  append_metrics(run.path(), {1000,
                              {{"train/loss", std::numeric_limits<double>::quiet_NaN()},
                               {"train/grad", std::numeric_limits<double>::infinity()}}});
  const std::vector<MetricRow> rows = read_metrics(run.path());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].step, 500);
  EXPECT_EQ(rows[0].values.at("train/loss"), 0.1);
  EXPECT_EQ(rows[0].values.at("eval/return"), 812.25);
  EXPECT_TRUE(std::isnan(rows[1].values.at("train/loss")));
  EXPECT_TRUE(std::isnan(rows[1].values.at("train/grad")));
}

TEST(Metrics, NanIsWrittenAsNull) {
  const base::TemporaryDirectory run;
  append_metrics(run.path(), {1, {{"x", std::numeric_limits<double>::quiet_NaN()}}});
  EXPECT_THAT(base::read_file(run.path() / "metrics.jsonl"), StartsWith("{\"step\":1,\"x\":null,"));
}

TEST(Metrics, UnfinishedLastLineIsNotARow) {
  const base::TemporaryDirectory run;
  append_metrics(run.path(), {1, {{"x", 2.0}}});
  append(run.path(), "{\"step\":2,\"x\"");
  EXPECT_EQ(read_metrics(run.path()).size(), 1u);
}

TEST(Metrics, DamagedLineIsNamed) {
  const base::TemporaryDirectory run;
  append_metrics(run.path(), {1, {{"x", 2.0}}});
  append(run.path(), "not json\n");
  try {
    read_metrics(run.path());
    FAIL() << "expected an error";
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("metrics.jsonl:2: expected a JSON object"));
  }
}

TEST(Metrics, AFlippedDigitIsFoundAndDroppedByAResume) {
  const base::TemporaryDirectory run;
  for (const int64_t step : {500, 1000}) append_metrics(run.path(), {step, {{"x", 0.25}}});
  std::string text = base::read_file(run.path() / "metrics.jsonl");
  text[text.find("0.25") + 2] = '3';
  base::write_file_atomic(run.path() / "metrics.jsonl", text);
  EXPECT_THROW(read_metrics(run.path()), base::UserError);
  EXPECT_EQ(truncate_metrics(run.path(), 1000), 1);
  ASSERT_EQ(read_metrics(run.path()).size(), 1U);
  EXPECT_EQ(read_metrics(run.path())[0].step, 1000);
}

TEST(Metrics, TruncateDropsLaterRowsAndTheUnfinishedLine) {
  const base::TemporaryDirectory run;
  for (const int64_t step : {500, 1000, 1500})
    append_metrics(run.path(), {step, {{"x", 1.0 / static_cast<double>(step)}}});
  append(run.path(), "{\"step\":2000");
  truncate_metrics(run.path(), 1000);
  append_metrics(run.path(), {1200, {{"x", 5.0}}});
  const std::vector<MetricRow> rows = read_metrics(run.path());
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].step, 1000);
  EXPECT_EQ(rows[1].values.at("x"), 1.0 / 1000.0);
  EXPECT_EQ(rows[2].step, 1200);
}

}  // namespace
}  // namespace reverie::training
