// The device that computes: the CPU, or a GPU by its index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace c10 {
struct Device;
}

namespace reverie::tensor {

// A plain value. Settings hold it as a word ("auto", "cuda:1"), which resolve_device turns into one of these.
struct Device {
  enum class Kind : uint8_t { kCpu, kCuda };

  Kind kind = Kind::kCpu;
  int index = 0;  // which GPU; 0 on the CPU

  bool is_cpu() const { return kind == Kind::kCpu; }
  bool operator==(const Device&) const = default;
};

inline constexpr Device kCpu{};

// The words that a setting may say: auto, cpu, cuda, cuda:N (base::Allowed::choices).
std::vector<std::string> device_choices();

// "auto" is the first GPU when there is one, else the CPU; "cuda" is the first GPU and "cuda:N" number N.
// Throws UserError for any other word, and for a GPU that this machine (or this build) does not have.
Device resolve_device(std::string_view word);

// The shortest word that resolve_device reads as this device: "cpu", "cuda", "cuda:1".
std::string device_name(Device device);

// One line for people: "cpu, 2 threads" or "cuda (device 0)".
std::string describe_device(Device device);

// `device` in torch's own type.
c10::Device torch_device(Device device);

// Returns when everything that was asked of `device` is done. The CPU has nothing left to do.
void wait_for_device(Device device);

// Sets the threads of tensor operations, >= 1. To be called once at start. Throws UserError below 1.
void set_learner_threads(int threads);
// Gives the calling thread the number of threads that set_learner_threads() chose. A thread that a program makes itself
// calls it before its first tensor operation: the library of matrix products counts threads for each caller apart, and the
// order of a large product's sum depends on that number.
void adopt_learner_threads();

}  // namespace reverie::tensor
