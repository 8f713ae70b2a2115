#include "bench/bench_timing.h"

#include <torch/types.h>
#include <limits>

#include <chrono>

#include "tensor/matrix_product.h"

namespace reverie::bench {

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double seconds_each(const std::function<void()>& work, int runs, tensor::Device device) {
  return seconds_of([&] {
           for (int i = 0; i < runs; ++i) work();
           tensor::wait_for_device(device);
         }) /
         runs;
}

namespace {

constexpr int kRuns = 20;

double on_cpu(const UpdateProducts& p) {
  double total = 0.0;
  std::vector<float> x(static_cast<size_t>(p.rows * p.in), 0.5f), w(static_cast<size_t>(p.out * p.in), 0.5f),
      y(static_cast<size_t>(p.rows * p.out), 0.5f);
  if (p.forward > 0.0) {
    const auto work = [&] { tensor::product_nt(p.rows, p.out, p.in, x.data(), w.data(), y.data()); };
    total += p.forward * seconds_each(work, kRuns);
  }
  if (p.input_gradient > 0.0) {
    const auto work = [&] { tensor::product_nn(p.rows, p.in, p.out, y.data(), w.data(), x.data()); };
    total += p.input_gradient * seconds_each(work, kRuns);
  }
  if (p.weight_gradient > 0.0) {
    const auto work = [&] { tensor::product_tn(p.out, p.in, p.rows, y.data(), x.data(), w.data()); };
    total += p.weight_gradient * seconds_each(work, kRuns);
  }
  return total;
}

double on_device(const UpdateProducts& p, tensor::Device device) {
  const at::NoGradGuard no_grad;
  const auto options = at::TensorOptions(at::kFloat).device(tensor::torch_device(device));
  at::Tensor x = at::ones({p.rows, p.in}, options), w = at::ones({p.out, p.in}, options),
             y = at::ones({p.rows, p.out}, options);
  const auto time = [&](at::Tensor& out, const at::Tensor& a, const at::Tensor& b) {
    const auto work = [&] { at::mm_out(out, a, b); };
    seconds_each(work, 2, device);
    return seconds_each(work, kRuns, device);
  };
  double total = 0.0;
  if (p.forward > 0.0) total += p.forward * time(y, x, w.t());
  if (p.input_gradient > 0.0) total += p.input_gradient * time(x, y, w);
  if (p.weight_gradient > 0.0) total += p.weight_gradient * time(w, y.t(), x);
  return total;
}

}  // namespace

bool add_row(std::vector<BenchRow>& rows, const std::function<BenchRow()>& measure) {
  try {
    rows.push_back(measure());
  } catch (const base::Interrupted&) {
    return false;
  }
  return true;
}

double product_seconds(const std::vector<UpdateProducts>& products, tensor::Device device,
                       const base::Stop* stop) {
  double total = products.empty() ? std::numeric_limits<double>::quiet_NaN() : 0.0;
  for (const UpdateProducts& p : products) {
    base::check_stop(stop);
    total += device.is_cpu() ? on_cpu(p) : on_device(p, device);
  }
  return total;
}

}  // namespace reverie::bench
