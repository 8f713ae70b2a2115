#include "tensor/device.h"

#include <malloc.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "base/error.h"

namespace reverie::tensor {

std::string resolve_device(std::string_view device) {
  if (device == "cpu") return "cpu";
  const bool has_cuda = torch::cuda::is_available();
  if (device == "auto") return has_cuda ? "cuda" : "cpu";
  if (device != "cuda") base::throw_user_error("device: found '{}', expected auto, cpu or cuda", device);
  if (!has_cuda)
    base::throw_user_error(
        "device=cuda: no usable CUDA device in this build and machine; use device=cpu or auto");
  return "cuda";
}

std::string describe_device(const std::string& device) {
  if (device == "cuda") return "cuda (device 0)";
  return fmt::format("cpu, {} thread{}", at::get_num_threads(), at::get_num_threads() == 1 ? "" : "s");
}

void wait_for_device(const std::string& device) {
  if (device == "cuda") torch::cuda::synchronize();
}

namespace {

// An update makes some hundreds of tensors and frees them again. By default the larger ones are pages asked
// of the system and given back each time, zeroed in between: keep them.
void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kMiB = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 32 * kMiB);
  mallopt(M_TRIM_THRESHOLD, 512 * kMiB);
  mallopt(M_TOP_PAD, 16 * kMiB);
#endif
}

}  // namespace

void set_learner_threads(int threads) {
  if (threads < 1) base::throw_user_error("learner_threads: found {}, expected 1 or more", threads);
  at::set_num_threads(threads);
  keep_freed_memory();
}

}  // namespace reverie::tensor
