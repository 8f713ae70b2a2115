// Documents against the program. docs/tasks.md is executed: its files are written out, loaded and stepped; every
// function of the language is in it. Links in all documents point to files and headings that exist,
// and so do the names of sources.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "base/files.h"
#include "sim/env.h"
#include "sim/expression/expression_builder.h"
#include "sim/inspect/inspect.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

namespace fs = std::filesystem;

std::string document() { return base::read_file(std::string(REVERIE_SOURCE_DIR) + "/docs/tasks.md"); }

// The documents of the root, of docs/ and of the GitHub templates.
std::vector<fs::path> all_documents() {
  std::vector<fs::path> out;
  const fs::path root = REVERIE_SOURCE_DIR;
  for (const auto& entry : fs::directory_iterator(root)) out.push_back(entry.path());
  for (const char* folder : {"docs", ".github"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) out.push_back(entry.path());
  }
  std::erase_if(out, [](const fs::path& path) { return path.extension() != ".md"; });
  std::ranges::sort(out);
  return out;
}

// "#heading" as a link names it: lower case, blanks are hyphens, other signs are left out.
std::string anchor_of(const std::string& heading) {
  std::string out = "#";
  for (const char c : heading) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-') {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (c == ' ') {
      out += '-';
    }
  }
  return out;
}

std::vector<std::string> anchors_of(const std::string& text) {
  static const std::regex kHeading("(?:^|\n)#+ ([^\n]*)");
  std::vector<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), kHeading), end; at != end; ++at) {
    out.push_back(anchor_of((*at)[1]));
  }
  return out;
}

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
    env.reset(0, 0);
    for (int t = 0; t < 20; ++t) EXPECT_FALSE(env.step(std::vector<float>(2, 0.2f)).diverged);
  }
  const std::vector<std::string> faster = {"params.speed=1.0"};
  const std::string first = (folder.path() / "one-leg.toml").string();
  EXPECT_NE(Task::load(first)->spec().hash, Task::load(first, faster)->spec().hash);
  const auto high = Task::load((folder.path() / "one-leg-high.toml").string());
  EXPECT_EQ(high->spec().reward_terms, std::vector<std::string>{"jump"});
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

TEST(Documents, LinksPointToFilesAndHeadings) {
  static const std::regex kLink(R"(\]\(([^)#\s]*)(#[^)\s]*)?\))");
  int links = 0;
  for (const fs::path& path : all_documents()) {
    const std::string text = base::read_file(path);
    for (std::sregex_iterator at(text.begin(), text.end(), kLink), end; at != end; ++at) {
      const std::string file = (*at)[1], anchor = (*at)[2];
      if (file.find("://") != std::string::npos) continue;
      const fs::path target = file.empty() ? path : path.parent_path() / file;
      ++links;
      ASSERT_TRUE(fs::exists(target)) << path << " links to " << file;
      if (anchor.empty()) continue;
      EXPECT_THAT(anchors_of(base::read_file(target)), testing::Contains(anchor)) << path << " -> " << file;
    }
  }
  EXPECT_GT(links, 50);
}

// `folder/file.cc` or `folder/` in a document, for the folders of the source tree.
TEST(Documents, NamesOfSourcesExist) {
  static const std::regex kName(
      "`((?:base|contract|sim|tensor|worldmodel|policies|report|render|training|evaluation|bench|viewer|apps|"
      "tests|scenes|docs|cmake)/[A-Za-z0-9_./-]*(?:/|[.](?:h|cc|py|sh)))`");
  int names = 0;
  for (const fs::path& path : all_documents()) {
    const std::string text = base::read_file(path);
    for (std::sregex_iterator at(text.begin(), text.end(), kName), end; at != end; ++at) {
      const std::string name = (*at)[1];
      EXPECT_TRUE(fs::exists(fs::path(REVERIE_SOURCE_DIR) / name)) << path << " names " << name;
      ++names;
    }
  }
  EXPECT_GT(names, 25);
}

}  // namespace
}  // namespace reverie::sim
