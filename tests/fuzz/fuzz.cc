#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstdlib>

namespace reverie::fuzz {
namespace {

int64_t chosen(const char* name, int64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::atoll(text);
}

// Most edits keep the text's structure.
void edit_gently(std::string& text, contract::Rng& rng) {
  const auto random_at = [&](const char* set) { return text.find_first_of(set, draw(rng, text.size() + 1)); };
  const size_t digit = random_at("0123456789");
  if (rng.below(2) == 0) {
    if (digit != std::string::npos) text[digit] = static_cast<char>('0' + rng.below(10));
    return;
  }
  const char* letters = "abcdefghijklmnopqrstuvwxyz_";
  const size_t from = random_at(letters), other = random_at(letters);
  if (from == std::string::npos || other == std::string::npos) return;
  const std::string word =
      text.substr(other, std::min(text.find_first_not_of(letters, other), text.size()) - other);
  text.replace(from, std::min(text.find_first_not_of(letters, from), text.size()) - from, word);
}

}  // namespace

FuzzRange fuzz_range(int64_t usual) {
  return {chosen("REVERIE_FUZZ_FROM", 0), chosen("REVERIE_FUZZ", usual)};
}

size_t draw(contract::Rng& rng, size_t size) {
  return size == 0 ? 0 : static_cast<size_t>(rng.below(static_cast<int64_t>(size)));
}

const std::string& pick(const std::vector<std::string>& from, contract::Rng& rng) {
  return from[draw(rng, from.size())];
}

std::string edited(std::string text, const std::vector<std::string>& corpus,
                   const std::vector<std::string>& words, contract::Rng& rng) {
  const int64_t edits = 1 + rng.below(4);
  for (int64_t k = 0; k < edits; ++k) {
    if (rng.below(4) != 0) {
      edit_gently(text, rng);
      continue;
    }
    const size_t at = draw(rng, text.size() + 1);
    const size_t length = std::min(text.size() - at, 1 + draw(rng, 12));
    switch (rng.below(6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, pick(words, rng));
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(rng.below(256));
        break;
      case 4: {
        const std::string& other = pick(corpus, rng);
        text.insert(at, other.substr(draw(rng, other.size()), 20));
        break;
      }
      default:
        if (at < text.size()) text.replace(at, length, std::to_string(rng.below(20) - 5));
    }
  }
  return text;
}

}  // namespace reverie::fuzz
