#include "contract/network_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/safetensors.h"

namespace reverie::contract {
namespace {

struct Layer {
  int64_t inputs = 0, outputs = 0;
  std::vector<float> weight, bias;  // [outputs, inputs], [outputs]
};

enum class Activation { kTanh, kRelu, kElu };

float activate(float x, Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return std::max(x, 0.0f);
    case Activation::kElu:
      return x > 0.0f ? x : std::expm1(x);
    case Activation::kTanh:
      break;
  }
  return std::tanh(x);
}

std::vector<float> next_of(const Layer& layer, const std::vector<float>& x) {
  std::vector<float> y = layer.bias;
  for (size_t o = 0; o < y.size(); ++o) {
    const float* row = layer.weight.data() + o * x.size();
    for (size_t i = 0; i < x.size(); ++i) y[o] += row[i] * x[i];
  }
  return y;
}

class NetworkPolicy : public Policy {
 public:
  NetworkPolicy(const EnvSpec& spec, std::vector<Layer> layers, std::vector<float> mean,
                std::vector<float> scale, Activation activation, bool squash)
      : low_(spec.action_low),
        high_(spec.action_high),
        layers_(std::move(layers)),
        mean_(std::move(mean)),
        scale_(std::move(scale)),
        activation_(activation),
        squash_(squash) {}

  void act(const PolicyInput& input, std::span<float> actions) override {
    const size_t count = input.keys.size(), width = mean_.size(), outputs = low_.size();
    for (size_t n = 0; n < count; ++n) {
      std::vector<float> x(width);
      for (size_t i = 0; i < width; ++i) x[i] = (input.observations[n * width + i] - mean_[i]) / scale_[i];
      for (size_t l = 0; l < layers_.size(); ++l) {
        x = next_of(layers_[l], x);
        if (l + 1 < layers_.size())
          for (float& value : x) value = activate(value, activation_);
      }
      for (size_t a = 0; a < outputs; ++a) {
        const float low = low_[a], high = high_[a];
        const float value = squash_ ? low + (std::tanh(x[a]) + 1.0f) / 2.0f * (high - low) : x[a];
        actions[n * outputs + a] = std::clamp(value, low, high);
      }
    }
  }

 private:
  std::vector<float> low_, high_;
  std::vector<Layer> layers_;
  std::vector<float> mean_, scale_;  // [O]
  Activation activation_;
  bool squash_;
};

// The numbers of a tensor of this shape.
std::vector<float> numbers(const std::string& file, const base::SafeTensors& content, const std::string& name,
                           const std::vector<int64_t>& shape) {
  const base::TensorData& tensor = content.at(name);
  if (tensor.shape != shape || tensor.dtype != base::DType::kF32)
    base::throw_user_error("{}: {}: expected F32 [{}], found {} [{}]", file, name, fmt::join(shape, ", "),
                           base::dtype_name(tensor.dtype), fmt::join(tensor.shape, ", "));
  const std::span<const float> values = base::tensor_values<float>(tensor);
  for (const float value : values)
    if (!std::isfinite(value)) base::throw_user_error("{}: {}: {} is not finite", file, name, value);
  return {values.begin(), values.end()};
}

std::string word(const std::string& file, const base::SafeTensors& content, const std::string& key,
                 const std::vector<std::string>& known) {
  const auto found = content.metadata.find(key);
  if (found == content.metadata.end()) return known.front();
  if (std::ranges::find(known, found->second) == known.end())
    base::throw_user_error("{}: {}: '{}' is unknown{}; expected {}", file, key, found->second,
                           base::did_you_mean(found->second, known), fmt::join(known, ", "));
  return found->second;
}

std::vector<Layer> layers_of(const std::string& file, const base::SafeTensors& content, const EnvSpec& spec) {
  std::vector<Layer> layers;
  int64_t inputs = spec.observation_dim;
  for (int l = 0;; ++l) {
    const std::string name = fmt::format("layers.{}.", l);
    const auto found = content.tensors.find(name + "weight");
    if (found == content.tensors.end()) break;
    const std::vector<int64_t>& shape = found->second.shape;
    Layer layer{.inputs = inputs, .outputs = shape.empty() ? 0 : shape.front(), .weight = {}, .bias = {}};
    layer.weight = numbers(file, content, name + "weight", {layer.outputs, inputs});
    layer.bias = numbers(file, content, name + "bias", {layer.outputs});
    inputs = layer.outputs;
    layers.push_back(std::move(layer));
  }
  if (layers.empty())
    base::throw_user_error("{}: expected tensors layers.0.weight, layers.0.bias, ...", file);
  if (inputs != spec.action_dim)
    base::throw_user_error("{}: layers.{}.weight: expected {} outputs, the actions of {}, found {}", file,
                           layers.size() - 1, spec.action_dim, spec.task, inputs);
  return layers;
}

}  // namespace

std::unique_ptr<Policy> network_policy(const std::filesystem::path& path, const EnvSpec& spec) {
  const std::string file = path.string();
  const base::SafeTensors content = base::load_safetensors(path);
  std::vector<Layer> layers = layers_of(file, content, spec);
  const auto width = static_cast<size_t>(spec.observation_dim);
  std::vector<float> mean(width, 0.0f), scale(width, 1.0f);
  if (content.tensors.contains("input.mean"))
    mean = numbers(file, content, "input.mean", {spec.observation_dim});
  if (content.tensors.contains("input.scale"))
    scale = numbers(file, content, "input.scale", {spec.observation_dim});
  if (std::ranges::any_of(scale, [](float s) { return s <= 0.0f; }))
    base::throw_user_error("{}: input.scale: expected numbers above 0", file);
  const std::string activation = word(file, content, "activation", {"tanh", "relu", "elu"}),
                    output = word(file, content, "output", {"tanh", "clip"});
  return std::make_unique<NetworkPolicy>(spec, std::move(layers), std::move(mean), std::move(scale),
                                         activation == "relu"  ? Activation::kRelu
                                         : activation == "elu" ? Activation::kElu
                                                               : Activation::kTanh,
                                         output == "tanh");
}

}  // namespace reverie::contract
