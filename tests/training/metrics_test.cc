#include "training/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"

namespace reverie::training {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
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

// Metrics of steps 10, 20, ... in files of two rows each.
class Parts : public testing::Test {
 protected:
  static constexpr int64_t kBytes = 150;

  void write(int64_t first, int64_t last) const {
    for (int64_t step = first; step <= last; step += 10)
      append_metrics(run.path(), {step, {{"loss", static_cast<double>(step)}}}, kBytes);
  }
  std::vector<int64_t> steps() const {
    std::vector<int64_t> found;
    for (const MetricRow& row : read_metrics(run.path())) found.push_back(row.step);
    return found;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& file : metrics_files(run.path())) names.push_back(file.filename().string());
    return names;
  }
  std::filesystem::path file(const char* name) const { return run.path() / name; }

  base::TemporaryDirectory run;
};

TEST_F(Parts, AFullFileIsRenamedAndAllRowsAreReadInOrder) {
  write(10, 50);
  EXPECT_THAT(files(), ElementsAre("metrics.1.jsonl", "metrics.2.jsonl", "metrics.jsonl"));
  EXPECT_THAT(steps(), ElementsAre(10, 20, 30, 40, 50));
  for (const auto& path : metrics_files(run.path())) {
    EXPECT_LE(std::filesystem::file_size(path), static_cast<uintmax_t>(kBytes));
    EXPECT_THAT(base::read_file(path), EndsWith("}\n"));
  }
}

TEST_F(Parts, AreOrderedByTheirNumber) {
  write(10, 240);
  EXPECT_EQ(files().size(), 12U);
  EXPECT_EQ(files()[10], "metrics.11.jsonl");
  EXPECT_TRUE(std::ranges::is_sorted(steps()));
  EXPECT_EQ(steps().size(), 24U);
}

TEST_F(Parts, OtherNamesAreNone) {
  for (const char* name :
       {"metrics.0.jsonl", "metrics.01.jsonl", "metrics.-1.jsonl", "metrics..jsonl", "metrics.1x.jsonl",
        "metrics.jsonl", "metrics.1.jsonl.7.tmp", "metrics.99999999999999999999.jsonl"})
    EXPECT_EQ(metrics_part(name), 0) << name;
  EXPECT_EQ(metrics_part("run/metrics.12.jsonl"), 12);
}

// A row that is larger than the limit has a file of its own, and the limit makes no empty ones.
TEST_F(Parts, ARowIsNeverDivided) {
  for (const int64_t step : {10, 20}) append_metrics(run.path(), {step, {{"loss", 1.0}}}, 1);
  EXPECT_THAT(files(), ElementsAre("metrics.1.jsonl", "metrics.jsonl"));
  EXPECT_THAT(steps(), ElementsAre(10, 20));
}

TEST_F(Parts, AKillBetweenRenameAndRowLosesNothing) {
  write(10, 40);
  std::filesystem::rename(file("metrics.jsonl"), file("metrics.2.jsonl"));
  EXPECT_THAT(steps(), ElementsAre(10, 20, 30, 40));
  EXPECT_EQ(truncate_metrics(run.path(), 40), 0);
  EXPECT_THAT(files(), ElementsAre("metrics.1.jsonl", "metrics.jsonl"));
  write(50, 50);
  EXPECT_THAT(files(), ElementsAre("metrics.1.jsonl", "metrics.2.jsonl", "metrics.jsonl"));
  EXPECT_THAT(steps(), ElementsAre(10, 20, 30, 40, 50));
}

// Whatever the step of the checkpoint, the files are in the end those of a run that was not broken off.
TEST_F(Parts, AResumeWritesTheSameFilesAgain) {
  write(10, 90);
  std::map<std::string, std::string> whole;
  for (const std::string& name : files()) whole[name] = base::read_file(file(name.c_str()));
  for (int64_t step = 0; step <= 90; step += 10) {
    EXPECT_EQ(truncate_metrics(run.path(), step), 0);
    EXPECT_EQ(static_cast<int64_t>(steps().size()), step / 10);
    EXPECT_TRUE(std::filesystem::exists(file("metrics.jsonl")));
    write(step + 10, 90);
    ASSERT_EQ(files().size(), whole.size()) << step;
    for (const auto& [name, text] : whole)
      EXPECT_EQ(base::read_file(file(name.c_str())), text) << step << ": " << name;
  }
}

TEST_F(Parts, ADamagedRowOfAnOldOneIsNamedAndLeftOutByAResume) {
  write(10, 60);
  base::write_file_atomic(file("metrics.2.jsonl"), std::string("x\ny\n"));
  try {
    steps();
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("metrics.2.jsonl:1"));
  }
  EXPECT_EQ(truncate_metrics(run.path(), 60), 2);
  EXPECT_THAT(files(), ElementsAre("metrics.1.jsonl", "metrics.2.jsonl", "metrics.jsonl"));
  EXPECT_THAT(steps(), ElementsAre(10, 20, 50, 60));
}

// Who looks on while a training writes sees a beginning of its rows, none missing or twice.
TEST_F(Parts, AReaderSeesEveryRowWhileNewOnesBegin) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    write(10, 1000);
    done = true;
  });
  bool last = false;
  while (!last) {
    last = done;
    const std::vector<int64_t> seen = steps();
    for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], static_cast<int64_t>(i + 1) * 10);
  }
  writer.join();
  EXPECT_EQ(steps().size(), 100U);
}

}  // namespace
}  // namespace reverie::training
