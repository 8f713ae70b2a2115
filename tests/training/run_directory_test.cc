#include "training/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/checksum.h"
#include "base/error.h"
#include "base/files.h"
#include "base/temporary_directory.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/run.h"
#include "training/run_links.h"
#include "training/trainer.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void make_checkpoint(const fs::path& run, int64_t steps) {
  fs::create_directories(checkpoint_directory(run, steps));
  base::write_file_atomic(checkpoint_directory(run, steps) / "state.json", "{}");
}

TEST(RunDirectory, ConfigComesBackAsWritten) {
  const base::TemporaryDirectory scratch;
  const fs::path run = scratch.path() / "a" / "run";
  TrainConfig config;
  config.seed = 42;
  config.learner.discount = 0.97;
  create_run_directory(run, config);
  EXPECT_TRUE(is_run_directory(run));
  const TrainConfig read = read_run_config(run);
  EXPECT_EQ(read.seed, 42);
  EXPECT_EQ(read.learner.discount, 0.97);
}

TEST(RunDirectory, ARunsSizeIsWhatItHas) {
  const base::TemporaryDirectory scratch;
  TrainConfig config;
  config.model.latent_dim = 128;
  config.model.encoder_dim = config.model.hidden_dim = 256;
  create_run_directory(scratch.path() / "s", config);
  EXPECT_EQ(read_run_config(scratch.path() / "s").size, "s");
  config.model.hidden_dim = 250;
  create_run_directory(scratch.path() / "other", config);
  EXPECT_EQ(read_run_config(scratch.path() / "other").size, "auto");
}

TEST(RunDirectory, AnExistingOneIsNeverOverwritten) {
  const base::TemporaryDirectory scratch;
  const fs::path run = scratch.path() / "run";
  create_run_directory(run, {});
  EXPECT_THAT(error_of([&] { create_run_directory(run, {}); }), HasSubstr("already there"));
  base::write_file_atomic(scratch.path() / "file", "x");
  EXPECT_THAT(error_of([&] { create_run_directory(scratch.path() / "file", {}); }),
              HasSubstr("already there"));
}

TEST(RunDirectory, ALinkOutOfItIsRefused) {
  const base::TemporaryDirectory scratch;
  const fs::path run = scratch.path() / "run";
  create_run_directory(run, {});
  fs::create_symlink("config.toml", run / "other.toml");
  EXPECT_NO_THROW(expect_no_way_out(run));
  for (const char* name : {"metrics.jsonl", "run.log", "evaluation"}) {
    for (const fs::path& target : {scratch.path() / "elsewhere", fs::path(".."), fs::path("../run2")}) {
      fs::create_symlink(target, run / name);
      EXPECT_THAT(error_of([&] { expect_no_way_out(run); }), HasSubstr((run / name).string())) << target;
      EXPECT_THAT(error_of([&] { resume_training(run); }), HasSubstr("a link out of the run")) << target;
      fs::remove(run / name);
    }
  }
}

// A state that names files elsewhere would have them read.
TEST(RunDirectory, FilesOfACheckpointLieInIt) {
  const base::TemporaryDirectory scratch;
  const fs::path run = scratch.path() / "run";
  create_run_directory(run, {});
  fs::create_directories(checkpoint_directory(run, 100));
  for (const std::string name : {"../x.safetensors", "/dev/zero", "a/b.safetensors", ".."}) {
    std::string text = R"({"env_steps": 100, "updates": 0, "shards": 0, "task_hash": "", "files": {")" +
                       name + R"(": "0"}, "checksum": ")" + base::kOpenSeal + "\"}\n";
    base::seal(text);
    base::write_file_atomic(checkpoint_directory(run, 100) / "state.json", text);
    EXPECT_THAT(error_of([&] { load_state(run, "000000100"); }), HasSubstr("'" + name + "' is no file of a"))
        << name;
  }
}

TEST(RunDirectory, WhatIsNotARunIsNamed) {
  const base::TemporaryDirectory scratch;
  EXPECT_FALSE(is_run_directory(scratch.path()));
  EXPECT_THAT(error_of([&] { read_run_config(scratch.path()); }), HasSubstr("expected a config.toml"));
  EXPECT_THAT(error_of([&] { read_run_config(scratch.path() / "none"); }),
              HasSubstr("no such run directory"));
  base::write_file_atomic(scratch.path() / "config.toml", "seed = \n");
  EXPECT_THAT(error_of([&] { read_run_config(scratch.path()); }), HasSubstr("config.toml:1:"));
}

TEST(RunDirectory, CheckpointsAreResolved) {
  const base::TemporaryDirectory scratch;
  const fs::path& run = scratch.path();
  EXPECT_THAT(error_of([&] { resolve_checkpoint(run, "last"); }), HasSubstr("no checkpoint yet"));
  make_checkpoint(run, 5000);
  make_checkpoint(run, 15000);
  fs::create_directories(run / "checkpoints" / "000020000");  // without state.json: not complete
  EXPECT_THAT(list_checkpoints(run), ElementsAre("000005000", "000015000"));
  EXPECT_EQ(resolve_checkpoint(run, "last"), "000015000");
  link_checkpoint(run, "last", 15000);
  link_checkpoint(run, "best", 15000);
  link_checkpoint(run, "best", 5000);
  EXPECT_EQ(resolve_checkpoint(run, "last"), "000015000");
  EXPECT_EQ(resolve_checkpoint(run, "best"), "000005000");
  link_checkpoint(run, "most_faithful", 15000);
  EXPECT_EQ(resolve_checkpoint(run, "most_faithful"), "000015000");
  EXPECT_EQ(resolve_checkpoint(run, "5000"), "000005000");
  EXPECT_EQ(resolve_checkpoint(run, "000005000"), "000005000");
  EXPECT_THAT(error_of([&] { resolve_checkpoint(run, "7"); }), HasSubstr("000005000, 000015000"));
  EXPECT_THAT(error_of([&] { resolve_checkpoint(run, "../x"); }), HasSubstr("no checkpoint '../x'"));
  EXPECT_THAT(list_checkpoints(run), ElementsAre("000005000", "000015000"));
}

TEST(RunDirectory, OneProcessTrainsAtATime) {
  const base::TemporaryDirectory scratch;
  const fs::path& run = scratch.path();
  EXPECT_FALSE(is_locked(run));
  {
    const RunLock lock(run);
    EXPECT_TRUE(is_locked(run));
    EXPECT_THAT(error_of([&] { const RunLock second(run); }), HasSubstr("another process is training"));
  }
  EXPECT_FALSE(is_locked(run));
  EXPECT_NO_THROW(RunLock{run});
  // Of two processes that chose one name, one gets it and the other is told to choose again.
  const fs::path fresh = scratch.path() / "fresh";
  const RunLock first = lock_new_run(fresh);
  EXPECT_THROW(lock_new_run(fresh), RunTaken);
}

TEST(RunDirectory, FreshPathsDoNotCollide) {
  const base::TemporaryDirectory scratch;
  const fs::path first = fresh_run_path(scratch.path(), "dmc/cartpole-swingup");
  EXPECT_THAT(first.filename().string(), testing::MatchesRegex("dmc-cartpole-swingup-[0-9]+-[0-9]+"));
  for (int i = 0; i < 3; ++i) {
    const fs::path path = fresh_run_path(scratch.path(), "dmc/cartpole-swingup");
    EXPECT_FALSE(fs::exists(path));
    fs::create_directories(path);
  }
}

}  // namespace
}  // namespace reverie::training
