// Mutated scripts of the viewer: read whole or refused by one line.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "tests/fuzz/fuzz.h"
#include "viewer/script.h"
#include "viewer/values.h"

// What ImGui calls where one of its own conditions does not hold.
void reverie_imgui_assert(const char*, int, const char*);
void reverie_imgui_assert(const char*, int, const char*) { std::abort(); }

// The reader asks which values there are; the viewer's own need a window and a model.
namespace reverie::viewer {
namespace {
const NamedValue kValues[] = {{"twin.steps", "", nullptr}, {"dream.error", "", nullptr}};
}  // namespace

std::span<const NamedValue> named_values() { return kValues; }

const NamedValue* find_value(const std::string& name) {
  for (const NamedValue& value : kValues)
    if (name == value.name) return &value;
  return nullptr;
}

}  // namespace reverie::viewer

namespace reverie::fuzz {
namespace {

TEST(Fuzz, ScriptsReadOrFailClearly) {
  const std::vector<std::string> words = {"\"",      "#",       "\n", "Ctrl+", "Ctrl+Ctrl+",
                                          "nan",     "1e999",   "-1", "\xff",  "until ",
                                          "frames ", "expect ", "==", "\t",    "inf"};
  std::vector<std::string> corpus = {
      "click \"time/Step\"  # once\nwait 1.5\nset \"time/speed\" 2\nkey Ctrl+Shift+F1\nhold Space 0.5\n",
      "until twin.steps >= 20 5\nexpect dream.error < 0.3\nprint twin.steps\ndrag \"world\" 0 0 1 1 right\n"
      "frames 3\ntype hello\nscreenshot a.png\n"};
  for (const auto& entry :
       std::filesystem::directory_iterator(REVERIE_SOURCE_DIR "/tests/fuzz/corpus/script"))
    corpus.push_back(base::read_file(entry.path()));
  int64_t good = 0, refused = 0;
  const FuzzRange range = fuzz_range(5000);
  for (int64_t i = -std::ssize(corpus); i < range.count; ++i) {
    contract::Rng rng(16, static_cast<uint64_t>(range.first + std::max<int64_t>(i, 0)),
                      contract::Stream::kEvaluation);
    const std::string& text = corpus[static_cast<size_t>(i + std::ssize(corpus)) % corpus.size()];
    try {
      viewer::parse_script(i < 0 ? text : edited(text, corpus, words, rng), "script");
      ++good;
    } catch (const base::UserError& error) {
      ASSERT_TRUE(std::string(error.what()).starts_with("script:")) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(good, range.count / 100);
  EXPECT_GT(refused, range.count / 20);
  if (std::getenv("REVERIE_FUZZ") != nullptr)
    std::printf("script: %ld read, %ld refused\n", static_cast<long>(good), static_cast<long>(refused));
}

}  // namespace
}  // namespace reverie::fuzz
