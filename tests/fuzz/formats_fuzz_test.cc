// Mutated files of data: read whole or refused by one line, whatever their bytes.
// Each starts from the files of tests/fuzz/corpus and from a sound file.
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/error.h"
#include "base/fields.h"
#include "base/files.h"
#include "base/safetensors.h"
#include "contract/episode_store.h"
#include "evaluation/report_file.h"
#include "sim/env.h"
#include "sim/physics_csv.h"
#include "sim/task/toml_node.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/task_files.h"

namespace reverie::fuzz {
namespace {

namespace fs = std::filesystem;
using Read = std::function<void(const std::string& text)>;

std::vector<std::string> kept(const std::string& kind) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(REVERIE_SOURCE_DIR "/tests/fuzz/corpus/" + kind))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> out;
  out.reserve(paths.size());
  for (const fs::path& path : paths) out.push_back(base::read_file(path));
  return out;
}

// How a reader takes a text: true when it reads it, false when it refuses it as it should.
bool reads(const Read& read, const std::string& text, const std::string& what) {
  try {
    read(text);
    return true;
  } catch (const base::UserError& error) {
    EXPECT_GT(std::string(error.what()).size(), 5u) << what;
  } catch (const std::exception& error) {
    ADD_FAILURE() << what << ": " << error.what();
  }
  return false;
}

// Every file of the corpus as it is, then mutations.
void fuzz(const std::string& kind, std::vector<std::string> corpus, const std::vector<std::string>& words,
          uint64_t key, int64_t usual, const Read& read) {
  for (std::string& text : kept(kind)) corpus.push_back(std::move(text));
  int64_t good = 0;
  for (size_t i = 0; i < corpus.size(); ++i)
    good += reads(read, corpus[i], kind + ": file " + std::to_string(i)) ? 1 : 0;
  EXPECT_GT(good, 0);
  const FuzzRange range = fuzz_range(usual);
  for (int64_t i = range.first; i < range.first + range.count; ++i) {
    contract::Rng rng(key, static_cast<uint64_t>(i), contract::Stream::kEvaluation);
    std::string text = edited(corpus[static_cast<size_t>(i) % corpus.size()], corpus, words, rng);
    if (rng.below(8) == 0) text.resize(draw(rng, text.size()));
    if (rng.below(4) == 0 && text.size() > 8) text[draw(rng, 8)] = static_cast<char>(rng.below(256));
    good += reads(read, text, kind + ": number " + std::to_string(i)) ? 1 : 0;
  }
  EXPECT_LT(good, range.count);
  if (std::getenv("REVERIE_FUZZ") != nullptr)
    std::printf("%s: %ld of %ld read\n", kind.c_str(), static_cast<long>(good),
                static_cast<long>(range.count));
}

const std::vector<std::string> kJsonWords = {"{",
                                             "}",
                                             "[",
                                             "]",
                                             ":",
                                             ",",
                                             "\"",
                                             "null",
                                             "-1",
                                             "1e999",
                                             "true",
                                             "[[[[",
                                             "\\u0000",
                                             "\xff",
                                             "18446744073709551615",
                                             "9223372036854775807",
                                             "-9223372036854775808",
                                             "\"F64\"",
                                             "\"BOOL\"",
                                             "0"};

TEST(Fuzz, TablesOfStatesReadOrFailClearly) {
  const auto task = sim::load_arm(sim::arm_task());
  const sim::Env env(task);
  std::string head = "reset", row = "1", step = "0";
  const auto columns = [&](const std::string& name, std::span<const double> values) {
    for (size_t i = 0; i < values.size(); ++i) {
      head += "," + name + "_" + std::to_string(i);
      row += "," + std::to_string(values[i]);
      step += name == "ctrl" ? ",0.5" : ",";
    }
  };
  const mjModel* m = env.model();
  columns("qpos", {m->qpos0, static_cast<size_t>(m->nq)});
  const std::vector<double> zeros(static_cast<size_t>(m->nv + m->nu + m->na));
  columns("qvel", std::span(zeros).first(static_cast<size_t>(m->nv)));
  columns("act", std::span(zeros).first(static_cast<size_t>(m->na)));
  columns("ctrl", std::span(zeros).first(static_cast<size_t>(m->nu)));
  fuzz("csv", {head + "\n" + row + "\n" + step + "\n" + step + "\n", head + "\r\n" + row + "\r\n"},
       {",", "\n", "nan", "inf", "1e999", "\"", "+", "-", "\r", "\xef\xbb\xbf"}, 11, 2000,
       [&](const std::string& bytes) {
         std::istringstream input(bytes);
         std::ostringstream output;
         sim::step_csv(task, input, "table.csv", output);
       });
}

