// OutOfMemory: the system gave no more memory.
// Libraries say it in ways of their own; here it has one type and, in apps/, one line and a status.
#pragma once

#include <exception>
#include <stdexcept>

namespace reverie::base {

// what() is one line.
class OutOfMemory : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// True of OutOfMemory and std::bad_alloc, of a thread that could not be started for want of memory, and of what LibTorch
// and MuJoCo throw when they get none.
bool is_out_of_memory(const std::exception& error);

}  // namespace reverie::base
