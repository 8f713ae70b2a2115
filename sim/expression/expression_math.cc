// Functions that compute: elementwise mathematics, reductions, vectors and rotations, tol, if, prev.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "sim/expression/expression_table.h"

namespace reverie::sim {
namespace {

Value scalar(int slot) {
  Value out;
  out.slots = {slot};
  return out;
}

Value slice_of(const Value& value, int row) {
  Value out;
  out.cols = value.cols;
  const auto first = value.slots.begin() + int64_t{row} * value.cols;
  out.slots.assign(first, first + value.cols);
  return out;
}

Value flat(Value value) {
  value.rows = value.size(), value.cols = 1;
  return value;
}

// Left fold of a two-argument operation over slots.
Value fold(ProgramBuilder& builder, Op op, const std::vector<int>& slots, size_t offset) {
  Value out = scalar(slots[0]);
  for (size_t i = 1; i < slots.size(); ++i) out = builder.elementwise(op, {out, scalar(slots[i])}, offset);
  return out;
}

Value map1(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const auto args = bind_arguments(call, {"x"}, 1);
  return builder.elementwise(static_cast<Op>(f.a), {builder.evaluate(*args[0])}, call.offset);
}

Value map2(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const auto args = bind_arguments(call, {"a", "b"}, 2);
  return builder.elementwise(static_cast<Op>(f.a), {builder.evaluate(*args[0]), builder.evaluate(*args[1])},
                             call.offset);
}

Value reduce(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const auto args = bind_arguments(call, {"x"}, 1);
  return fold(builder, static_cast<Op>(f.a), builder.evaluate(*args[0]).slots, call.offset);
}

// min(x) reduces; min(a, b, ...) is elementwise.
Value extreme(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  if (call.children.size() == 1) return reduce(builder, call, f);
  if (call.children.empty()) throw ExpressionError(call.offset, call.text + "() needs an argument");
  Value out = builder.evaluate(call.children[0]);
  for (size_t i = 1; i < call.children.size(); ++i) {
    out = builder.elementwise(static_cast<Op>(f.a), {out, builder.evaluate(call.children[i])}, call.offset);
  }
  return out;
}

Value mean(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"x"}, 1);
  const Value x = builder.evaluate(*args[0]);
  return builder.elementwise(
      Op::kDiv, {fold(builder, Op::kAdd, x.slots, call.offset), scalar(builder.constant(x.size()))},
      call.offset);
}

Value dot_of(ProgramBuilder& builder, const Value& a, const Value& b, size_t offset) {
  return fold(builder, Op::kAdd, builder.elementwise(Op::kMul, {a, b}, offset).slots, offset);
}

// Length of a vector, or of every row of a table.
Value norm(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"x"}, 1);
  const Value x = builder.evaluate(*args[0]);
  const bool by_row = x.rows > 1 && x.cols > 1;
  Value out;
  out.rows = by_row ? x.rows : 1;
  for (int row = 0; row < out.rows; ++row) {
    const Value v = by_row ? slice_of(x, row) : x;
    out.slots.push_back(
        builder.elementwise(Op::kSqrt, {dot_of(builder, v, v, call.offset)}, call.offset).slots[0]);
  }
  return out;
}

Value dot(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"a", "b"}, 2);
  return dot_of(builder, builder.evaluate(*args[0]), builder.evaluate(*args[1]), call.offset);
}

Value vector3(ProgramBuilder& builder, const SyntaxNode& node) {
  Value v = builder.evaluate(node);
  if (v.size() != 3) throw ExpressionError(node.offset, "expected 3 numbers");
  v.rows = 1, v.cols = 3;
  return v;
}

Value cross(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"a", "b"}, 2);
  const Value a = vector3(builder, *args[0]), b = vector3(builder, *args[1]);
  const auto product = [&](int i, int j) {
    return builder.elementwise(Op::kMul, {scalar(a.slots[i]), scalar(b.slots[j])}, call.offset);
  };
  Value out;
  out.cols = 3;
  for (int k = 0; k < 3; ++k) {
    const int i = (k + 1) % 3, j = (k + 2) % 3;
    out.slots.push_back(builder.elementwise(Op::kSub, {product(i, j), product(j, i)}, call.offset).slots[0]);
  }
  return out;
}

