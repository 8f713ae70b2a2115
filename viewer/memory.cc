#include "viewer/memory.h"

#include <malloc.h>

namespace reverie::viewer {

namespace {

constexpr int kLargeBlock = 256 * 1024;  // bytes; glibc's own limit grows with what is freed, up to 32 MB

}  // namespace

void give_back_large_blocks() {
  mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  mallopt(M_TRIM_THRESHOLD, kLargeBlock);
}

}  // namespace reverie::viewer
