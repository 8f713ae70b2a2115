#include "base/spill_file.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "base/error.h"
#include "base/temporary_directory.h"

namespace reverie::base {
namespace {

TEST(SpillFile, GivesBackWhatItWasGivenAndLeavesNothingBehind) {
  const TemporaryDirectory scratch;
  std::vector<float> first(1000), second(3000);
  std::iota(first.begin(), first.end(), 0.5f);
  std::iota(second.begin(), second.end(), 7000.0f);
  SpillFile file(scratch.path());
  const uint64_t a = file.append(first), b = file.append(second);
  std::vector<float> part(10);
  file.read(b + 5 * sizeof(float), part);
  EXPECT_EQ(part.front(), 7005.0f);
  EXPECT_EQ(part.back(), 7014.0f);
  std::vector<float> all(1000);
  file.read(a, all);
  EXPECT_EQ(all, first);
  file.forget(a, first.size() * sizeof(float));
  file.read(b, part);
  EXPECT_EQ(part.front(), 7000.0f);
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
  std::vector<float> beyond(5000);
  EXPECT_THROW(file.read(b, beyond), UserError);
}

}  // namespace
}  // namespace reverie::base