// Multiply the rows of v by a rotation matrix (f.a = 0) or its transpose (f.a = 1).
Value rotate(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const auto args = bind_arguments(call, {"rotation", "v"}, 2);
  const Value r = builder.evaluate(*args[0]);
  Value v = builder.evaluate(*args[1]);
  if (v.cols == 1 && v.rows == 3) std::swap(v.rows, v.cols);
  if (r.cols != 9 || v.cols != 3 || (r.rows != 1 && r.rows != v.rows)) {
    throw ExpressionError(call.offset, fmt::format("{}() takes a rotation matrix and positions", call.text));
  }
  Value out;
  out.rows = v.rows, out.cols = 3;
  for (int row = 0; row < v.rows; ++row) {
    const int base = r.rows == 1 ? 0 : 9 * row;
    for (int i = 0; i < 3; ++i) {
      Value line;
      line.cols = 3;
      for (int j = 0; j < 3; ++j) line.slots.push_back(r.slots[base + (f.a == 0 ? 3 * i + j : 3 * j + i)]);
      out.slots.push_back(dot_of(builder, line, slice_of(v, row), call.offset).slots[0]);
    }
  }
  return out;
}

// Heading of a rotation matrix or quaternion about z.
Value yaw(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"orientation"}, 1);
  const Value r = builder.evaluate(*args[0]);
  if (r.rows != 1 || (r.cols != 9 && r.cols != 4))
    throw ExpressionError(call.offset, "yaw() takes one orientation");
  if (r.cols == 9)
    return builder.elementwise(Op::kAtan2, {scalar(r.slots[3]), scalar(r.slots[0])}, call.offset);
  const auto product = [&](int i, int j) {
    return builder.elementwise(Op::kMul, {scalar(r.slots[i]), scalar(r.slots[j])}, call.offset);
  };
  const Value two = scalar(builder.constant(2.0)), one = scalar(builder.constant(1.0));
  const Value up = builder.elementwise(
      Op::kMul, {two, builder.elementwise(Op::kAdd, {product(0, 3), product(1, 2)}, 0)}, 0);
  const Value along = builder.elementwise(
      Op::kSub,
      {one, builder.elementwise(Op::kMul,
                                {two, builder.elementwise(Op::kAdd, {product(2, 2), product(3, 3)}, 0)}, 0)},
      0);
  return builder.elementwise(Op::kAtan2, {up, along}, call.offset);
}

Value components(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  if (call.children.size() < 2)
    throw ExpressionError(call.offset, "components(x, \"xx\", ...) needs component names");
  const Value x = builder.evaluate(call.children[0]);
  std::vector<Value> picked;
  for (size_t i = 1; i < call.children.size(); ++i) {
    const SyntaxNode& name = call.children[i];
    if (name.kind != SyntaxNode::Kind::kString)
      throw ExpressionError(name.offset, "expected a component name in quotes");
    picked.push_back(builder.member(x, name.text, name.offset));
    if (picked.back().size() != x.rows) throw ExpressionError(name.offset, "one component a name");
  }
  Value out;
  out.rows = x.rows * static_cast<int>(picked.size());
  for (int row = 0; row < x.rows; ++row) {
    for (const Value& p : picked) out.slots.push_back(p.slots[static_cast<size_t>(row)]);
  }
  return out;
}

Value interleave(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  std::vector<Value> parts;
  parts.reserve(call.children.size());
  for (const SyntaxNode& child : call.children) parts.push_back(builder.evaluate(child));
  if (parts.empty()) throw ExpressionError(call.offset, "interleave() needs arguments");
  Value out;
  out.rows = parts[0].size() * static_cast<int>(parts.size());
  for (int i = 0; i < parts[0].size(); ++i) {
    for (const Value& part : parts) {
      if (part.size() != parts[0].size())
        throw ExpressionError(call.offset, "interleave() takes equal sizes");
      out.slots.push_back(part.slots[static_cast<size_t>(i)]);
    }
  }
  return out;
}

