#include "python/interrupt.h"

#include <atomic>

namespace reverie::python {
namespace {

std::atomic<base::Stop*> heard{nullptr};  // the one thing a signal handler may touch

extern "C" void on_interrupt(int) {
  if (base::Stop* const stop = heard.load()) stop->request();
}

}  // namespace

Interrupt::Interrupt() {
  base::Stop* none = nullptr;
  if (!heard.compare_exchange_strong(none, &stop_)) return;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  catching_ = sigaction(SIGINT, &action, &before_) == 0;
  if (!catching_) heard = nullptr;
}

Interrupt::~Interrupt() {
  if (!catching_) return;
  sigaction(SIGINT, &before_, nullptr);
  heard = nullptr;
}

}  // namespace reverie::python
