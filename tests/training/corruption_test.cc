// Files of a run that were damaged: always found, never loaded as if whole, and the checkpoint before is used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>

#include "base/files.h"
#include "base/temporary_directory.h"
#include "contract/rng.h"
#include "tensor/device.h"
#include "tests/training/support.h"
#include "training/checkpoint.h"
#include "training/metrics.h"
#include "training/recovery.h"
#include "training/run.h"
#include "training/trainer.h"
#include "training/verify.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

using testing::HasSubstr;

TrainConfig small_config() {
  TrainConfig config = small_learning();
  config.env_steps = 1200;
  config.random_steps = 200;
  config.envs = 2;
  config.updates_per_decision = 0.1;
  config.eval_every = 600;
  config.eval_episodes = 1;
  config.eval_dream = 0;
  config.checkpoint_every = 300;
  config.log_every = 100;
  config.log_max_bytes = 3000;
  config.params = "";
  return config;
}

void put(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

// A training whose episodes are short, so that every checkpoint adds a shard.
class Corruption : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    tensor::set_learner_threads(1);
    scratch = std::make_unique<base::TemporaryDirectory>();
    const fs::path folder = scratch->path();
    base::write_file_atomic(
        folder / "hinge.xml",
        R"(<mujoco><worldbody><body><joint name="hinge" type="hinge"/><geom size="0.1"/></body></worldbody>
<actuator><motor joint="hinge" ctrllimited="true" ctrlrange="-1 1"/></actuator></mujoco>)");
    base::write_file_atomic(
        folder / "hinge.toml",
        "schema = 1\nid = \"test/hinge\"\nmodel = \"hinge.xml\"\ncontrol_dt = 0.02\nepisode_steps = 40\n"
        "[[observation]]\nname = \"position\"\nexpr = \"qpos()\"\n[reward]\nexpr = \"qpos('hinge')\"\n");
    TrainConfig config = small_config();
    config.task = (folder / "hinge.toml").string();
    train(config, run());
  }
  static void TearDownTestSuite() { scratch.reset(); }
  void TearDown() override {
    for (const auto& [path, bytes] : before_) put(path, bytes);
  }

  static fs::path run() { return scratch->path() / "run"; }
  static fs::path file(const std::string& name) { return run() / name; }
  // The bytes come back after the test.
  void damage(const fs::path& path, const std::string& bytes) {
    before_.try_emplace(path, base::read_file(path));
    put(path, bytes);
  }
  void flip(const fs::path& path, size_t bit) {
    std::string bytes = base::read_file(path);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    damage(path, bytes);
  }
  void restore() {
    TearDown();
    before_.clear();
  }

  static std::unique_ptr<base::TemporaryDirectory> scratch;
  std::map<fs::path, std::string> before_;
};
std::unique_ptr<base::TemporaryDirectory> Corruption::scratch;

// What to damage, and what of the same kind it could be exchanged with.
struct Kind {
  std::string name;
  std::vector<fs::path> files;
};

std::vector<Kind> kinds_of(const fs::path& run) {
  std::vector<Kind> kinds;
  for (const char* name : {"config.toml", "heartbeat.json"}) kinds.push_back({name, {run / name}});
  kinds.push_back({"metrics.jsonl", metrics_files(run)});
  for (const char* name :
       {"state.json", "model.safetensors", "optimizer.safetensors", "running.safetensors"}) {
    kinds.push_back({name, {}});
    for (const std::string& step : list_checkpoints(run))
      kinds.back().files.push_back(run / "checkpoints" / step / name);
  }
  kinds.push_back({"shard", {}});
  for (int64_t i = 0; fs::exists(shard_path(run, i)); ++i) kinds.back().files.push_back(shard_path(run, i));
  return kinds;
}

size_t below(contract::Rng& rng, size_t n) { return static_cast<size_t>(rng.below(static_cast<int64_t>(n))); }

// One random fault in `bytes`.
std::string damaged(std::string bytes, contract::Rng& rng) {
  const size_t at = below(rng, bytes.size()), count = std::min(bytes.size() - at, 1 + below(rng, 64));
  switch (below(rng, 5)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(rng, 8)));
      break;
    case 1:
      bytes.resize(at);
      break;  // cut off
    case 2:
      std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at), count, '\0');
      break;  // a block never written
    case 3:
      bytes.erase(at, count);
      break;
    case 4: {  // another version
      const size_t digit = bytes.find_first_of("123456789", at);
      if (digit != std::string::npos) bytes[digit] = static_cast<char>('0' + (bytes[digit] - '0' + 1) % 10);
      break;
    }
  }
  return bytes;
}

// REVERIE_CORRUPTIONS says how many; docs/results/faults.md has the result of many.
int wanted_corruptions() {
  const char* text = std::getenv("REVERIE_CORRUPTIONS");
  return text != nullptr ? std::atoi(text) : 60;
}

