// What the fuzz tests share: how many inputs, and edits of a text. Every test run takes a few thousand
// inputs; REVERIE_FUZZ=N takes N of each kind, from REVERIE_FUZZ_FROM=I on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "contract/rng.h"

namespace reverie::fuzz {

struct FuzzRange {
  int64_t first = 0, count = 0;
};
FuzzRange fuzz_range(int64_t usual);

// A number in [0, size), 0 when there is none.
size_t draw(contract::Rng& rng, size_t size);
const std::string& pick(const std::vector<std::string>& from, contract::Rng& rng);

// 1 to 4 edits: another digit, another word of the same text, or, more seldom, bytes deleted, doubled,
// overwritten, taken from the `corpus` or from `words`.
std::string edited(std::string text, const std::vector<std::string>& corpus,
                   const std::vector<std::string>& words, contract::Rng& rng);

// One edit of an MJCF as XML: attribute values, names of tags and attributes, elements deleted, doubled,
// moved, nested deeply, or as bytes.
std::string edited_mjcf(std::string text, const std::vector<std::string>& corpus, contract::Rng& rng);

}  // namespace reverie::fuzz
