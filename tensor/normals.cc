#include "tensor/normals.h"

#include <array>

#include "tensor/kernels/kernels.h"

namespace reverie::tensor {

void fill_normals(contract::Rng& rng, std::span<float> out) {
  const std::array<uint32_t, 2> key = {rng.next_u32(), rng.next_u32()};
  const std::array<uint32_t, 4> counter = {0, rng.next_u32(), rng.next_u32(), 0};
  kernels::kernels().normals(std::ssize(out), counter.data(), key.data(), out.data());
}

}  // namespace reverie::tensor
