// Which device computes.
#pragma once

#include <string>
#include <string_view>

namespace reverie {

// "auto" -> "cuda" when there is one, else "cpu"; "cpu" and "cuda" are checked. Throws UserError for "cuda"
// with no CUDA device (or a build without CUDA) and for any other word.
std::string resolve_device(std::string_view device);

// One line for people: "cpu, 2 threads" or the GPU's name.
std::string describe_device(const std::string& device);

// Threads of tensor operations, >= 1; freed memory stays with the process from then on. Call once at start.
void set_learner_threads(int threads);

}  // namespace reverie
