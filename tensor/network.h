// Building blocks of all networks: plain structs of tensors and free functions.
// A leading ensemble dimension [E, ...] in every tensor of a struct makes it a batch of E networks that are
// evaluated together.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "contract/rng.h"

namespace reverie::tensor {

// Linear -> LayerNorm -> activation. weight [O, I], bias, gamma, beta [O]; in an ensemble [E, O, I] and [E, O].
struct NormedLayer {
  at::Tensor weight, bias, gamma, beta;
};

// weight [O, I], bias [O]; with ensemble [E, O, I] and [E, O].
struct LinearLayer {
  at::Tensor weight, bias;
};

// Hidden layers with SiLU, then a linear output.
struct Mlp {
  std::vector<NormedLayer> hidden;
  LinearLayer out;
};

// Calls f(name, tensor) for every parameter, in a fixed order: initialisation, optimiser and
// checkpoints share it.
using ParameterVisitor = std::function<void(const std::string& name, at::Tensor& tensor)>;
void visit(NormedLayer& layer, const std::string& prefix, const ParameterVisitor& f);
void visit(LinearLayer& layer, const std::string& prefix, const ParameterVisitor& f);
void visit(Mlp& mlp, const std::string& prefix, const ParameterVisitor& f);

// ensemble 0: no leading dimension. Weights and biases uniform in +-1/sqrt(I), drawn from
// `rng`; gamma 1, beta 0.
NormedLayer make_normed_layer(int64_t in, int64_t out, int64_t ensemble, contract::Rng& rng);
// Weights uniform in +-gain/sqrt(I), bias 0.
LinearLayer make_linear_layer(int64_t in, int64_t out, int64_t ensemble, double gain, contract::Rng& rng);
// Output weights are scaled by `gain`: 0 makes the initial prediction uniform.
Mlp make_mlp(int64_t in, int64_t hidden, int64_t layers, int64_t out, int64_t ensemble, double gain,
             contract::Rng& rng);

// x [N, I] -> [N, O]; with ensemble, x [N, I] or [E, N, I] -> [E, N, O]. Layers with SiLU, one behind the other.
at::Tensor forward(const std::vector<NormedLayer>& layers, const at::Tensor& x);
at::Tensor forward(const Mlp& mlp, const at::Tensor& x);

// The network's tensors without gradients, on the same storage: imagination uses them and cannot change them.
template <typename Network>
Network frozen(Network network) {
  visit(network, "", [](const std::string&, at::Tensor& t) { t = t.detach(); });
  return network;
}

// A copy with its own storage and without gradients.
template <typename Network>
Network cloned(Network network) {
  visit(network, "", [](const std::string&, at::Tensor& t) { t = t.detach().clone(); });
  return network;
}

}  // namespace reverie::tensor
