#include "tensor/tensor_io.h"

#include <torch/types.h>

#include <cstring>
#include <stdexcept>

#include "base/error.h"
#include "contract/rng.h"

namespace reverie::tensor {

at::Tensor tensor_from(std::span<const float> values, const std::vector<int64_t>& shape) {
  at::Tensor tensor = torch::empty(shape, torch::kFloat32);
  if (tensor.numel() != static_cast<int64_t>(values.size())) {
    throw std::logic_error(
        fmt::format("tensor_from: {} values for {} elements", values.size(), tensor.numel()));
  }
  if (!values.empty()) std::memcpy(tensor.data_ptr<float>(), values.data(), values.size_bytes());
  return tensor;
}

void copy_to(const at::Tensor& tensor, std::span<float> out) {
  if (tensor.numel() != static_cast<int64_t>(out.size())) {
    throw std::logic_error(fmt::format("copy_to: {} elements into {} values", tensor.numel(), out.size()));
  }
  const at::Tensor flat = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  std::memcpy(out.data(), flat.data_ptr<float>(), out.size_bytes());
}

at::Tensor normal_tensor(const std::vector<int64_t>& shape, contract::Rng& rng) {
  at::Tensor tensor = torch::empty(shape, torch::kFloat32);
  float* data = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) data[i] = static_cast<float>(rng.normal());
  return tensor;
}

base::TensorData to_tensor_data(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kCPU).contiguous();
  base::TensorData out;
  out.shape = tensor.sizes().vec();
  if (flat.scalar_type() == at::kFloat) {
    out.dtype = base::DType::kF32;
  } else if (flat.scalar_type() == at::kLong) {
    out.dtype = base::DType::kI64;
  } else {
    throw std::logic_error("to_tensor_data: float32 or int64 expected");
  }
  out.data.resize(flat.nbytes());
  if (!out.data.empty()) std::memcpy(out.data.data(), flat.data_ptr(), out.data.size());
  return out;
}

at::Tensor from_tensor_data(const base::TensorData& tensor_data) {
  const bool is_float = tensor_data.dtype == base::DType::kF32;
  if (!is_float && tensor_data.dtype != base::DType::kI64) {
    base::throw_user_error("tensor of dtype {}: expected F32 or I64", base::dtype_name(tensor_data.dtype));
  }
  at::Tensor out = torch::empty(tensor_data.shape, is_float ? torch::kFloat32 : torch::kInt64);
  if (!tensor_data.data.empty())
    std::memcpy(out.data_ptr(), tensor_data.data.data(), tensor_data.data.size());
  return out;
}

}  // namespace reverie::tensor
