#include "tensor/device.h"

#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <charconv>
#include <optional>

#include "base/error.h"

namespace reverie::tensor {
namespace {

constexpr std::string_view kCudaPrefix = "cuda:";

// The N of "cuda:N"; nothing when `word` is not such a name.
std::optional<int> cuda_index(std::string_view word) {
  if (word == "cuda") return 0;
  if (!word.starts_with(kCudaPrefix)) return std::nullopt;
  word.remove_prefix(kCudaPrefix.size());
  int index = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), index);
  if (error != std::errc() || end != word.data() + word.size() || index < 0) return std::nullopt;
  return index;
}

}  // namespace

std::vector<std::string> device_choices() { return {"auto", "cpu", "cuda", "cuda:N"}; }

Device resolve_device(std::string_view word) {
  if (word == "cpu") return kCpu;
  const c10::DeviceIndex count = torch::cuda::device_count();
  if (word == "auto") return count > 0 ? Device{Device::Kind::kCuda, 0} : kCpu;
  const std::optional<int> index = cuda_index(word);
  if (!index) base::throw_user_error("device: found '{}', expected auto, cpu, cuda or cuda:N", word);
  if (count == 0) {
    base::throw_user_error(
        "device={}: no usable CUDA device in this build and machine; use device=cpu or auto", word);
  }
  if (*index >= count) {
    base::throw_user_error("device={}: found {} CUDA device{}, expected a number from 0 to {}", word, count,
                           count == 1 ? "" : "s", count - 1);
  }
  return {Device::Kind::kCuda, *index};
}

std::string device_name(Device device) {
  if (device.is_cpu()) return "cpu";
  return device.index == 0 ? "cuda" : fmt::format("cuda:{}", device.index);
}

std::string describe_device(Device device) {
  if (!device.is_cpu()) return fmt::format("cuda (device {})", device.index);
  return fmt::format("cpu, {} thread{}", at::get_num_threads(), at::get_num_threads() == 1 ? "" : "s");
}

at::Device torch_device(Device device) {
  if (device.is_cpu()) return at::Device(at::kCPU);
  return {at::kCUDA, static_cast<at::DeviceIndex>(device.index)};
}

void wait_for_device(Device device) {
  if (!device.is_cpu()) torch::cuda::synchronize(device.index);
}

void set_learner_threads(int threads) {
  if (threads < 1) base::throw_user_error("learner_threads: found {}, expected 1 or more", threads);
  at::set_num_threads(threads);
}

// Asking for the number sets it in the calling thread.
void adopt_learner_threads() { at::get_num_threads(); }

}  // namespace reverie::tensor
