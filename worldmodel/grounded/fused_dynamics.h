// Fused parts of the grounded dynamics: what they read, the change, where it leads.
// Each is one autograd node in the place of three to nine; between them stand the layers of tensor/fused.h. They are for
// CPU float32; elsewhere the same is composed of ATen operations (grounded.cc). Gradients are taken once only.
#pragma once

#include <ATen/core/Tensor.h>

#include "tensor/network.h"

namespace reverie::worldmodel {

// What the dynamics read: x = [s, a], and products q = left(x) * right(x).
struct DynamicsInputs {
  at::Tensor all;   // [N, Z+A+P] = [z, a, q], of the hidden layers
  at::Tensor skip;  // [N, O+A+P] = [s, a, q], of the residual path
};

// True when the fused form applies to latents like these.
bool fused_dynamics_apply(const at::Tensor& z);

// z [N, Z] begins with s [N, O]; a [N, A]; left and right [P, O+A] with biases [P].
DynamicsInputs fused_inputs_of(const at::Tensor& z, const at::Tensor& a, const tensor::LinearLayer& left,
                               const tensor::LinearLayer& right);

// The change of s that each head predicts [E, N, O]: a layer of its own hidden units h [E, N, H] and one of the shared
// inputs skip [N, S]; weights [E, O, H] and [E, O, S], biases [E, O].
at::Tensor fused_change(const at::Tensor& h, const tensor::LinearLayer& out, const at::Tensor& skip,
                        const tensor::LinearLayer& residual);

// z' = [clamp(s + unit * mean_e change_e, low, high), mean_e features_e], [N, Z]. change [E, N, O], features [E, N, L],
// unit, low and high [O], without gradients.
at::Tensor fused_landing(const at::Tensor& z, const at::Tensor& change, const at::Tensor& features,
                         const at::Tensor& unit, const at::Tensor& low, const at::Tensor& high);

}  // namespace reverie::worldmodel
