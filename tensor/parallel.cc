#include "tensor/parallel.h"

#include <ATen/Parallel.h>

namespace reverie::tensor {

void parallel_for(int64_t begin, int64_t end, int64_t grain, c10::function_ref<void(int64_t, int64_t)> body) {
  at::parallel_for(begin, end, grain, body);
}

// Asking for the number sets it in the calling thread.
void adopt_learner_threads() { at::get_num_threads(); }

}  // namespace reverie::tensor
