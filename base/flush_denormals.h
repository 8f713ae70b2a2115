// FlushDenormals: while one lives, numbers below 1.2e-38 count as zero on its thread.
// A softmax that is sure of itself makes many such numbers, and an Intel processor takes a hundred times as
// long for each. It is never used around physics, whose bits are the engine's.
#pragma once

#ifdef __SSE__
#include <xmmintrin.h>
#endif

namespace reverie::base {

class FlushDenormals {
 public:
#ifdef __SSE__
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kResultsToZero | kOperandsAreZero); }
  ~FlushDenormals() { _mm_setcsr(before_); }
#else
  FlushDenormals() = default;
  ~FlushDenormals() {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#ifdef __SSE__
  static constexpr unsigned kResultsToZero = 0x8000, kOperandsAreZero = 0x0040;
  unsigned before_;
#endif
};

}  // namespace reverie::base
