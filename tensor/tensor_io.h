// Copies between plain buffers and tensors.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "base/safetensors.h"
#include "contract/rng.h"

namespace reverie::tensor {

// A float32 tensor that copies `values`; their number must be the product of `shape`.
at::Tensor tensor_from(std::span<const float> values, const std::vector<int64_t>& shape);

// Copy a float32 tensor (any device, any layout) into `out`; throws std::logic_error when the sizes differ.
void copy_to(const at::Tensor& tensor, std::span<float> out);

// Standard normal [shape] float32 on the CPU, drawn from `rng` in row-major order.
at::Tensor normal_tensor(const std::vector<int64_t>& shape, contract::Rng& rng);

base::TensorData to_tensor_data(const at::Tensor& tensor);         // float32 or int64
at::Tensor from_tensor_data(const base::TensorData& tensor_data);  // on the CPU

}  // namespace reverie::tensor
