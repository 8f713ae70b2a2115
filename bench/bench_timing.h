// Timing of benchmarks, shared by bench.cc and bench_plan.cc.
#pragma once

#include <functional>
#include <vector>

#include "base/stop.h"
#include "bench/bench.h"
#include "bench/update_products.h"
#include "tensor/device.h"

namespace reverie::bench {

double seconds_of(const std::function<void()>& work);

// Seconds of one run of `work`, over `runs` of them, until `device` has done them.
double seconds_each(const std::function<void()>& work, int runs, tensor::Device device = tensor::kCpu);

// Seconds that these products take once on `device` when nothing else happens and their operands are warm; NaN for none.
// Throws base::Interrupted between two of them when `stop` is asked for.
double product_seconds(const std::vector<UpdateProducts>& products, tensor::Device device = tensor::kCpu,
                       const base::Stop* stop = nullptr);

// Adds what `measure` returns. False when it was interrupted: `rows` stay as they are.
bool add_row(std::vector<BenchRow>& rows, const std::function<BenchRow()>& measure);

}  // namespace reverie::bench
