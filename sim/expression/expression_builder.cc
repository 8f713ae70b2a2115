#include "sim/expression/expression_builder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/error.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

constexpr size_t kMaxSlots = 200000;
constexpr size_t kMaxText = 10000;
constexpr int kMaxDepth = 1000;
constexpr int kMaxElements = 20000;
constexpr int64_t kMaxWork = 4000000;

void check_size(const Value& value, size_t offset) {
  if (value.slots.size() > static_cast<size_t>(kMaxElements)) {
    throw ExpressionError(offset, fmt::format("more than {} numbers", kMaxElements));
  }
}

std::string shape_text(const Value& value) {
  if (value.size() == 1) return "a number";
  if (value.cols == 1) return fmt::format("a vector of {}", value.rows);
  return fmt::format("{} x {} numbers", value.rows, value.cols);
}

// Common shape of two operands; scalars and single rows stretch.
std::optional<std::pair<int, int>> common_shape(const Value& a, const Value& b) {
  if (a.size() == 1) return std::pair(b.rows, b.cols);
  if (b.size() == 1) return std::pair(a.rows, a.cols);
  if (a.rows == b.rows && a.cols == b.cols) return std::pair(a.rows, a.cols);
  if (a.size() == b.size() && (a.rows == 1 || b.rows == 1)) {  // [x, y, z] with a position
    return a.rows == 1 ? std::pair(a.rows, a.cols) : std::pair(b.rows, b.cols);
  }
  if (a.cols > 1 && (b.size() == a.cols) && (b.rows == 1 || b.cols == 1)) return std::pair(a.rows, a.cols);
  if (b.cols > 1 && (a.size() == b.cols) && (a.rows == 1 || a.cols == 1)) return std::pair(b.rows, b.cols);
  return std::nullopt;
}

}  // namespace

ProgramBuilder::ProgramBuilder(const Scope& scope, bool allow_prev)
    : scope_(scope), allow_prev_(allow_prev) {}

Program ProgramBuilder::take() {
  Program out = std::move(program_);
  program_ = {};
  is_constant_.clear();
  known_.clear();
  constants_.clear();
  signals_.clear();
  return out;
}

Value ProgramBuilder::compile(const TomlNode& node, std::string_view what, int size) {
  Value value;
  if (node.is_number()) {
    value.slots = {constant(node.number)};
  } else if (node.kind == TomlNode::Kind::kArray && !node.array.empty()) {
    value.rows = 0;
    for (const TomlNode& item : node.array) {
      const Value part = compile(item, what);
      value.rows += part.size();
      value.slots.insert(value.slots.end(), part.slots.begin(), part.slots.end());
    }
  } else if (node.kind == TomlNode::Kind::kString) {
    const int depth = depth_;
    try {
      if (node.string.size() > kMaxText)
        throw ExpressionError(0, fmt::format("longer than {} characters", kMaxText));
      value = evaluate(parse_expression(node.string));
    } catch (const ExpressionError& error) {
      fail_at(position_in_string(node, error.offset), fmt::format("{}: {}", what, error.what()));
    }
    depth_ = depth;
  } else {
    fail_at(node.position, fmt::format("{}: expected an expression, found {}", what, kind_name(node.kind)));
  }
  if (size >= 0 && value.size() != size) {
    const std::string expected = size == 1 ? "a number" : fmt::format("{} numbers", size);
    fail_at(node.position, fmt::format("{}: expected {}, found {}", what, expected, shape_text(value)));
  }
  return value;
}

const Value& ProgramBuilder::signal(std::string_view name) {
  const auto known = signals_.find(name);
  if (known != signals_.end()) return known->second;
  const auto found = std::find_if(scope_.signals.begin(), scope_.signals.end(),
                                  [&](const auto& item) { return item.first == name; });
  const std::string what = fmt::format("signal '{}'", name);
  if (std::find(open_signals_.begin(), open_signals_.end(), name) != open_signals_.end()) {
    fail_at(found->second.position, what + ": defined through itself");
  }
  open_signals_.emplace_back(name);
  Value value = compile(found->second, what);
  open_signals_.pop_back();
  return signals_.emplace(name, std::move(value)).first->second;
}