Value clip(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"x", "low", "high"}, 3);
  const Value low =
      builder.elementwise(Op::kMax, {builder.evaluate(*args[0]), builder.evaluate(*args[1])}, call.offset);
  return builder.elementwise(Op::kMin, {low, builder.evaluate(*args[2])}, call.offset);
}

Value select(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"condition", "then", "else"}, 3);
  return builder.elementwise(
      Op::kSelect, {builder.evaluate(*args[0]), builder.evaluate(*args[1]), builder.evaluate(*args[2])},
      call.offset);
}

Value prev(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"x"}, 1);
  return builder.remember(builder.evaluate(*args[0]), call.offset);
}

Sigmoid sigmoid_named(const SyntaxNode* node) {
  constexpr Named<Sigmoid> kSigmoids[] = {
      {"gaussian", Sigmoid::kGaussian},   {"hyperbolic", Sigmoid::kHyperbolic},
      {"long_tail", Sigmoid::kLongTail},  {"reciprocal", Sigmoid::kReciprocal},
      {"cosine", Sigmoid::kCosine},       {"linear", Sigmoid::kLinear},
      {"quadratic", Sigmoid::kQuadratic}, {"tanh_squared", Sigmoid::kTanhSquared}};
  if (node == nullptr) return Sigmoid::kGaussian;
  std::vector<std::string> names;
  for (const Named<Sigmoid>& one : kSigmoids) {
    if (node->kind == SyntaxNode::Kind::kString && node->text == one.name) return one.value;
    names.emplace_back(one.name);
  }
  throw ExpressionError(
      node->offset, fmt::format("unknown sigmoid '{}'{}", node->text, base::did_you_mean(node->text, names)));
}

// Constant parameters of tol() are checked when the task is loaded.
void check_tolerance(ProgramBuilder& builder, const SyntaxNode& call, const std::array<Value, 4>& parameters,
                     Sigmoid sigmoid) {
  std::array<double, 4> known{};
  for (size_t k = 0; k < 4; ++k) {
    if (parameters[k].size() != 1)
      throw ExpressionError(call.offset, "tol(): bounds, margin and at_margin are numbers");
    const auto value = builder.constant_of(parameters[k].slots[0]);
    if (!value) return;
    known[k] = *value;
  }
  const auto [low, high, margin, at_margin] = known;
  if (!(low <= high))
    throw ExpressionError(call.offset, fmt::format("tol(): lower bound {} above upper bound {}", low, high));
  if (!(margin >= 0.0)) throw ExpressionError(call.offset, fmt::format("tol(): negative margin {}", margin));
  if (std::isnan(tolerance(high, low, high, margin, at_margin, sigmoid))) {
    throw ExpressionError(
        call.offset, fmt::format("tol(): at_margin {} is outside this sigmoid's domain (0..1)", at_margin));
  }
}

Value tol(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const auto args = bind_arguments(call, {"x", "bounds", "margin", "at_margin", "sigmoid"}, 1);
  const Value x = builder.evaluate(*args[0]);
  const Value zero = scalar(builder.constant(0.0));
  Value low = zero, high = zero;
  if (args[1] != nullptr) {
    const Value bounds = builder.evaluate(*args[1]);
    if (bounds.size() != 2) throw ExpressionError(args[1]->offset, "bounds are [low, high]");
    low = scalar(bounds.slots[0]), high = scalar(bounds.slots[1]);
  }
  const Value margin = args[2] == nullptr ? zero : builder.evaluate(*args[2]);
  const Value at_margin = args[3] == nullptr ? scalar(builder.constant(0.1)) : builder.evaluate(*args[3]);
  const Sigmoid sigmoid = sigmoid_named(args[4]);
  check_tolerance(builder, call, {low, high, margin, at_margin}, sigmoid);
  Value out = x;
  for (int& slot : out.slots) {
    slot = builder.emit(Op::kTolerance, {slot, low.slots[0], high.slots[0], margin.slots[0],
                                         at_margin.slots[0], static_cast<int>(sigmoid)});
  }
  return out;
}

