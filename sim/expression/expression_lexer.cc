#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "sim/expression/expression_syntax.h"

namespace reverie::sim {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

Token number_token(std::string_view text, size_t at) {
  Token token{Token::Kind::kNumber, "", 0.0, at};
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), token.number);
  if (error != std::errc()) throw ExpressionError(at, "number out of range");
  token.text = std::string(text.substr(at, static_cast<size_t>(end - text.data()) - at));
  return token;
}

// A quote in the string is written twice. `length`: with the quotes around it.
Token string_token(std::string_view text, size_t at, size_t& length) {
  Token token{Token::Kind::kString, "", 0.0, at};
  for (size_t i = at + 1; i < text.size(); ++i) {
    const bool quote = text[i] == text[at];
    if (quote && (i + 1 == text.size() || text[i + 1] != text[at])) {
      length = i + 1 - at;
      return token;
    }
    if (quote) ++i;
    token.text += text[i];
  }
  throw ExpressionError(at, "string without an end");
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  static constexpr std::string_view kTwo[] = {"**", "<=", ">=", "==", "!="};
  std::vector<Token> out;
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at;
      continue;
    }
    Token token{Token::Kind::kSymbol, std::string(1, c), 0.0, at};
    size_t length = 1;
    if (is_digit(c) || (c == '.' && at + 1 < text.size() && is_digit(text[at + 1]))) {
      token = number_token(text, at);
      length = token.text.size();
    } else if (is_name_start(c)) {
      while (at + length < text.size() && (is_name_start(text[at + length]) || is_digit(text[at + length])))
        ++length;
      token = {Token::Kind::kName, std::string(text.substr(at, length)), 0.0, at};
    } else if (c == '"' || c == '\'') {
      token = string_token(text, at, length);
    } else {
      for (const std::string_view two : kTwo) {
        if (text.substr(at, 2) == two) token.text = two, length = 2;
      }
      if (length == 1 && std::string_view("+-*/%^<>()[],.:=").find(c) == std::string_view::npos) {
        throw ExpressionError(at,
                              std::isprint(static_cast<unsigned char>(c))
                                  ? fmt::format("unexpected character '{}'", c)
                                  : fmt::format("unexpected byte 0x{:02x}", static_cast<unsigned char>(c)));
      }
    }
    at += length;
    out.push_back(std::move(token));
  }
  out.push_back({Token::Kind::kEnd, "end of expression", 0.0, text.size()});
  return out;
}

}  // namespace reverie::sim
