#include "interop/graph.h"

#include <fmt/format.h>

#include <span>
#include <stdexcept>
#include <utility>

namespace reverie::interop {

Value Graph::input(const std::string& name, int64_t width) {
  inputs_.push_back({name, width});
  return inputs_.back();
}

void Graph::output(const std::string& name, const Value& value) {
  outputs_.push_back({name, value.width});
  results_.push_back(value.name);
}

std::string Graph::constant(const std::string& name, const base::TensorData& tensor) {
  const auto [found, added] = constants_.emplace(name, tensor);
  if (!added && found->second.data != tensor.data)
    throw std::logic_error(fmt::format("Graph::constant: two of the name '{}'", name));
  return name;
}

std::string Graph::constant(const std::string& name, const std::vector<float>& row) {
  return constant(name, base::make_tensor(std::span<const float>(row), {static_cast<int64_t>(row.size())}));
}

std::string Graph::constant(float number) {
  return constant(fmt::format("number {}", number),
                  base::make_tensor(std::span<const float>(&number, 1), {}));
}

Value Graph::add(Op op, std::vector<std::string> arguments, std::vector<int64_t> numbers, int64_t from,
                 int64_t width) {
  Value result{fmt::format("h{}", nodes_.size()), width};
  nodes_.push_back({op, std::move(arguments), std::move(numbers), result, from});
  return result;
}

Value Graph::linear(const Value& x, const std::string& weight, const std::string& bias) {
  return add(Op::kLinear, {x.name, weight, bias}, {}, x.width, constants_.at(weight).shape.at(0));
}

Value Graph::layer_norm(const Value& x, const std::string& gamma, const std::string& beta) {
  return add(Op::kLayerNorm, {x.name, gamma, beta}, {}, x.width, x.width);
}

Value Graph::silu(const Value& x) { return combine(Op::kMul, x, apply(Op::kSigmoid, x)); }

Value Graph::apply(Op op, const Value& x) { return add(op, {x.name}, {}, x.width, x.width); }

Value Graph::softmax(const Value& x, int64_t group) {
  return add(Op::kSoftmax, {x.name}, {group}, x.width, x.width);
}

Value Graph::slice(const Value& x, int64_t begin, int64_t end) {
  return add(Op::kSlice, {x.name}, {begin, end}, x.width, end - begin);
}

Value Graph::pick(const Value& x, const std::vector<int64_t>& columns) {
  return add(Op::kPick, {x.name}, columns, x.width, static_cast<int64_t>(columns.size()));
}

Value Graph::join(const Value& a, const Value& b) {
  return add(Op::kJoin, {a.name, b.name}, {}, a.width, a.width + b.width);
}

Value Graph::combine(Op op, const Value& a, const Value& b) { return combine(op, a, b.name); }

Value Graph::combine(Op op, const Value& a, const std::string& other) {
  return add(op, {a.name, other}, {}, a.width, a.width);
}

Value Graph::row_sum(const Value& x) { return add(Op::kRowSum, {x.name}, {}, x.width, 0); }

Value Graph::dot(const Value& x, const std::string& vector) {
  return add(Op::kDot, {x.name, vector}, {}, x.width, 0);
}

Value Graph::column(const Value& x) { return add(Op::kColumn, {x.name}, {}, x.width, 0); }

const char* op_name(Op op) {
  switch (op) {
    case Op::kLinear:
      return "linear";
    case Op::kLayerNorm:
      return "layer_norm";
    case Op::kSigmoid:
      return "sigmoid";
    case Op::kTanh:
      return "tanh";
    case Op::kSqrt:
      return "sqrt";
    case Op::kCos:
      return "cos";
    case Op::kSin:
      return "sin";
    case Op::kAtan2:
      return "atan2";
    case Op::kSoftmax:
      return "softmax";
    case Op::kSlice:
      return "slice";
    case Op::kPick:
      return "pick";
    case Op::kJoin:
      return "join";
    case Op::kAdd:
      return "add";
    case Op::kSub:
      return "sub";
    case Op::kMul:
      return "mul";
    case Op::kDiv:
      return "div";
    case Op::kMin:
      return "min";
    case Op::kMax:
      return "max";
    case Op::kRowSum:
      return "row_sum";
    case Op::kDot:
      return "dot";
    case Op::kColumn:
      return "column";
  }
  throw std::logic_error("op_name: no such operation");
}

std::string graph_text(const Graph& graph) {
  std::string text;
  for (const Node& node : graph.nodes())
    text +=
        fmt::format("{} = {}({}{}{})\n", node.result.name, op_name(node.op), fmt::join(node.arguments, ", "),
                    node.numbers.empty() ? "" : ", ", fmt::join(node.numbers, ", "));
  for (size_t i = 0; i < graph.outputs().size(); ++i)
    text += fmt::format("{} = {}\n", graph.outputs()[i].name, graph.results()[i]);
  return text;
}

}  // namespace reverie::interop
