#include "interop/torchscript.h"

#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/types.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "base/files.h"
#include "tensor/tensor_io.h"

namespace reverie::interop {
namespace {

// A constant's name as that of an attribute.
std::string identifier(std::string name) {
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

std::string argument(const Graph& graph, const std::string& name) {
  return graph.constants().contains(name) ? "self." + identifier(name) : name;
}

std::string expression(const Graph& graph, const Node& n) {
  const std::string x = argument(graph, n.arguments[0]);
  const auto other = [&](size_t i) { return argument(graph, n.arguments.at(i)); };
  switch (n.op) {
    case Op::kLinear:
      return fmt::format("torch.linear({}, {}, {})", x, other(1), other(2));
    case Op::kLayerNorm:
      return fmt::format("torch.layer_norm({}, [{}], {}, {}, 1e-05)", x, n.argument_width, other(1),
                         other(2));
    case Op::kSoftmax:
      return fmt::format("torch.reshape(torch.softmax(torch.reshape({}, [-1, {}, {}]), -1), [-1, {}])", x,
                         n.argument_width / n.numbers[0], n.numbers[0], n.argument_width);
    case Op::kSlice:
      return fmt::format("{}[:, {}:{}]", x, n.numbers[0], n.numbers[1]);
    case Op::kPick:
      return fmt::format("torch.index_select({0}, 1, torch.tensor([{1}], device={0}.device))", x,
                         fmt::join(n.numbers, ", "));
    case Op::kJoin:
      return fmt::format("torch.cat([{}, {}], 1)", x, other(1));
    case Op::kMin:
      return fmt::format("torch.minimum({}, {})", x, other(1));
    case Op::kMax:
      return fmt::format("torch.maximum({}, {})", x, other(1));
    case Op::kRowSum:
      return fmt::format("torch.sum({}, [1])", x);
    case Op::kDot:
      return fmt::format("torch.matmul({}, {})", x, other(1));
    case Op::kColumn:
      return fmt::format("torch.squeeze({}, 1)", x);
    case Op::kSigmoid:
    case Op::kTanh:
    case Op::kSqrt:
    case Op::kCos:
    case Op::kSin:
      return fmt::format("torch.{}({})", op_name(n.op), x);
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
    case Op::kDiv:
    case Op::kAtan2:
      return fmt::format("torch.{}({}, {})", op_name(n.op), x, other(1));
  }
  throw std::logic_error("write_torchscript: no such operation");
}

std::string method(const Graph& graph, const std::string& name) {
  std::vector<std::string> inputs;
  for (const Value& input : graph.inputs()) inputs.push_back(input.name);
  std::string text = fmt::format("def {}(self, {}):\n", name, fmt::join(inputs, ", "));
  for (const Node& n : graph.nodes())
    text += fmt::format("    {} = {}\n", n.result.name, expression(graph, n));
  return text + fmt::format("    return {}\n", fmt::join(graph.results(), ", "));
}

}  // namespace

void write_torchscript(const std::vector<Graph>& graphs, const std::map<std::string, std::string>& metadata,
                       const std::filesystem::path& path) {
  torch::jit::Module module("reverie");
  for (const Graph& graph : graphs) {
    for (const auto& [name, data] : graph.constants())
      if (!module.hasattr(identifier(name)))
        module.register_buffer(identifier(name), tensor::from_tensor_data(data));
  }
  for (const Graph& graph : graphs) module.define(method(graph, graph.name()));
  if (graphs.size() == 1) module.define(method(graphs[0], "forward"));
  torch::jit::ExtraFilesMap extra{{"metadata.json", nlohmann::json(metadata).dump()}};
  std::ostringstream bytes;
  module.save(bytes, extra);
  base::write_file_atomic(path, bytes.str());
}

}  // namespace reverie::interop
