// Counts every operator new of the test binary, on all threads.
#pragma once

#include <cstdint>

namespace reverie::sim {

int64_t allocations();  // since the start of the process

}  // namespace reverie::sim
