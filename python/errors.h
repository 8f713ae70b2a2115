// Exceptions of C++ as those of Python, and which process may use an object.
#pragma once

#include <atomic>

namespace reverie::python {

// base::UserError becomes ValueError, base::Interrupted KeyboardInterrupt, a file that is not there FileNotFoundError.
// nanobind does the rest: std::out_of_range is IndexError, every other exception RuntimeError.
void translate_errors();

// One process and one thread at a time use an object that has threads of its own.
class Owner {
 public:
  Owner();

  // Throws std::runtime_error that names `what` when this process is a fork of the one that made the object.
  void check(const char* what) const;

  // Holds the object for a call; throws std::runtime_error when another thread holds it or the process is a fork.
  class Hold {
   public:
    Hold(Owner& owner, const char* what);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Owner& owner_;
  };

 private:
  int process_;
  std::atomic_flag held_ = ATOMIC_FLAG_INIT;
};

}  // namespace reverie::python
