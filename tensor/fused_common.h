// Helpers of the fused operations: when CPU kernels apply, how rows are split.
#pragma once

#include <ATen/EmptyTensor.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "tensor/parallel.h"

namespace reverie::tensor {

constexpr int64_t kChunkRows = 32;  // rows whose sums are added up together, whatever the number of threads

inline int64_t chunk_count(int64_t rows) { return (rows + kChunkRows - 1) / kChunkRows; }

// True when all tensors are float32 on the CPU.
inline bool kernels_apply(std::initializer_list<at::Tensor> tensors) {
  return std::all_of(tensors.begin(), tensors.end(),
                     [](const at::Tensor& t) { return t.is_cpu() && t.scalar_type() == at::kFloat; });
}

// at::empty of CPU floats without the dispatcher's cost: an update makes some hundreds.
inline at::Tensor empty_floats(at::IntArrayRef shape) { return at::detail::empty_cpu(shape, at::kFloat); }

inline bool needs_graph(std::initializer_list<at::Tensor> tensors) {
  return at::GradMode::is_enabled() && std::any_of(tensors.begin(), tensors.end(), [](const at::Tensor& t) {
           return t.defined() && t.requires_grad();
         });
}

// Hand-written gradients are plain numbers: a gradient of a gradient would silently be wrong.
inline void check_first_order(const char* operation) {
  TORCH_CHECK(!at::GradMode::is_enabled(), operation, ": differentiable only once (no create_graph)");
}

// Calls f(member, first row, number of rows, chunk of the member) for every chunk of every
// member, over at's threads.
template <class F>
void for_row_chunks(int64_t members, int64_t rows, const F& f) {
  const int64_t chunks = chunk_count(rows);
  parallel_for(0, members * chunks, 2, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t chunk = i % chunks;
      const int64_t first = chunk * kChunkRows;
      f(i / chunks, first, std::min(kChunkRows, rows - first), chunk);
    }
  });
}

}  // namespace reverie::tensor
