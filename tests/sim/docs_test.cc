// docs/tasks.md is executed: its files are written out, loaded and stepped; every function of the language is
// in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "sim/env.h"
#include "sim/expression/expression_builder.h"
#include "sim/inspect/inspect.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

std::string document() { return base::read_file(std::string(REVERIE_SOURCE_DIR) + "/docs/tasks.md"); }

// (name, content) of every fenced block that follows a "<!-- file: name -->" line.
std::vector<std::pair<std::string, std::string>> files_of(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> out;
  const std::string mark = "<!-- file: ";
  for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const size_t name = at + mark.size(), open = text.find("```", at), body = text.find('\n', open) + 1;
    out.emplace_back(text.substr(name, text.find(" -->", at) - name),
                     text.substr(body, text.find("```", body) - body));
  }
  return out;
}

TEST(TaskDocument, WalkThroughRuns) {
  const ScratchFolder folder;
  const auto files = files_of(document());
  ASSERT_EQ(files.size(), 3u);
  for (const auto& [name, content] : files) folder.write(name, content);
  for (const char* name : {"one-leg.toml", "one-leg-high.toml"}) {
    const auto task = Task::load((folder.path() / name).string());
    Env env(task);
    for (int t = 0; t < 20; ++t) EXPECT_FALSE(env.step(std::vector<float>(2, 0.2f)).diverged);
  }
  const std::vector<std::string> faster = {"params.speed=1.0"};
  const std::string first = (folder.path() / "one-leg.toml").string();
  EXPECT_NE(Task::load(first)->spec().hash, Task::load(first, faster)->spec().hash);
  const auto high = Task::load((folder.path() / "one-leg-high.toml").string());
  EXPECT_EQ(high->reward_terms(), std::vector<std::string>{"jump"});
  EXPECT_EQ(high->spec().observation.back().name, "foot");
  EXPECT_EQ(inspect_model(folder.path() / "hopper.xml").actuators.size(), 0u);
}

TEST(TaskDocument, NamesEveryFunction) {
  const std::string text = document();
  for (const FunctionInfo& f : expression_functions()) {
    EXPECT_THAT(text, testing::HasSubstr("| `" + f.signature + "` | " + f.help + " |"));
  }
}

TEST(ScenesDocument, NamesEveryTaskAndItsHash) {
  const std::string text = base::read_file(std::string(REVERIE_SOURCE_DIR) + "/docs/scenes.md");
  for (const std::string& id : list_tasks()) {
    const contract::EnvSpec spec = Task::load(id)->spec();
    const std::string row = "| `" + id + "` | " + std::to_string(spec.observation_dim) + " | " +
                            std::to_string(spec.action_dim) + " | ";
    const size_t at = text.find(row);
    ASSERT_NE(at, std::string::npos) << "docs/make_scenes.py writes " << row;
    EXPECT_THAT(text.substr(at, text.find('\n', at) - at), testing::HasSubstr("`" + spec.hash + "` |"));
  }
}

}  // namespace
}  // namespace reverie::sim
