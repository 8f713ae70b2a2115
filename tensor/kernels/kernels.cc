#include "tensor/kernels/kernels.h"

#include <array>
#include <bit>
#include <cstdint>

// Clang reads this file for clang-tidy only and knows neither the pragmas nor the names below.
#if defined(__x86_64__) && !defined(__clang__)
#define REVERIE_X86_SETS
#include <immintrin.h>
#endif

// The loops, compiled for the baseline and, on x86-64, again for AVX2 with FMA and for AVX-512.
#define REVERIE_LANES 4
namespace reverie::tensor::kernels::baseline {
#include "tensor/kernels/all.inl"
}  // namespace reverie::tensor::kernels::baseline

#ifdef REVERIE_X86_SETS
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
#define REVERIE_LANES 8
namespace reverie::tensor::kernels::v3 {
#include "tensor/kernels/all.inl"
}  // namespace reverie::tensor::kernels::v3
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
#define REVERIE_LANES 16
namespace reverie::tensor::kernels::v4 {
#include "tensor/kernels/all.inl"
}  // namespace reverie::tensor::kernels::v4
#pragma GCC pop_options
#endif

namespace reverie::tensor::kernels {

std::span<const Kernels> available_kernels() {
#ifdef REVERIE_X86_SETS
  static const Kernels sets[] = {baseline::table("baseline"), v3::table("x86-64-v3"), v4::table("x86-64-v4")};
  static const size_t count = __builtin_cpu_supports("x86-64-v4")   ? 3
                              : __builtin_cpu_supports("x86-64-v3") ? 2
                                                                    : 1;
  return {sets, count};
#else
  static const Kernels sets[] = {baseline::table("baseline")};
  return sets;
#endif
}

}  // namespace reverie::tensor::kernels
