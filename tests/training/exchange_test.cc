// Whole files of another run, or of another dataset, are found by name and never taken for those that belong here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/temporary_directory.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/data/dataset.h"
#include "training/recovery.h"
#include "training/run.h"
#include "training/trainer.h"
#include "training/verify.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

using testing::HasSubstr;

TrainConfig small_config(int64_t seed) {
  TrainConfig config = small_learning();
  config.env_steps = 300;
  config.random_steps = 100;
  config.updates_per_decision = 0.1;
  config.eval_every = 0;
  config.checkpoint_every = 100;
  config.log_every = 50;
  config.seed = seed;
  return config;
}

void put(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

class Exchange : public testing::Test {
 protected:
  fs::path path(const std::string& name) const { return scratch_.path() / name; }
  static bool is_damaged(const Verification& found, const std::string& file) {
    return std::ranges::any_of(found.files, [&](const FileCheck& check) {
      return check.file == file && check.state == FileState::kDamaged;
    });
  }

  base::TemporaryDirectory scratch_;
};

TEST_F(Exchange, AFileOfAnotherRunIsFound) {
  train(small_config(1), path("own"));
  train(small_config(2), path("other"));
  ASSERT_TRUE(verify(path("own")).whole());
  EXPECT_NE(read_run_id(path("own")), read_run_id(path("other")));
  for (const std::string file : {"config.toml", "metrics.jsonl", "heartbeat.json", "checkpoints/000000200"}) {
    put(path("own"), path("mixed"));
    put(path("other") / file, path("mixed") / file);
    const Verification found = verify(path("mixed"));
    EXPECT_TRUE(is_damaged(found, file.starts_with("checkpoints") ? file + "/state.json" : file)) << file;
  }
}

TEST_F(Exchange, ItIsNeverLoaded) {
  train(small_config(1), path("own"));
  train(small_config(2), path("other"));
  put(path("own"), path("mixed"));
  put(path("other") / "config.toml", path("mixed") / "config.toml");
  EXPECT_THAT(error_of([&] { open_run(path("mixed")); }), HasSubstr("and config.toml of run"));
  EXPECT_THAT(error_of([&] { resume_training(path("mixed"), {}, 400); }),
              HasSubstr("and config.toml of run"));

  put(path("own"), path("mixed"));
  put(path("other") / "checkpoints/000000300", path("mixed") / "checkpoints/000000300");
  EXPECT_EQ(find_whole(path("mixed"), Use::kResume).name, "000000200");
}

// As those of before there were ids.
TEST_F(Exchange, AConfigurationWithoutAnIdIsRead) {
  train(small_config(1), path("run"));
  std::string text = base::read_file(path("run") / "config.toml");
  text.erase(0, text.find('\n') + 1);  // the seal
  text.erase(0, text.find('\n') + 1);  // the id
  ASSERT_FALSE(text.starts_with("# \"run\""));
  base::write_file_atomic(path("run") / "config.toml", text);
  EXPECT_EQ(read_run_id(path("run")), "");
  EXPECT_TRUE(verify(path("run")).whole());
  EXPECT_EQ(open_run(path("run")).checkpoint, "000000300");
}

TEST_F(Exchange, TheIdStaysWhenATrainingIsProlonged) {
  train(small_config(1), path("run"));
  const std::string id = read_run_id(path("run"));
  resume_training(path("run"), {}, 400);
  EXPECT_EQ(read_run_id(path("run")), id);
  EXPECT_EQ(id.size(), 16U);
  EXPECT_TRUE(verify(path("run")).whole());
}

TEST_F(Exchange, AShardOfAnotherDatasetIsFoundAndOneThatIsMissingToo) {
  DatasetOptions options;
  options.episodes = 17;  // two shards
  collect_dataset(options, path("own"));
  options.seed = 2;
  collect_dataset(options, path("other"));
  EXPECT_TRUE(verify(path("own")).whole());
  const std::string last = "shard-000001.safetensors";
  ASSERT_TRUE(fs::exists(path("own") / last));

  put(path("own"), path("mixed"));
  put(path("other") / last, path("mixed") / last);
  EXPECT_TRUE(is_damaged(verify(path("mixed")), last));
  TrainConfig config = small_learning();
  config.data = path("mixed").string();
  config.env_steps = 0;
  config.updates = 5;
  EXPECT_THAT(error_of([&] { train(config, path("run")); }), HasSubstr("of another dataset"));

  fs::remove(path("mixed") / last);
  EXPECT_TRUE(is_damaged(verify(path("mixed")), last));

  // Without its list a directory of shards is what it is.
  fs::remove(path("mixed") / "dataset.json");
  EXPECT_TRUE(verify(path("mixed")).whole());
  // And a shard that the list does not have is told and no damage.
  put(path("own"), path("more"));
  put(path("other") / last, path("more") / "shard-000002.safetensors");
  const Verification more = verify(path("more"));
  EXPECT_TRUE(more.whole());
  EXPECT_TRUE(std::ranges::any_of(more.files, [](const FileCheck& check) {
    return check.file == "shard-000002.safetensors" && check.state == FileState::kNotChecked;
  }));
}

}  // namespace
}  // namespace reverie::training