int ProgramBuilder::constant(double value) {
  const auto [found, is_new] = constants_.try_emplace(std::bit_cast<uint64_t>(value), program_.slot_count());
  if (is_new) {
    program_.initial.push_back(value);
    is_constant_.push_back(true);
  }
  return found->second;
}

std::optional<double> ProgramBuilder::constant_of(int slot) const {
  if (!is_constant_[static_cast<size_t>(slot)]) return std::nullopt;
  return program_.initial[static_cast<size_t>(slot)];
}

int ProgramBuilder::emit(Op op, std::array<int, 6> args, int outputs) {
  if (++work_ > kMaxWork) throw ExpressionError(0, "the task's expressions are too large");
  std::array<int, 7> key{static_cast<int>(op)};
  std::copy(args.begin(), args.end(), key.begin() + 1);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  if (program_.initial.size() > kMaxSlots) throw ExpressionError(0, "the task's expressions are too large");
  const int out = program_.slot_count();
  program_.initial.resize(program_.initial.size() + static_cast<size_t>(outputs), 0.0);
  is_constant_.resize(program_.initial.size(), false);
  program_.code.push_back({op, out, args});
  return known_[key] = out;
}

Value ProgramBuilder::elementwise(Op op, const std::vector<Value>& values, size_t offset) {
  Value out;
  out.rows = values[0].rows, out.cols = values[0].cols;
  for (size_t i = 1; i < values.size(); ++i) {
    const auto shape = common_shape(out, values[i]);
    if (!shape) {
      throw ExpressionError(
          offset, fmt::format("shapes do not fit: {} with {}", shape_text(out), shape_text(values[i])));
    }
    std::tie(out.rows, out.cols) = *shape;
  }
  out.slots.resize(static_cast<size_t>(out.size()));
  for (int i = 0; i < out.size(); ++i) {
    std::array<int, 6> args{};
    std::array<double, 3> folded{};
    bool all_constant = true;
    for (size_t k = 0; k < values.size(); ++k) {
      const Value& v = values[k];
      args[k] = v.slots[static_cast<size_t>(v.size() == out.size() ? i : i % v.size())];
      const auto known = constant_of(args[k]);
      all_constant = all_constant && known.has_value();
      folded[k] = known.value_or(0.0);
    }
    for (size_t k = values.size(); k < 3; ++k) args[k] = args[0];
    out.slots[static_cast<size_t>(i)] =
        all_constant ? constant(apply_scalar(op, folded[0], folded[1], folded[2])) : emit(op, args);
  }
  return out;
}

Value ProgramBuilder::remember(const Value& value, size_t offset) {
  if (!allow_prev_) throw ExpressionError(offset, "prev() has no meaning during a reset");
  const int start = scope_.layout->allocate(value.size());
  remembered_.push_back({value.slots, start});
  Value out = value;
  for (int i = 0; i < value.size(); ++i)
    out.slots[static_cast<size_t>(i)] = load(Source::kTaskState, start + i);
  return out;
}

int ProgramBuilder::geom_set(std::vector<uint8_t> members) {
  auto& sets = program_.geom_sets;
  const auto found = std::find(sets.begin(), sets.end(), members);
  if (found != sets.end()) return static_cast<int>(found - sets.begin());
  sets.push_back(std::move(members));
  return static_cast<int>(sets.size()) - 1;
}

Value ProgramBuilder::evaluate(const SyntaxNode& node) {
  if (++depth_ > kMaxDepth) throw ExpressionError(node.offset, "nested too deeply");
  Value out;
  switch (node.kind) {
    case SyntaxNode::Kind::kNumber:
      out.slots = {constant(node.number)};
      break;
    case SyntaxNode::Kind::kString:
      throw ExpressionError(node.offset, "a name in quotes stands only inside a function's parentheses");
    case SyntaxNode::Kind::kName:
      out = name_value(node);
      break;
    case SyntaxNode::Kind::kCall:
      out = call_function(*this, node);
      break;
    case SyntaxNode::Kind::kUnary:
      out = elementwise(node.text == "-" ? Op::kNeg : Op::kNot, {evaluate(node.children[0])}, node.offset);
      break;
    case SyntaxNode::Kind::kBinary:
      out = binary_value(node);
      break;
    case SyntaxNode::Kind::kList:
      out.rows = 0;
      for (const SyntaxNode& item : node.children) {
        const Value part = evaluate(item);
        out.rows += part.size();
        out.slots.insert(out.slots.end(), part.slots.begin(), part.slots.end());
        check_size(out, node.offset);
      }
      break;
    case SyntaxNode::Kind::kMember:
      out = member(evaluate(node.children[0]), node.text, node.offset);
      break;
    case SyntaxNode::Kind::kIndex:
    case SyntaxNode::Kind::kSlice:
      out = index_value(node);
      break;
  }
  check_size(out, node.offset);
  --depth_;
  return out;
}

