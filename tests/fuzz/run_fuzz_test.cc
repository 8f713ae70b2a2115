// Mutated files of a run: settings, states of checkpoints, heartbeats, rows of metrics and shards, read or refused.
// What fits its checksum goes deeper: every second text is sealed again after it was changed.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/checksum.h"
#include "base/temporary_directory.h"
#include "base/thread_pool.h"
#include "contract/episode_store.h"
#include "sim/vector_env.h"
#include "tests/fuzz/formats.h"
#include "tests/sim/task_files.h"
#include "training/checkpoint.h"
#include "training/data/offline_data.h"
#include "training/heartbeat.h"
#include "training/metrics.h"
#include "training/recovery.h"
#include "training/run_directory.h"
#include "training/verify.h"

namespace reverie::fuzz {
namespace {

namespace fs = std::filesystem;

// Writes `text`, sealed when its open seal is still there.
void put(const fs::path& path, std::string text) {
  if (text.find(base::kOpenSeal) != std::string::npos) {
    try {
      base::seal(text);
    } catch (const std::exception&) {  // half a seal, or two
    }
  }
  std::ofstream(path, std::ios::binary) << text;
}

// The text of a file with its seal open.
std::string opened(const fs::path& path) {
  std::string text = base::read_file(path);
  const auto digits = base::find_seal(text, path.string());
  if (digits) text.replace(*digits, 16, 16, '0');
  return text;
}

std::vector<std::string> words(std::vector<std::string> own) {
  own.insert(own.end(), kJsonWords.begin(), kJsonWords.end());
  return own;
}

// Three steps of the arm that tests have.
struct Recorded {
  Recorded() : pool(1), envs(sim::load_arm(sim::arm_task()), 1, 1, 0, pool) {
    envs.set_recording(true);
    envs.reset();
    for (int i = 0; i < 3; ++i)
      envs.step(std::vector<float>(static_cast<size_t>(envs.spec().action_dim), 0.5f));
  }

  base::ThreadPool pool;
  sim::VectorEnv envs;
};

// A run with one checkpoint whose tensors are small.
fs::path small_run(const fs::path& folder) {
  training::TrainConfig config;
  config.task = "dmc/cartpole-swingup";
  config.size = "nano";
  fs::path run = folder / "run";
  training::create_run_directory(run, config);
  training::Checkpoint checkpoint;
  checkpoint.env_steps = 100;
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  checkpoint.model.tensors["a"] = base::make_tensor<float>(values, {2, 3});
  checkpoint.optimizer.tensors["b"] = base::make_tensor<float>(values, {6});
  checkpoint.best = {100, {1.0, 2.0}};
  checkpoint.owed_row = {{"eval/return", 1.0}};
  checkpoint.running = {Recorded().envs.running(0)};
  training::save_checkpoint(run, checkpoint);
  return run;
}

TEST(Fuzz, StatesOfCheckpointsReadOrFailClearly) {
  const base::TemporaryDirectory folder;
  const fs::path run = small_run(folder.path()), state = run / "checkpoints/000000100/state.json";
  const std::string sound = opened(state);
  auto bare = nlohmann::json::parse(sound);  // as older programs wrote it
  bare.erase(base::kSealKey);
  bare.erase("files");
  fuzz("state", {sound, bare.dump(1), bare.dump()},
       words({"\"files\": {\"../../x\": \"0\"}", "\"/dev/zero\"", "\"best\": {", base::kOpenSeal}), 21, 1000,
       [&](const std::string& text) {
         put(state, text);
         training::load_state(run, "last");
         training::load_checkpoint(run, "last", true);
         training::find_whole(run, training::Use::kWeights);
       });
}

TEST(Fuzz, SettingsOfRunsReadOrFailClearly) {
  const base::TemporaryDirectory folder;
  const fs::path run = small_run(folder.path());
  const std::string sound = opened(run / "config.toml");
  const std::string bare = sound.substr(sound.find('\n') + 1);
  fuzz("config", {sound, bare},
       {"[", "]", "=", "\"", "'''", "\n", "[[", "{", "}", "inf", "nan", "-1", "1e308", "9223372036854775807",
        "a.b.c", "\xff", "\"/\"", "from = \"..\"\n"},
       22, 500, [&](const std::string& text) {
         put(run / "config.toml", text);
         training::read_run_config(run);
       });
}

TEST(Fuzz, HeartbeatsAndMetricsReadOrFailClearly) {
  const base::TemporaryDirectory folder;
  const fs::path run = small_run(folder.path());
  { const training::Heartbeat heartbeat(run, 100, {}); }
  fuzz("heartbeat", {opened(run / "heartbeat.json")}, words({}), 23, 1000, [&](const std::string& text) {
    put(run / "heartbeat.json", text);
    training::read_heartbeat(run);
  });
  training::append_metrics(run, {10, {{"loss/total", 0.5}, {"eval/return", NAN}}});
  training::append_metrics(run, {20, {{"loss/total", 0.25}}});
  const std::string rows = base::read_file(run / "metrics.jsonl");
  const std::string bare = "{\"step\":10,\"loss/total\":0.5,\"x\":null}\n{\"step\":20}\n";
  fuzz("metrics", {rows, bare}, words({"\n"}), 24, 1000, [&](const std::string& text) {
    put(run / "metrics.jsonl", text);
    training::truncate_metrics(run, 15);
    put(run / "metrics.jsonl", text);
    training::read_metrics(run);
  });
}

TEST(Fuzz, ShardsOfDatasetsReadOrFailClearly) {
  const sim::ScratchFolder folder;
  const Recorded recorded;
  const fs::path path = folder.path() / "shard-000000.safetensors";
  contract::save_episodes(path.string(), {recorded.envs.running(0)});
  fuzz("shard", {opened(path)}, words({"\"I64\"", "\"U8\"", base::kOpenSeal}), 25, 1000,
       [&](const std::string& bytes) {
         put(path, bytes);
         training::load_shard(path, {recorded.envs.spec(), 1});
         training::verify(folder.path());
       });
}

}  // namespace
}  // namespace reverie::fuzz
