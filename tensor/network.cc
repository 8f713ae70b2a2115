#include "tensor/network.h"

#include <torch/types.h>

#include <cmath>

#include "tensor/fused.h"

namespace reverie::tensor {
namespace {

std::vector<int64_t> with_ensemble(int64_t ensemble, std::vector<int64_t> shape) {
  if (ensemble > 0) shape.insert(shape.begin(), ensemble);
  return shape;
}

at::Tensor uniform_tensor(const std::vector<int64_t>& shape, double bound, contract::Rng& rng) {
  at::Tensor tensor = torch::empty(shape, torch::kFloat32);
  float* data = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) data[i] = static_cast<float>(rng.uniform(-bound, bound));
  return tensor;
}

}  // namespace

void visit(NormedLayer& layer, const std::string& prefix, const ParameterVisitor& f) {
  f(prefix + "weight", layer.weight);
  f(prefix + "bias", layer.bias);
  f(prefix + "gamma", layer.gamma);
  f(prefix + "beta", layer.beta);
}

void visit(LinearLayer& layer, const std::string& prefix, const ParameterVisitor& f) {
  f(prefix + "weight", layer.weight);
  f(prefix + "bias", layer.bias);
}

void visit(Mlp& mlp, const std::string& prefix, const ParameterVisitor& f) {
  for (size_t i = 0; i < mlp.hidden.size(); ++i) visit(mlp.hidden[i], prefix + std::to_string(i) + ".", f);
  visit(mlp.out, prefix + "out.", f);
}

// Biases are random too: without them the layer norm of a first layer would hide how
// large the observation is.
NormedLayer make_normed_layer(int64_t in, int64_t out, int64_t ensemble, contract::Rng& rng) {
  const auto vector_shape = with_ensemble(ensemble, {out});
  const double bound = 1.0 / std::sqrt(static_cast<double>(in));
  at::Tensor weight = uniform_tensor(with_ensemble(ensemble, {out, in}), bound, rng);
  at::Tensor bias = uniform_tensor(vector_shape, bound, rng);
  return {std::move(weight), std::move(bias), torch::ones(vector_shape), torch::zeros(vector_shape)};
}

LinearLayer make_linear_layer(int64_t in, int64_t out, int64_t ensemble, double gain, contract::Rng& rng) {
  const double bound = gain / std::sqrt(static_cast<double>(in));
  return {uniform_tensor(with_ensemble(ensemble, {out, in}), bound, rng),
          torch::zeros(with_ensemble(ensemble, {out}))};
}

Mlp make_mlp(int64_t in, int64_t hidden, int64_t layers, int64_t out, int64_t ensemble, double gain,
             contract::Rng& rng) {
  Mlp mlp;
  for (int64_t i = 0; i < layers; ++i) {
    mlp.hidden.push_back(make_normed_layer(i == 0 ? in : hidden, hidden, ensemble, rng));
  }
  mlp.out = make_linear_layer(hidden, out, ensemble, gain, rng);
  return mlp;
}

namespace {

std::vector<at::Tensor> tensors_of(const std::vector<NormedLayer>& layers) {
  std::vector<at::Tensor> out;
  for (const NormedLayer& layer : layers)
    out.insert(out.end(), {layer.weight, layer.bias, layer.gamma, layer.beta});
  return out;
}

}  // namespace

at::Tensor forward(const std::vector<NormedLayer>& layers, const at::Tensor& x) {
  return normed_stack(x, tensors_of(layers));
}

at::Tensor forward(const Mlp& mlp, const at::Tensor& x) {
  std::vector<at::Tensor> layers = tensors_of(mlp.hidden);
  layers.insert(layers.end(), {mlp.out.weight, mlp.out.bias});
  return normed_stack(x, layers);
}

}  // namespace reverie::tensor
