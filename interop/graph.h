// Graph: a function of the networks as a list of plain operations on rows.
// It is built once from weights, and written as ONNX, as TorchScript or as text: what the formats say is the same.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/safetensors.h"

namespace reverie::interop {

// x is the first argument, [N, W]; the others are constants unless said otherwise.
enum class Op {
  kLinear,     // x wᵀ + b: w [O, W], b [O]
  kLayerNorm,  // of each row, epsilon 1e-5, times gamma [W] plus beta [W]
  kSigmoid,
  kTanh,
  kSqrt,
  kCos,
  kSin,
  kAtan2,    // of two values, y and x
  kSoftmax,  // within groups of numbers[0] neighbours
  kSlice,    // columns numbers[0] to numbers[1], the last excluded
  kPick,     // columns `numbers`, in their order
  kJoin,     // columns of two values
  kAdd,      // of two values, or of a value and a row [W] or a scalar []
  kSub,
  kMul,
  kDiv,
  kMin,
  kMax,
  kRowSum,  // [N, W] -> [N]
  kDot,     // [N, W] times v [W] -> [N]
  kColumn,  // [N, 1] -> [N]
};

// What an operation reads and gives. Width 0: one number a row, [N].
struct Value {
  std::string name;
  int64_t width = 0;
};

struct Node {
  Op op;
  std::vector<std::string> arguments;  // names of values or constants
  std::vector<int64_t> numbers;
  Value result;
  int64_t argument_width = 0;  // of x
};

class Graph {
 public:
  explicit Graph(std::string name) : name_(std::move(name)) {}

  Value input(const std::string& name, int64_t width);
  void output(const std::string& name, const Value& value);

  // The name of a constant. A name that is there already must have the same content: throws std::logic_error.
  std::string constant(const std::string& name, const base::TensorData& tensor);
  std::string constant(const std::string& name, const std::vector<float>& row);
  std::string constant(float number);

  Value linear(const Value& x, const std::string& weight, const std::string& bias);
  Value layer_norm(const Value& x, const std::string& gamma, const std::string& beta);
  Value silu(const Value& x);
  Value apply(Op op, const Value& x);  // kSigmoid to kSin
  Value softmax(const Value& x, int64_t group);
  Value slice(const Value& x, int64_t begin, int64_t end);
  Value pick(const Value& x, const std::vector<int64_t>& columns);
  Value join(const Value& a, const Value& b);
  Value combine(Op op, const Value& a, const Value& b);            // kAdd to kMax, kAtan2
  Value combine(Op op, const Value& a, const std::string& other);  // with a constant
  Value row_sum(const Value& x);
  Value dot(const Value& x, const std::string& vector);
  Value column(const Value& x);

  const std::string& name() const { return name_; }
  const std::vector<Value>& inputs() const { return inputs_; }
  const std::vector<Value>& outputs() const { return outputs_; }        // by their own names
  const std::vector<std::string>& results() const { return results_; }  // the values behind outputs()
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::map<std::string, base::TensorData>& constants() const { return constants_; }

 private:
  Value add(Op op, std::vector<std::string> arguments, std::vector<int64_t> numbers, int64_t from,
            int64_t width);

  std::string name_;
  std::vector<Value> inputs_, outputs_;
  std::vector<std::string> results_;
  std::vector<Node> nodes_;
  std::map<std::string, base::TensorData> constants_;
};

// The graph for people: "h0 = linear(observations, w, b)", a line a node.
std::string graph_text(const Graph& graph);
const char* op_name(Op op);

}  // namespace reverie::interop
