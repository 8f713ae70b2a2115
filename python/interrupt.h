// Ctrl-C during long work in C++: asks it to end, instead of waiting until it is over.
#pragma once

#include <csignal>

#include "base/stop.h"

namespace reverie::python {

// While one exists, SIGINT asks its stop(). Nothing is caught where another one exists or the signal is ignored.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  const base::Stop& stop() const { return stop_; }

 private:
  base::Stop stop_;
  bool catching_ = false;
  struct sigaction before_ {};
};

}  // namespace reverie::python
