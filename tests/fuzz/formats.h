// What the fuzz tests of data files share: sound files and a kept corpus, edited, and how a reader takes them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "tests/fuzz/fuzz.h"

namespace reverie::fuzz {

using Read = std::function<void(const std::string& text)>;

inline std::vector<std::string> kept(const std::string& kind) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(REVERIE_SOURCE_DIR "/tests/fuzz/corpus/" + kind))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> out;
  out.reserve(paths.size());
  for (const std::filesystem::path& path : paths) out.push_back(base::read_file(path));
  return out;
}

// How a reader takes a text: true when it reads it, false when it refuses it as it should.
inline bool reads(const Read& read, const std::string& text, const std::string& what) {
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
inline void fuzz(const std::string& kind, std::vector<std::string> corpus,
                 const std::vector<std::string>& words, uint64_t key, int64_t usual, const Read& read) {
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

inline const std::vector<std::string> kJsonWords = {"{",
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
                                                    std::string(3000, '[') + std::string(3000, ']'),
                                                    std::string(20000, '['),
                                                    "0"};

}  // namespace reverie::fuzz
