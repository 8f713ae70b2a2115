#include "interop/onnx.h"

#include <fmt/format.h>

#include <numbers>
#include <span>
#include <stdexcept>
#include <vector>

#include "base/protobuf.h"

namespace reverie::interop {
namespace {

using base::Protobuf;

// Numbers of ONNX's own enumerations.
constexpr int kFloat = 1, kInt64 = 7;                      // TensorProto.DataType
constexpr int kFloatAttribute = 1, kIntegerAttribute = 2;  // AttributeProto.AttributeType
constexpr int kIrVersion = 8, kOperators = 17;

Protobuf tensor(const std::string& name, const base::TensorData& data) {
  Protobuf out;
  for (const int64_t size : data.shape) out.integer(1, static_cast<uint64_t>(size));
  out.integer(2, data.dtype == base::DType::kI64 ? kInt64 : kFloat);
  out.text(8, name);
  out.text(9, {reinterpret_cast<const char*>(data.data.data()), data.data.size()});
  return out;
}

Protobuf value_info(const Value& value) {
  Protobuf shape;
  shape.message(1, Protobuf().text(2, "N"));
  if (value.width > 0) shape.message(1, Protobuf().integer(1, static_cast<uint64_t>(value.width)));
  const Protobuf type = Protobuf().message(1, Protobuf().integer(1, kFloat).message(2, shape));
  return Protobuf().text(1, value.name).message(2, type);
}

Protobuf integer_attribute(const std::string& name, int64_t value) {
  return Protobuf().text(1, name).integer(3, static_cast<uint64_t>(value)).integer(20, kIntegerAttribute);
}

Protobuf float_attribute(const std::string& name, float value) {
  return Protobuf().text(1, name).float32(2, value).integer(20, kFloatAttribute);
}

// Collects the nodes of one graph, and the constants that only ONNX needs.
class Writer {
 public:
  explicit Writer(Protobuf& graph) : graph_(graph) {}

  void node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output,
            const std::vector<Protobuf>& attributes = {}) {
    Protobuf out;
    for (const std::string& input : inputs) out.text(1, input);
    out.text(2, output).text(3, fmt::format("{} {}", type, output)).text(4, type);
    for (const Protobuf& attribute : attributes) out.message(5, attribute);
    graph_.message(1, out);
  }

  std::string integers(const std::vector<int64_t>& values) {
    std::string name = fmt::format("integers {}", fmt::join(values, " "));
    constants_.emplace(
        name, base::make_tensor(std::span<const int64_t>(values), {static_cast<int64_t>(values.size())}));
    return name;
  }

  const std::map<std::string, base::TensorData>& constants() const { return constants_; }

  void add(const Node& n);

 private:
  void softmax(const Node& n) {
    const std::string& x = n.arguments[0];
    const std::string& out = n.result.name;
    const int64_t group = n.numbers[0];
    if (group == n.argument_width) return node("Softmax", {x}, out, {integer_attribute("axis", -1)});
    node("Reshape", {x, integers({-1, n.argument_width / group, group})}, out + "_groups");
    node("Softmax", {out + "_groups"}, out + "_shares", {integer_attribute("axis", -1)});
    node("Reshape", {out + "_shares", integers({-1, n.argument_width})}, out);
  }

  // ONNX has no such operation: atan(y / x), half a turn further where x is negative. x = 0 counts as tiny.
  void atan2(const Node& n) {
    const std::string &y = n.arguments[0], &x = n.arguments[1], &out = n.result.name;
    node("Equal", {x, number(0.0F)}, out + "_even");
    node("Where", {out + "_even", number(1e-30F), x}, out + "_x");
    node("Div", {y, out + "_x"}, out + "_slope");
    node("Atan", {out + "_slope"}, out + "_half");
    node("Less", {out + "_x", number(0.0F)}, out + "_behind");
    node("Less", {y, number(0.0F)}, out + "_below");
    node("Where", {out + "_below", number(-std::numbers::pi_v<float>), number(std::numbers::pi_v<float>)},
         out + "_turn");
    node("Where", {out + "_behind", out + "_turn", number(0.0F)}, out + "_more");
    node("Add", {out + "_half", out + "_more"}, out);
  }

  std::string number(float value) {
    std::string name = fmt::format("onnx number {}", value);
    constants_.emplace(name, base::make_tensor(std::span<const float>(&value, 1), {}));
    return name;
  }

  Protobuf& graph_;
  std::map<std::string, base::TensorData> constants_;
};

void Writer::add(const Node& n) {
  const std::vector<std::string>& in = n.arguments;
  const std::string& out = n.result.name;
  switch (n.op) {
    case Op::kLinear:
      return node("Gemm", in, out, {integer_attribute("transB", 1)});
    case Op::kLayerNorm:
      return node("LayerNormalization", in, out,
                  {integer_attribute("axis", -1), float_attribute("epsilon", 1e-5F)});
    case Op::kSigmoid:
      return node("Sigmoid", in, out);
    case Op::kTanh:
      return node("Tanh", in, out);
    case Op::kSqrt:
      return node("Sqrt", in, out);
    case Op::kCos:
      return node("Cos", in, out);
    case Op::kSin:
      return node("Sin", in, out);
    case Op::kAtan2:
      return atan2(n);
    case Op::kSoftmax:
      return softmax(n);
    case Op::kSlice:
      return node("Slice", {in[0], integers({n.numbers[0]}), integers({n.numbers[1]}), integers({1})}, out);
    case Op::kPick:
      return node("Gather", {in[0], integers(n.numbers)}, out, {integer_attribute("axis", 1)});
    case Op::kJoin:
      return node("Concat", in, out, {integer_attribute("axis", 1)});
    case Op::kAdd:
      return node("Add", in, out);
    case Op::kSub:
      return node("Sub", in, out);
    case Op::kMul:
      return node("Mul", in, out);
    case Op::kDiv:
      return node("Div", in, out);
    case Op::kMin:
      return node("Min", in, out);
    case Op::kMax:
      return node("Max", in, out);
    case Op::kRowSum:
      return node("ReduceSum", {in[0], integers({1})}, out, {integer_attribute("keepdims", 0)});
    case Op::kDot:
      return node("MatMul", in, out);
    case Op::kColumn:
      return node("Squeeze", {in[0], integers({1})}, out);
  }
  throw std::logic_error("onnx_bytes: no such operation");
}

}  // namespace

std::string onnx_bytes(const Graph& graph, const std::map<std::string, std::string>& metadata) {
  Protobuf body;
  Writer writer(body);
  for (const Node& n : graph.nodes()) writer.add(n);
  for (size_t i = 0; i < graph.outputs().size(); ++i)
    writer.node("Identity", {graph.results()[i]}, graph.outputs()[i].name);
  body.text(2, graph.name());
  for (const auto& [name, data] : graph.constants()) body.message(5, tensor(name, data));
  for (const auto& [name, data] : writer.constants()) body.message(5, tensor(name, data));
  for (const Value& input : graph.inputs()) body.message(11, value_info(input));
  for (const Value& output : graph.outputs()) body.message(12, value_info(output));

  Protobuf model;
  model.integer(1, kIrVersion).text(2, "reverie").text(3, REVERIE_VERSION).message(7, body);
  model.message(8, Protobuf().text(1, "").integer(2, kOperators));
  for (const auto& [key, value] : metadata) model.message(14, Protobuf().text(1, key).text(2, value));
  return model.bytes();
}

}  // namespace reverie::interop
