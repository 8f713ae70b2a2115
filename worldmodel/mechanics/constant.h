// Constant: a tensor that no data changes, on whatever device it is needed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace reverie::worldmodel {

class Constant {
 public:
  Constant() = default;
  explicit Constant(at::Tensor values) : values_(std::move(values)) {}

  int64_t size() const { return values_.numel(); }
  // On the device of `other`. The first call for a GPU copies, so it belongs before a graph is recorded there.
  const at::Tensor& like(const at::Tensor& other) const {
    if (other.device() == values_.device()) return values_;
    if (!elsewhere_.defined() || elsewhere_.device() != other.device())
      elsewhere_ = values_.to(other.device());
    return elsewhere_;
  }

 private:
  at::Tensor values_;
  mutable at::Tensor elsewhere_;
};

// Columns of a last dimension, as a constant for pick(); numbers that do not change.
Constant constant_columns(const std::vector<int64_t>& columns);
Constant constant_numbers(const std::vector<float>& numbers);

// [..., X] -> [..., C]
at::Tensor pick(const at::Tensor& x, const Constant& columns);

}  // namespace reverie::worldmodel
