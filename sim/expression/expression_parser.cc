#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/expression/expression_syntax.h"

namespace reverie::sim {
namespace {

constexpr int kMaxDepth = 100;

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  SyntaxNode parse() {
    SyntaxNode node = parse_or();
    if (peek().kind != Token::Kind::kEnd) fail(fmt::format("unexpected '{}'", peek().text));
    return node;
  }

 private:
  struct Depth {
    explicit Depth(Parser& owner) : parser(owner) {
      if (++parser.depth_ > kMaxDepth) parser.fail("nested too deeply");
    }
    ~Depth() { --parser.depth_; }
    Parser& parser;
  };

  const Token& peek() const { return tokens_[next_]; }
  bool is_symbol(std::string_view text) const {
    return peek().kind == Token::Kind::kSymbol && peek().text == text;
  }
  bool is_word(std::string_view text) const {
    return peek().kind == Token::Kind::kName && peek().text == text;
  }
  bool accept(std::string_view symbol) {
    if (!is_symbol(symbol)) return false;
    ++next_;
    return true;
  }
  void expect(std::string_view symbol) {
    if (!accept(symbol)) fail(fmt::format("expected '{}', found '{}'", symbol, peek().text));
  }
  [[noreturn]] void fail(const std::string& message) const { throw ExpressionError(peek().offset, message); }

  static SyntaxNode make(SyntaxNode::Kind kind, std::string text, size_t offset,
                         std::vector<SyntaxNode> children) {
    SyntaxNode node;
    node.kind = kind;
    node.text = std::move(text);
    node.offset = offset;
    node.children = std::move(children);
    return node;
  }
  static SyntaxNode binary(std::string text, size_t offset, SyntaxNode a, SyntaxNode b) {
    std::vector<SyntaxNode> children;
    children.push_back(std::move(a));
    children.push_back(std::move(b));
    return make(SyntaxNode::Kind::kBinary, std::move(text), offset, std::move(children));
  }

  // Left-associative chains build left-deep trees; their length counts as depth because the
  // compiler recurses on them.
  template <typename Next>
  SyntaxNode parse_chain(Next next, std::initializer_list<std::string_view> symbols,
                         std::initializer_list<std::string_view> words) {
    SyntaxNode left = next();
    for (int length = 0;; ++length) {
      const bool matches =
          std::any_of(symbols.begin(), symbols.end(), [&](std::string_view s) { return is_symbol(s); }) ||
          std::any_of(words.begin(), words.end(), [&](std::string_view s) { return is_word(s); });
      if (!matches) return left;
      if (length > kMaxDepth) fail("chain of operators too long");
      const Token token = tokens_[next_++];
      left = binary(token.text, token.offset, std::move(left), next());
    }
  }

  SyntaxNode parse_or() {
    const Depth depth(*this);
    return parse_chain([this] { return parse_and(); }, {}, {"or"});
  }
  SyntaxNode parse_and() {
    return parse_chain([this] { return parse_not(); }, {}, {"and"});
  }
  SyntaxNode parse_not() {
    if (!is_word("not")) return parse_comparison();
    const Depth depth(*this);
    const size_t offset = tokens_[next_++].offset;
    std::vector<SyntaxNode> child;
    child.push_back(parse_not());
    return make(SyntaxNode::Kind::kUnary, "not", offset, std::move(child));
  }

  bool at_comparison() const {
    static constexpr std::string_view kOps[] = {"<", "<=", ">", ">=", "==", "!="};
    return std::any_of(std::begin(kOps), std::end(kOps),
                       [this](std::string_view op) { return is_symbol(op); });
  }

  SyntaxNode parse_comparison() {
    SyntaxNode left = parse_sum();
    if (!at_comparison()) return left;
    SyntaxNode result;
    for (int length = 0; at_comparison(); ++length) {
      if (length > kMaxDepth) fail("chain of comparisons too long");
      const Token token = tokens_[next_++];
      SyntaxNode right = parse_sum();
      SyntaxNode link = binary(token.text, token.offset, std::move(left), right);
      result =
          length == 0 ? std::move(link) : binary("and", token.offset, std::move(result), std::move(link));
      left = std::move(right);
    }
    return result;
  }

  SyntaxNode parse_sum() {
    return parse_chain([this] { return parse_product(); }, {"+", "-"}, {});
  }
  SyntaxNode parse_product() {
    return parse_chain([this] { return parse_unary(); }, {"*", "/", "%"}, {});
  }

