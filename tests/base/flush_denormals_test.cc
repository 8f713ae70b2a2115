#include "base/flush_denormals.h"

#include <gtest/gtest.h>

namespace reverie::base {
namespace {

float tenth_of(float value) {
  const volatile float x = value;  // at run time
  return x * 0.1F;
}

TEST(FlushDenormals, OnlyWhileOneLives) {
  constexpr float kSmallest = 1.2e-38F;
  EXPECT_GT(tenth_of(kSmallest), 0.0F);
  {
    const FlushDenormals flush;
#ifdef __SSE__
    EXPECT_EQ(tenth_of(kSmallest), 0.0F);
    EXPECT_EQ(tenth_of(1e-40F) * 1e10F, 0.0F);
#endif
    const FlushDenormals again;
  }
  EXPECT_GT(tenth_of(kSmallest), 0.0F);
}

}  // namespace
}  // namespace reverie::base
