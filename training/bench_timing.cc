#include "training/bench_timing.h"

#include <chrono>

#include "worldmodel/matrix_product.h"

namespace reverie {

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double seconds_each(const std::function<void()>& work, int runs) {
  return seconds_of([&] {
           for (int i = 0; i < runs; ++i) work();
         }) /
         runs;
}

double product_seconds(const std::vector<UpdateProducts>& products) {
  constexpr int kRuns = 20;
  double total = 0.0;
  for (const UpdateProducts& p : products) {
    std::vector<float> x(static_cast<size_t>(p.rows * p.in), 0.5f),
        w(static_cast<size_t>(p.out * p.in), 0.5f), y(static_cast<size_t>(p.rows * p.out), 0.5f);
    if (p.forward > 0.0) {
      const auto work = [&] { product_nt(p.rows, p.out, p.in, x.data(), w.data(), y.data()); };
      total += p.forward * seconds_each(work, kRuns);
    }
    if (p.input_gradient > 0.0) {
      const auto work = [&] { product_nn(p.rows, p.in, p.out, y.data(), w.data(), x.data()); };
      total += p.input_gradient * seconds_each(work, kRuns);
    }
    if (p.weight_gradient > 0.0) {
      const auto work = [&] { product_tn(p.out, p.in, p.rows, y.data(), x.data(), w.data()); };
      total += p.weight_gradient * seconds_each(work, kRuns);
    }
  }
  return total;
}

}  // namespace reverie
