// Splits an index range over the threads of tensor operations.
// The one place that is compiled with OpenMP: torch's thread pool is OpenMP's, and the rest of the code needs none.
#pragma once

#include <c10/util/FunctionRef.h>

#include <cstdint>

namespace reverie::tensor {

// Calls body(first, last) for disjoint ranges that cover [begin, end), each of at least `grain` indices where
// the range allows it; returns when all are done. The first exception of a body is rethrown.
void parallel_for(int64_t begin, int64_t end, int64_t grain, c10::function_ref<void(int64_t, int64_t)> body);

}  // namespace reverie::tensor