TEST_F(Corruption, RandomOnesAreAlwaysFoundAndNeverLoaded) {
  ASSERT_TRUE(verify(run()).whole());
  const std::vector<Kind> kinds = kinds_of(run());
  const std::string whole = find_whole(run(), Use::kResume).name;
  std::map<std::string, int> found_of;
  int found = 0;
  const int wanted = wanted_corruptions();
  for (int i = 0; found < wanted; ++i) {
    contract::Rng rng(static_cast<uint64_t>(i), 0, contract::Stream::kEvaluation);
    const Kind& kind = kinds[static_cast<size_t>(i) % kinds.size()];
    const fs::path& path = kind.files[below(rng, kind.files.size())];
    const std::string bytes = base::read_file(path);
    fs::path other = kind.files[below(rng, kind.files.size())];
    if (other != path && below(rng, 4) == 0) {
      const std::string exchanged = base::read_file(other);
      if (exchanged == bytes) continue;
      damage(path, exchanged);
      damage(other, bytes);
    } else {
      const std::string now = damaged(bytes, rng);
      if (now == bytes) continue;
      damage(path, now);
      other.clear();
    }
    ++found;
    ++found_of[kind.name];
    const Verification verification = verify(run());
    EXPECT_FALSE(verification.whole()) << i << ": " << path;
    try {
      const Recovered point = find_whole(run(), Use::kResume);
      for (const fs::path& hit : {path, other}) {
        if (hit.empty()) continue;
        EXPECT_NE(hit.parent_path().filename(), point.name) << i << ": " << hit;
        for (int64_t shard = 0; shard < point.checkpoint.shards; ++shard)
          EXPECT_NE(hit, shard_path(run(), shard)) << i;
      }
      read_run_config(run());
      open_run(run());
    } catch (const base::UserError& error) {
      EXPECT_THAT(error.what(), HasSubstr(run().string())) << i;
    }
    if (HasFailure()) break;
    restore();
  }
  for (const auto& [kind, count] : found_of) std::printf("%-24s %d found\n", kind.c_str(), count);
  EXPECT_EQ(find_whole(run(), Use::kResume).name, whole);
}

TEST_F(Corruption, TheCheckpointBeforeIsUsedAndTheEndIsTheSame) {
  const fs::path copy = scratch->path() / "copy";
  fs::copy(run(), copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  const std::string end = weights_hash(run());
  const std::vector<std::string> names = list_checkpoints(copy);
  ASSERT_GE(names.size(), 3U);
  const std::string &last = names.back(), &before = names[names.size() - 2];
  put(copy / "checkpoints" / last / "model.safetensors", "x");
  EXPECT_EQ(open_run(copy).checkpoint, before);
  EXPECT_THAT(error_of([&] { open_run(copy, last); }), HasSubstr("model.safetensors: damaged"));
  std::vector<std::string> warnings;
  TrainHooks hooks;
  hooks.on_warning = [&](const std::string& line) { warnings.push_back(line); };
  EXPECT_FALSE(resume_training(copy, hooks).interrupted);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], HasSubstr("checkpoint " + last + " is damaged"));
  EXPECT_THAT(warnings[0], HasSubstr(before + " is used"));
  EXPECT_EQ(weights_hash(copy), end);
  EXPECT_TRUE(fs::exists(copy / "checkpoints" / (last + ".damaged")));
  EXPECT_EQ(base::read_file(copy / "checkpoints" / last / "state.json"),
            base::read_file(run() / "checkpoints" / last / "state.json"));
}

TEST_F(Corruption, OfAShardLeadsToACheckpointThatDoesNotNeedIt) {
  const std::vector<std::string> names = list_checkpoints(run());
  const Checkpoint first = load_state(run(), names[0]), last = load_state(run(), names.back());
  ASSERT_GT(last.shards, first.shards);
  flip(shard_path(run(), last.shards - 1), 5000);
  const Recovered found = find_whole(run(), Use::kResume);
  EXPECT_LT(found.checkpoint.shards, last.shards);
  EXPECT_THAT(recovery_text(found), HasSubstr("shard-"));
  restore();
  flip(shard_path(run(), 0), 5000);
  EXPECT_THAT(error_of([] { find_whole(run(), Use::kResume); }), HasSubstr("checkpoints is whole"));
  EXPECT_EQ(find_whole(run(), Use::kWeights).name, names.back()) << "weights need no episodes";
}

TEST_F(Corruption, OlderFilesWithoutChecksumsAreReadAndToldAsNotChecked) {
  const std::string last = list_checkpoints(run()).back();
  const fs::path state = run() / "checkpoints" / last / "state.json";
  std::string text = base::read_file(state);
  const size_t line = text.find(" \"checksum\"");
  text.erase(line, text.find('\n', line) + 1 - line);
  const size_t files = text.find(" \"files\""), end = text.find('}', files);
  text.erase(files, text.find('\n', end) + 1 - files);
  damage(state, text);
  EXPECT_EQ(find_whole(run(), Use::kResume).name, last);
  const Verification found = verify(run());
  EXPECT_TRUE(found.whole());
  EXPECT_GE(std::ranges::count(found.files, FileState::kNotChecked, &FileCheck::state), 4);
}

TEST_F(Corruption, ThePruningKeepsTheNewestAndThoseThatAreNamed) {
  const fs::path copy = scratch->path() / "pruned";
  fs::copy(run(), copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  const std::string best = resolve_checkpoint(copy, "best"), last = resolve_checkpoint(copy, "last");
  prune_checkpoints(copy, 1);
  const std::vector<std::string> left = list_checkpoints(copy);
  EXPECT_LE(left.size(), 2U);
  EXPECT_THAT(left, testing::Contains(best));
  EXPECT_THAT(left, testing::Contains(last));
  EXPECT_TRUE(verify(copy).whole());
}

}  // namespace
}  // namespace reverie::training
