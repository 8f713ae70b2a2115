// Which device computes.
#pragma once

#include <string>
#include <string_view>

namespace reverie::tensor {

// "auto" -> "cuda" when there is one, else "cpu"; "cpu" and "cuda" are checked. Throws UserError for "cuda"
// with no CUDA device (or a build without CUDA) and for any other word.
std::string resolve_device(std::string_view device);

// One line for people: "cpu, 2 threads" or "cuda (device 0)".
std::string describe_device(const std::string& device);

// Returns when everything that was asked of `device` is done. The CPU never owes anything.
void wait_for_device(const std::string& device);

// Threads of tensor operations, >= 1; freed memory stays with the process from then on. Call once at start.
void set_learner_threads(int threads);

}  // namespace reverie::tensor
