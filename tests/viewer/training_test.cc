// What the viewer tells of a training, and a training that it begins, pauses and resumes.
#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"
#include "training/run_directory.h"
#include "viewer/training_glance.h"
#include "viewer/training_process.h"

namespace reverie::viewer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Training : public testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const { return folder.path() / name; }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }

  void program(const std::string& text) const {
    write("program", "#!/bin/sh\n" + text);
    std::filesystem::permissions(path("program"), std::filesystem::perms::owner_all);
  }
  static void wait_for_end(TrainingProcess& process) {
    while (process.running()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }

  const base::TemporaryDirectory folder;
};

TEST_F(Training, CurvesBandsAndFiguresComeFromTheRunsFiles) {
  training::TrainConfig config;
  config.replay_steps = 1500;
  training::create_run_directory(path("run"), config);
  write("run/metrics.jsonl",
        "{\"step\":1000,\"eval/return\":10,\"eval/return_std\":2,\"dream/return\":30,\"dream/"
        "simulated_return\":10,"
        "\"dream/overpromise\":20,\"dream/overpromise_low\":15,\"train/episodes\":1}\n"
        "{\"step\":1500,\"train/return\":5}\n"
        "{\"step\":2000,\"eval/return\":12,\"eval/return_std\":1,\"dream/return\":40,\"dream/"
        "simulated_return\":12,"
        "\"dream/overpromise\":28,\"dream/overpromise_low\":20,\"train/episodes\":4,\"train/"
        "diverged_episodes\":1}\n");
  std::filesystem::create_directories(path("run/evaluation"));
  write("run/evaluation/report.json",
        "{\"scorecard\":[{\"test\":\"policy ranking\",\"support\":\"supported\",\"sentence\":\"it ranks.\"}],"
        "\"use\":\"Good for planning.\"}");
  const TrainingGlance glance = read_glance(path("run"));
  EXPECT_THAT(glance.simulated.steps, ElementsAre(1000, 2000));
  EXPECT_THAT(glance.simulated.low, ElementsAre(8, 11));
  EXPECT_THAT(glance.simulated.high, ElementsAre(12, 13));
  EXPECT_THAT(glance.collected.values, ElementsAre(5));
  EXPECT_THAT(glance.promised.values, ElementsAre(30, 40));
  EXPECT_THAT(glance.paid.values, ElementsAre(10, 12));
  EXPECT_EQ(glance.step, 2000);
  EXPECT_EQ(glance.replay_steps, 1500);
  EXPECT_EQ(glance.episodes, 4);
  EXPECT_EQ(glance.diverged, 1);
  EXPECT_THAT(glance.warning, HasSubstr("promises"));
  ASSERT_EQ(glance.scorecard.size(), 1u);
  EXPECT_EQ(glance.scorecard[0].support, "supported");
  EXPECT_EQ(glance.use, "Good for planning.");
}

TEST_F(Training, TheWarningGoesWhenTheGapCloses) {
  training::create_run_directory(path("run"), {});
  std::string rows;
  for (const int low : {15, 15, 0})
    rows +=
        "{\"step\":1000,\"dream/return\":30,\"dream/simulated_return\":10,\"dream/overpromise\":20,"
        "\"dream/overpromise_low\":" +
        std::to_string(low) + "}\n";
  write("run/metrics.jsonl", rows);
  EXPECT_EQ(read_glance(path("run")).warning, "");
}

TEST_F(Training, AProcessIsBegunWithItsWordsAndPausedByOneSignal) {
  program("echo \"$@\" > " + path("words").string() + "\ntrap 'echo saved > " + path("saved").string() +
          "; exit 130' INT\necho ready > " + path("ready").string() + "\nwhile true; do sleep 0.01; done\n");
  TrainingProcess process(path("program"));
  process.start({"--resume", "a run"}, path("log"));
  while (process.running() && !std::filesystem::exists(path("ready")))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_TRUE(process.running());
  EXPECT_THROW(process.start({}, path("log")), std::logic_error);
  process.pause();
  wait_for_end(process);
  EXPECT_EQ(base::read_file(path("words")), "train --resume a run\n");
  EXPECT_EQ(base::read_file(path("saved")), "saved\n");
  EXPECT_EQ(process.failure(), "");
}

TEST_F(Training, AProcessThatFailsTellsItsLastLine) {
  program("echo begun; echo 'error: no such run' >&2; exit 2\n");
  TrainingProcess process(path("program"));
  process.start({}, path("log"));
  wait_for_end(process);
  EXPECT_EQ(process.failure(), "error: no such run");
  TrainingProcess missing(path("nothing"));
  EXPECT_THROW(missing.start({}, path("log")), base::UserError);
}

}  // namespace
}  // namespace reverie::viewer
