#include "worldmodel/mechanics/constant.h"

#include <torch/types.h>

namespace reverie::worldmodel {

Constant constant_columns(const std::vector<int64_t>& columns) {
  return Constant(torch::tensor(columns, torch::kInt64));
}

Constant constant_numbers(const std::vector<float>& numbers) {
  return Constant(torch::tensor(numbers, torch::kFloat32));
}

at::Tensor pick(const at::Tensor& x, const Constant& columns) { return x.index_select(-1, columns.like(x)); }

}  // namespace reverie::worldmodel