TEST(Fuzz, TensorFilesReadOrFailClearly) {
  const sim::ScratchFolder folder;
  const std::string path = (folder.path() / "sound.safetensors").string();
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  base::SafeTensors sound;
  sound.tensors["a"] = base::make_tensor<float>(values, {2, 3});
  sound.tensors["b"] = base::make_tensor<float>(values, {6});
  sound.metadata["format"] = "x";
  base::save_safetensors(path, sound);
  fuzz("safetensors", {base::read_file(path)}, kJsonWords, 12, 3000, [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    base::load_safetensors(path);
  });
}

TEST(Fuzz, EpisodeFilesReadOrFailClearly) {
  const sim::ScratchFolder folder;
  sim::Env env(sim::load_arm(sim::arm_task()));
  env.reset(1, 0);
  contract::Episode episode = contract::make_episode(env.spec(), 1, 0);
  episode.physics.resize(static_cast<size_t>(env.spec().physics_dim));
  episode.task_state.resize(static_cast<size_t>(env.spec().task_dim));
  env.copy_physics_state(episode.physics);
  env.copy_task_state(episode.task_state);
  for (const double value : env.observation()) episode.observations.push_back(static_cast<float>(value));
  for (const double value : env.signals()) episode.signals.push_back(static_cast<float>(value));
  const std::string path = (folder.path() / "shard-000000.safetensors").string();
  contract::save_episodes(path, {episode});
  fuzz("safetensors", {base::read_file(path)}, kJsonWords, 13, 2000, [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    contract::load_episodes(path);
  });
}

struct Settings {
  int64_t count = 1;
  double rate = 0.1;
  bool on = false;
  std::string device = "cpu";
};

TEST(Fuzz, SettingsReadOrFailClearly) {
  const std::string sound =
      "# settings\ncount = 3\ndevice = \"cuda:1\"\n\n[learner]\nrate = 1e-3\non = true\n";
  fuzz("toml", {sound},
       {"[", "]", "=", "\"", "'''", "\"\"\"", "\n", "[[", "{", "}", "inf", "nan", "0x", "\\u", "1979-05-27",
        ".", "\xff"},
       14, 5000, [&](const std::string& text) {
         sim::parse_toml(text, "settings.toml");
         Settings settings;
         base::load_toml({{"count", &settings.count, "", base::from_to(0, 10)},
                          {"device", &settings.device, "", base::one_of({"cpu", "cuda:N"})},
                          {"learner.rate", &settings.rate, ""},
                          {"learner.on", &settings.on, ""}},
                         text, "settings.toml");
       });
}

TEST(Fuzz, ReportsReadOrFailClearly) {
  const sim::ScratchFolder folder;
  const std::string path = (folder.path() / "report.json").string();
  const std::string sound =
      R"({"schema":3,"run":"runs/a","checkpoint":"000000100","think":"0","weights_hash":"0","seed":1,"episodes":2,)"
      R"("sections":{"returns":{"points":{"returns":{"starts":[{"id":"returns-0","set":"on_policy","episode":4,)"
      R"("step":0,"state":"f00"},{"id":"returns-1","set":"pushed","episode":5,"step":3,"state":"f01"}]}}}}})";
  fuzz("report", {sound}, kJsonWords, 15, 5000, [&](const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    evaluation::point_of_report(path, "returns-1");
  });
}

}  // namespace
}  // namespace reverie::fuzz
