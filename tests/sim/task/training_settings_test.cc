// A task's [training].
#include "sim/task/training_settings.h"

#include <gmock/gmock.h>

#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using testing::HasSubstr;

TEST(TrainingSettings, AreWordsInTheOrderOfTheFileAndLeaveTheHash) {
  const auto plain = load_arm(arm_task());
  const auto task = load_arm(arm_task(
      "[training]\nmodel.kind = \"mechanics\"\nlearner = { horizon = 1, rate = 0.5 }\nfast = true\n"));
  EXPECT_TRUE(plain->training().empty());
  std::vector<std::string> words;
  for (const TrainingSetting& setting : task->training()) words.push_back(setting.word);
  EXPECT_THAT(words, testing::ElementsAre("model.kind=mechanics", "learner.horizon=1", "learner.rate=0.5",
                                          "fast=true"));
  EXPECT_THAT(task->training()[0].place, testing::ContainsRegex("toml:[0-9]+:14$"));
  EXPECT_EQ(task->spec().hash, plain->spec().hash);
}

TEST(TrainingSettings, AreNoListsAndAreInATable) {
  EXPECT_THAT(load_error(arm_task("[training]\nlearner.rate = [1]\n")),
              HasSubstr("training.learner.rate: found an array, expected a number, a text, true or false"));
  EXPECT_THAT(load_error(arm_task("[training]\nlearner.rate = 1\n\"learner.rate\" = 2\n")),
              HasSubstr("training.learner.rate: given twice"));
  EXPECT_THAT(load_error(arm_task("[[training]]\n")),
              HasSubstr("training: found an array, expected a table"));
}

}  // namespace
}  // namespace reverie::sim