Value flatten(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  return flat(builder.evaluate(*bind_arguments(call, {"x"}, 1)[0]));
}

int as_int(Op op) { return static_cast<int>(op); }

std::vector<Function> elementwise_functions() {
  const std::pair<const char*, Op> unary[] = {
      {"abs", Op::kAbs},     {"sign", Op::kSign}, {"floor", Op::kFloor}, {"ceil", Op::kCeil},
      {"round", Op::kRound}, {"sqrt", Op::kSqrt}, {"exp", Op::kExp},     {"log", Op::kLog},
      {"log1p", Op::kLog1p}, {"sin", Op::kSin},   {"cos", Op::kCos},     {"tan", Op::kTan},
      {"asin", Op::kAsin},   {"acos", Op::kAcos}, {"atan", Op::kAtan},   {"sinh", Op::kSinh},
      {"cosh", Op::kCosh},   {"tanh", Op::kTanh}, {"asinh", Op::kAsinh}, {"acosh", Op::kAcosh},
      {"atanh", Op::kAtanh}};
  std::vector<Function> out;
  for (const auto& [name, op] : unary)
    out.push_back({name, fmt::format("{}(x)", name), "elementwise", map1, as_int(op)});
  return out;
}

}  // namespace

std::vector<Function> math_functions() {
  std::vector<Function> out = elementwise_functions();
  const std::vector<Function> more = {
      {"wrap", "wrap(x)", "an angle brought to [-pi, pi)", map1, as_int(Op::kWrap)},
      {"isfinite", "isfinite(x)", "1 where finite", map1, as_int(Op::kIsFinite)},
      {"atan2", "atan2(y, x)", "elementwise", map2, as_int(Op::kAtan2)},
      {"pow", "pow(a, b)", "elementwise, as a ** b", map2, as_int(Op::kPow)},
      {"min", "min(x) or min(a, b, ...)", "smallest element, or elementwise", extreme, as_int(Op::kMin)},
      {"max", "max(x) or max(a, b, ...)", "largest element, or elementwise", extreme, as_int(Op::kMax)},
      {"sum", "sum(x)", "over all elements", reduce, as_int(Op::kAdd)},
      {"prod", "prod(x)", "over all elements", reduce, as_int(Op::kMul)},
      {"any", "any(x)", "1 if an element is not 0", reduce, as_int(Op::kOr)},
      {"all", "all(x)", "1 if no element is 0", reduce, as_int(Op::kAnd)},
      {"mean", "mean(x)", "over all elements", mean},
      {"norm", "norm(x)", "length of a vector, or of every row", norm},
      {"dot", "dot(a, b)", "sum of products", dot},
      {"cross", "cross(a, b)", "vector product", cross},
      {"rotate", "rotate(rotation, v)", "from the frame of a rotation matrix to the world", rotate, 0},
      {"to_local", "to_local(rotation, v)", "from the world to the frame of a rotation matrix", rotate, 1},
      {"yaw", "yaw(orientation)", "heading of a matrix or quaternion", yaw},
      {"components", "components(x, \"xx\", ...)", "components of every row, row by row", components},
      {"interleave", "interleave(a, b, ...)", "a[0], b[0], a[1], b[1], ...", interleave},
      {"flatten", "flatten(x)", "all elements as one vector", flatten},
      {"clip", "clip(x, low, high)", "elementwise", clip},
      {"if", "if(condition, then, else)", "elementwise choice", select},
      {"prev", "prev(x)", "the value of x one control step ago (its present value right after a reset)",
       prev},
      {"tol", "tol(x, bounds=[0, 0], margin=0, at_margin=0.1, sigmoid=\"gaussian\")",
       "1 inside the bounds, falling to at_margin at the distance margin", tol},
  };
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace reverie::sim
