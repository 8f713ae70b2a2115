#include "base/toml.h"

#include <algorithm>

namespace reverie::base {
namespace {

constexpr int kMostParts = 16;

// Behind the string that opens at `at`. One that is not closed is the parser's to tell.
size_t behind_string(std::string_view text, size_t at) {
  const char quote = text[at];
  const std::string_view three = quote == '"' ? "\"\"\"" : "'''";
  const bool is_long = text.substr(at).starts_with(three);
  const std::string_view close = is_long ? three : text.substr(at, 1);
  for (size_t i = at + close.size(); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text.substr(i).starts_with(close)) {
      return i + close.size();
    } else if (!is_long && text[i] == '\n') {
      return i;
    }
  }
  return text.size();
}

bool is_of_key(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == ' ' || c == '\t';
}

// The parser bounds how deep values are nested, but not how many parts a key has.
void bound_keys(std::string_view text) {
  int dots = 0;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = behind_string(text, i);
      continue;
    }
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (c == '.') {
      ++dots;
    } else if (!is_of_key(c)) {
      dots = 0;
    }
    if (dots >= kMostParts) {
      const auto line = static_cast<toml::source_index>(1 + std::ranges::count(text.substr(0, i), '\n'));
      throw toml::parse_error("a key of more than 16 parts",
                              toml::source_region{{line, 1}, {line, 1}, nullptr});
    }
    ++i;
  }
}

}  // namespace

toml::table parse_toml(std::string_view text, std::string_view name) {
  bound_keys(text);
  return toml::parse(text, name);
}

}  // namespace reverie::base