int64_t ProgramBuilder::constant_index(const SyntaxNode& node, int64_t missing) {
  if (node.kind == SyntaxNode::Kind::kList && node.children.empty()) return missing;
  const Value value = evaluate(node);
  const auto number = value.size() == 1 ? constant_of(value.slots[0]) : std::nullopt;
  if (!number || std::abs(*number) > 1e9 || *number != std::floor(*number)) {
    throw ExpressionError(node.offset, "an index is a constant integer");
  }
  return static_cast<int64_t>(*number);
}

Value ProgramBuilder::index_value(const SyntaxNode& node) {
  const Value base = evaluate(node.children[0]);
  const bool single_row = base.rows == 1;  // index the components of a single position
  const int count = single_row ? base.cols : base.rows, width = single_row ? 1 : base.cols;
  int64_t from = constant_index(node.children[1], 0), to = from + 1;
  if (node.kind == SyntaxNode::Kind::kSlice) {
    to = constant_index(node.children[2], count);
    if (to < 0) to += count;
  }
  if (from < 0) {
    to += node.kind == SyntaxNode::Kind::kIndex ? count : 0;
    from += count;
  }
  if (from < 0 || to > count || from >= to) {
    throw ExpressionError(node.offset, fmt::format("index outside 0..{}", count - 1));
  }
  Value out;
  out.rows = static_cast<int>(to - from), out.cols = width;
  out.slots.assign(base.slots.begin() + from * width, base.slots.begin() + to * width);
  return out;
}

Value ProgramBuilder::binary_value(const SyntaxNode& node) {
  static const std::map<std::string, Op, std::less<>> kOps = {
      {"+", Op::kAdd},        {"-", Op::kSub},        {"*", Op::kMul},    {"/", Op::kDiv},
      {"%", Op::kMod},        {"**", Op::kPow},       {"<", Op::kLess},   {">", Op::kLess},
      {"<=", Op::kLessEqual}, {">=", Op::kLessEqual}, {"==", Op::kEqual}, {"!=", Op::kNotEqual},
      {"and", Op::kAnd},      {"or", Op::kOr}};
  Value left = evaluate(node.children[0]), right = evaluate(node.children[1]);
  if (node.text == ">" || node.text == ">=") std::swap(left, right);
  return elementwise(kOps.at(node.text), {std::move(left), std::move(right)}, node.offset);
}

std::vector<double> constant_values(const Scope& scope, const TomlNode& node, std::string_view what) {
  ProgramBuilder builder(scope);
  const Value value = builder.compile(node, what);
  std::vector<double> out;
  for (const int slot : value.slots) {
    const auto number = builder.constant_of(slot);
    if (!number) fail_at(node.position, fmt::format("{}: must not depend on the state", what));
    if (std::isnan(*number)) fail_at(node.position, fmt::format("{}: is not a number", what));
    out.push_back(*number);
  }
  return out;
}

std::vector<double> finite_values(const Scope& scope, const TomlNode& node, std::string_view what, int size) {
  std::vector<double> values = constant_values(scope, node, what);
  if (size >= 0 && values.size() != static_cast<size_t>(size)) {
    const std::string expected = size == 1 ? "a number" : fmt::format("{} numbers", size);
    fail_at(node.position, fmt::format("{}: expected {}, found {}", what, expected, values.size()));
  }
  for (const double value : values)
    if (std::isinf(value))
      fail_at(node.position, fmt::format("{}: expected finite numbers, found {}", what, value));
  return values;
}

double constant_value(const Scope& scope, const TomlNode& node, std::string_view what) {
  const std::vector<double> values = constant_values(scope, node, what);
  if (values.size() != 1)
    fail_at(node.position, fmt::format("{}: expected a number, found {}", what, values.size()));
  return values[0];
}

}  // namespace reverie::sim
