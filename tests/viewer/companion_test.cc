// The thread that steps physics while the model steps.
#include "viewer/companion.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace reverie::viewer {
namespace {

TEST(Companion, DoesBothAtTheSameTime) {
  Companion companion;
  int64_t sum = 0;
  for (int i = 0; i < 500; ++i) {
    // Each side waits for the other one: alone, neither would end.
    std::atomic<int> here{0};
    int theirs = 0, mine = 0;
    const auto meet = [&](int* side) {
      ++here;
      while (here.load() < 2) std::this_thread::yield();
      *side = i;
    };
    companion.together([&] { meet(&theirs); }, [&] { meet(&mine); });
    sum += theirs + mine;
  }
  EXPECT_EQ(sum, 499 * 500);
}

TEST(Companion, ThrowsWhatEitherSideThrewAndGoesOn) {
  Companion companion;
  const auto nothing = [] {};
  const auto fail = [](const char* what) { return [what] { throw std::runtime_error(what); }; };
  EXPECT_THROW(companion.together(fail("theirs"), nothing), std::runtime_error);
  EXPECT_NO_THROW(companion.together(nothing, nothing));
  try {
    companion.together(fail("theirs"), fail("mine"));
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "mine");
  }
  EXPECT_NO_THROW(companion.together(nothing, nothing));
}

}  // namespace
}  // namespace reverie::viewer
