// Turns the text of an expression into a syntax tree.
// Operators from the loosest to the tightest:
//   or   and   not   comparisons (chained: 0 <= x < 1)   + -   * / %   unary -   ** (right)
//   postfix: .component   [index]   [from:to]   calls f(x, name=value)
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::sim {

// What is wrong, and where in the expression's text.
struct ExpressionError : std::runtime_error {
  ExpressionError(size_t at, const std::string& message) : std::runtime_error(message), offset(at) {}
  size_t offset;
};

struct Token {
  enum class Kind { kNumber, kString, kName, kSymbol, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;     // the symbol, name or string content
  double number = 0.0;  // kNumber
  size_t offset = 0;
};

// Throws ExpressionError at a character that starts no token. The last token is kEnd.
std::vector<Token> tokenize(std::string_view text);

struct SyntaxNode {
  enum class Kind {
    kNumber,  // number
    kString,  // text
    kName,    // text
    kCall,    // text(children), argument_names
    kUnary,   // text is "-" or "not"
    kBinary,  // text is the operator
    kList,    // [children]
    kMember,  // child.text
    kIndex,   // child[children[1]]
    kSlice,   // child[children[1]:children[2]]; a missing bound is a kList without children
  };
  Kind kind = Kind::kNumber;
  std::string text;
  double number = 0.0;
  size_t offset = 0;
  std::vector<SyntaxNode> children;
  std::vector<std::string> argument_names;  // of a call, "" when positional
};

// Throws ExpressionError. Nesting is limited to 100 levels.
SyntaxNode parse_expression(std::string_view text);

}  // namespace reverie::sim
