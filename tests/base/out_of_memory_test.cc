#include "base/out_of_memory.h"

#include <gtest/gtest.h>

#include <new>
#include <system_error>

#include "base/error.h"

namespace reverie::base {
namespace {

TEST(OutOfMemory, IsKnownHoweverItIsSaid) {
  EXPECT_TRUE(is_out_of_memory(OutOfMemory("here")));
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  EXPECT_TRUE(is_out_of_memory(UserError("dmc/walker-walk: MuJoCo: Could not allocate memory")));
  EXPECT_TRUE(
      is_out_of_memory(std::runtime_error("DefaultCPUAllocator: can't allocate memory: you tried to")));
  EXPECT_TRUE(
      is_out_of_memory(std::system_error(EAGAIN, std::generic_category())));  // a thread without a stack
  EXPECT_FALSE(is_out_of_memory(std::system_error(ENOENT, std::generic_category())));
  EXPECT_FALSE(is_out_of_memory(UserError("max_memory=10: at least max_memory=310 is needed")));
}

}  // namespace
}  // namespace reverie::base
