// Mutated MJCFs, each in a child process: a working model or a clear error, and whatever the engine does to
// the child, this process goes on. With REVERIE_FUZZ_OUT=DIR the files that crash or hang are kept there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "sim/model.h"
#include "sim/model_guard.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/task_files.h"

namespace reverie::fuzz {
namespace {

namespace fs = std::filesystem;

// The scenes' MJCFs, copied to where `../style.xml` is found again.
std::vector<std::string> read_scenes() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(REVERIE_SOURCE_SCENES)) {
    if (entry.path().extension() == ".xml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> out = {sim::kArmModel};
  for (const fs::path& path : paths) out.push_back(base::read_file(path));
  return out;
}

std::string name_of(const sim::Trial& trial) {
  switch (trial.end) {
    case sim::Trial::End::kDone:
      return "loaded";
    case sim::Trial::End::kRefused:
      return "refused";
    case sim::Trial::End::kFailed:
      return "failed";
    case sim::Trial::End::kTimedOut:
      return "timed out";
    default:
      return "crashed, signal " + std::to_string(trial.signal);
  }
}

void keep(const std::string& kind, int64_t index, const std::string& text) {
  const char* folder = std::getenv("REVERIE_FUZZ_OUT");
  if (folder == nullptr) return;
  std::string name = kind + "-" + std::to_string(index) + ".xml";
  std::replace(name.begin(), name.end(), ' ', '-');
  std::ofstream(fs::path(folder) / name, std::ios::binary) << text;
}

TEST(Fuzz, MjcfsLoadOrFailClearlyInTheirOwnProcess) {
  const sim::ScratchFolder folder;
  const std::vector<std::string> corpus = read_scenes();
  setenv("REVERIE_SCENES", folder.path().c_str(), 1);  // they name ../style.xml, as the scenes do
  fs::create_directory(folder.path() / "models");
  folder.write("style.xml", base::read_file(std::string(REVERIE_SOURCE_SCENES) + "/style.xml"));
  std::map<std::string, int64_t> counts;
  const FuzzRange range = fuzz_range(200);
  for (int64_t i = range.first; i < range.first + range.count; ++i) {
    contract::Rng rng(3, static_cast<uint64_t>(i), contract::Stream::kEvaluation);
    std::string text = corpus[static_cast<size_t>(i) % corpus.size()];
    const int64_t edits = 1 + rng.below(2);
    for (int64_t k = 0; k < edits; ++k) text = edited_mjcf(std::move(text), corpus, rng);
    const std::string path = folder.write("models/model.xml", text);
    const sim::Trial trial = sim::try_in_child([&] { sim::exercise(sim::load_model(path).get()); });
    if (trial.end == sim::Trial::End::kRefused) {
      ASSERT_TRUE(trial.text.starts_with(path)) << trial.text;
      ASSERT_EQ(trial.text.find('\n'), std::string::npos) << trial.text;
      ASSERT_GT(trial.text.size(), path.size() + 5) << i;
    }
    if (trial.end == sim::Trial::End::kFailed) {
      ASSERT_FALSE(trial.text.empty());
    }
    const std::string name = name_of(trial);
    if (trial.end == sim::Trial::End::kCrashed || trial.end == sim::Trial::End::kTimedOut)
      keep(name, i, text);
    ++counts[name];
  }
  EXPECT_GT(counts["loaded"], range.count / 10);
  EXPECT_GT(counts["refused"], range.count / 10);
  for (const auto& [name, count] : counts) RecordProperty(name, std::to_string(count));
  if (std::getenv("REVERIE_FUZZ") == nullptr) return;
  for (const auto& [name, count] : counts)
    std::printf("mjcf: %s: %ld\n", name.c_str(), static_cast<long>(count));
}

// Files that the engine does not survive are errors of one line.
TEST(Fuzz, KnownCrashersAreUserErrors) {
  for (const auto& entry : fs::directory_iterator(REVERIE_SOURCE_DIR "/tests/fuzz/crashes")) {
    const std::string path = entry.path().string();
    try {
      sim::check_in_child(path, [&] { sim::exercise(sim::load_model(path).get()); },
                          {.seconds = 1, .patience = 60});
      ADD_FAILURE() << path << " loads";
    } catch (const base::UserError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with(path + ": the engine ")) << error.what();
    }
  }
}

}  // namespace
}  // namespace reverie::fuzz