  SyntaxNode parse_unary() {
    const Depth depth(*this);
    const size_t offset = peek().offset;
    if (accept("+")) return parse_unary();
    if (!accept("-")) return parse_power();
    std::vector<SyntaxNode> child;
    child.push_back(parse_unary());
    return make(SyntaxNode::Kind::kUnary, "-", offset, std::move(child));
  }

  SyntaxNode parse_power() {
    SyntaxNode base = parse_postfix();
    const size_t offset = peek().offset;
    if (!accept("**") && !accept("^")) return base;
    return binary("**", offset, std::move(base), parse_unary());
  }

  SyntaxNode parse_postfix() {
    SyntaxNode node = parse_primary();
    for (int length = 0; is_symbol(".") || is_symbol("["); ++length) {
      if (length > kMaxDepth) fail("chain of components too long");
      const size_t offset = peek().offset;
      if (accept(".")) {
        if (peek().kind != Token::Kind::kName)
          fail(fmt::format("expected a component, found '{}'", peek().text));
        std::vector<SyntaxNode> child;
        child.push_back(std::move(node));
        node = make(SyntaxNode::Kind::kMember, tokens_[next_].text, tokens_[next_].offset, std::move(child));
        ++next_;
      } else {
        node = parse_index(std::move(node), offset);
      }
    }
    return node;
  }

  SyntaxNode parse_index(SyntaxNode base, size_t offset) {
    expect("[");
    std::vector<SyntaxNode> children;
    children.push_back(std::move(base));
    const SyntaxNode missing = make(SyntaxNode::Kind::kList, "", offset, {});
    children.push_back(is_symbol(":") ? missing : parse_or());
    SyntaxNode::Kind kind = SyntaxNode::Kind::kIndex;
    if (accept(":")) {
      kind = SyntaxNode::Kind::kSlice;
      children.push_back(is_symbol("]") ? missing : parse_or());
    }
    expect("]");
    return make(kind, "", offset, std::move(children));
  }

  SyntaxNode parse_primary() {
    const Token token = peek();
    if (token.kind == Token::Kind::kEnd) fail("the expression ends too early");
    ++next_;
    if (token.kind == Token::Kind::kNumber) {
      SyntaxNode node = make(SyntaxNode::Kind::kNumber, token.text, token.offset, {});
      node.number = token.number;
      return node;
    }
    if (token.kind == Token::Kind::kString)
      return make(SyntaxNode::Kind::kString, token.text, token.offset, {});
    if (token.kind == Token::Kind::kName)
      return accept("(") ? parse_call(token) : make(SyntaxNode::Kind::kName, token.text, token.offset, {});
    if (token.text == "(") {
      SyntaxNode node = parse_or();
      expect(")");
      return node;
    }
    if (token.text == "[") return parse_list(token.offset);
    --next_;
    fail(fmt::format("unexpected '{}'", token.text));
  }

  SyntaxNode parse_list(size_t offset) {
    std::vector<SyntaxNode> items;
    while (!accept("]")) {
      items.push_back(parse_or());
      if (!is_symbol("]")) expect(",");
    }
    if (items.empty()) throw ExpressionError(offset, "an empty list");
    return make(SyntaxNode::Kind::kList, "", offset, std::move(items));
  }

  SyntaxNode parse_call(const Token& name) {
    SyntaxNode node = make(SyntaxNode::Kind::kCall, name.text, name.offset, {});
    while (!accept(")")) {
      std::string argument;
      if (peek().kind == Token::Kind::kName && tokens_[next_ + 1].kind == Token::Kind::kSymbol &&
          tokens_[next_ + 1].text == "=") {
        argument = peek().text;
        next_ += 2;
      } else if (!node.argument_names.empty() && !node.argument_names.back().empty()) {
        fail("positional argument after a named one");
      }
      node.argument_names.push_back(std::move(argument));
      node.children.push_back(parse_or());
      if (!is_symbol(")")) expect(",");
    }
    return node;
  }

  std::vector<Token> tokens_;
  size_t next_ = 0;
  int depth_ = 0;
};

}  // namespace

SyntaxNode parse_expression(std::string_view text) { return Parser(tokenize(text)).parse(); }

}  // namespace reverie::sim
