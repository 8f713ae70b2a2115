// Numpy arrays over buffers of ours, without a copy.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

namespace reverie::python {

// A numpy array of `shape` over `data`, which `owner` keeps alive.
template <typename T>
nanobind::object view(std::span<const T> data, std::initializer_list<size_t> shape, nanobind::handle owner,
                      bool writable = false) {
  if (writable) {
    using Array = nanobind::ndarray<nanobind::numpy, T>;
    return nanobind::cast(Array(const_cast<T*>(data.data()), shape.size(), shape.begin(), owner));
  }
  using Array = nanobind::ndarray<nanobind::numpy, const T>;
  return nanobind::cast(Array(data.data(), shape.size(), shape.begin(), owner));
}

// A numpy array of `shape` that owns `values`.
template <typename T>
nanobind::object owned(std::vector<T> values, std::initializer_list<size_t> shape) {
  auto* const kept = new std::vector<T>(std::move(values));
  const nanobind::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  using Array = nanobind::ndarray<nanobind::numpy, T>;
  return nanobind::cast(Array(kept->data(), shape.size(), shape.begin(), owner));
}

// What Python hands over: float32 in memory of the CPU, one row after the other.
using FloatRows =
    nanobind::ndarray<const float, nanobind::ndim<2>, nanobind::c_contig, nanobind::device::cpu>;

using DoubleRows =
    nanobind::ndarray<const double, nanobind::ndim<2>, nanobind::c_contig, nanobind::device::cpu>;

inline std::span<const float> numbers(const FloatRows& rows) { return {rows.data(), rows.size()}; }
inline std::span<const double> numbers(const DoubleRows& rows) { return {rows.data(), rows.size()}; }

}  // namespace reverie::python
