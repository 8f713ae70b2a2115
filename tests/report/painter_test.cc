#include "report/painter.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/report/picture.h"

namespace reverie::report {
namespace {

using testing::HasSubstr;

TEST(Painter, InkIsTheAreaDrawn) {
  Painter square = Painter::png(40, 40, 1.0);
  const Point corners[] = {{10.25, 10.5}, {20.75, 10.5}, {20.75, 20.0}, {10.25, 20.0}};
  square.polygon(corners, {Role::kText});
  EXPECT_NEAR(ink(decode(square.finish())), 10.5 * 9.5, 0.5);

  Painter line = Painter::png(40, 40, 2.0);
  const Point ends[] = {{5.0, 5.0}, {30.0, 30.0}};
  line.polyline(ends, {Role::kText}, 2.0, 0.0);
  const double length = std::hypot(50.0, 50.0), radius = 2.0;  // device pixels
  EXPECT_NEAR(ink(decode(line.finish())), length * 2.0 * radius + M_PI * radius * radius, 4.0);

  Painter dashed = Painter::png(120, 10, 1.0);
  const Point across[] = {{0.0, 5.0}, {100.0, 5.0}};
  dashed.polyline(across, {Role::kText}, 1.0, 10.0);
  EXPECT_NEAR(ink(decode(dashed.finish())), 50.0, 1.0);  // half of it is gaps

  Painter disc = Painter::png(40, 40, 2.0);
  disc.disc({20.0, 20.0}, 5.0, {Role::kText});
  EXPECT_NEAR(ink(decode(disc.finish())), M_PI * 100.0, 6.0);
}

TEST(Painter, PolygonsFollowTheNonZeroRule) {
  Painter painter = Painter::png(30, 30, 1.0);
  // Two squares in the same direction, one over the other: the overlap is filled once.
  const Point both[] = {{2, 2}, {12, 2}, {12, 12}, {2, 12}, {2, 2},
                        {7, 7}, {17, 7}, {17, 17}, {7, 17}, {7, 7}};
  painter.polygon(both, {Role::kText});
  EXPECT_NEAR(ink(decode(painter.finish())), 175.0, 1.0);
}

TEST(Painter, ClipKeepsTheRestCleanUntilUnclip) {
  Painter painter = Painter::png(30, 30, 1.0);
  painter.clip({10, 10}, {20, 20});
  const Point across[] = {{0.0, 15.5}, {30.0, 15.5}};
  painter.polyline(across, {Role::kText}, 4.0, 0.0);
  painter.unclip();
  const Point below[] = {{0.0, 25.0}, {30.0, 25.0}};
  painter.polyline(below, {Role::kText}, 2.0, 0.0);
  const Picture picture = decode(painter.finish());
  EXPECT_LT(picture.grey(15, 15), 60);
  EXPECT_EQ(picture.grey(5, 15), 255);
  EXPECT_EQ(picture.grey(25, 15), 255);
  EXPECT_LT(picture.grey(5, 24), 60);
}

TEST(Painter, TranslucentStrokesHaveNoDarkJoints) {
  Painter painter = Painter::png(60, 20, 1.0);
  const Point bent[] = {{5.0, 10.0}, {30.0, 10.0}, {55.0, 10.0}};
  painter.polyline(bent, {Role::kText, 0.5}, 6.0, 0.0);
  const Picture picture = decode(painter.finish());
  EXPECT_EQ(picture.grey(30, 10), picture.grey(15, 10));
  EXPECT_NEAR(picture.grey(30, 10), (255 + 32) / 2, 2);
}

TEST(Painter, TextIsAsWideAsItSaysAndStandsWhereItsAnchorIs) {
  for (const Anchor anchor : {Anchor::kStart, Anchor::kMiddle, Anchor::kEnd}) {
    Painter painter = Painter::png(200, 40, 2.0);
    const double width = painter.text_width("HHHHHH", 16.0);
    EXPECT_GT(width, 60.0);
    painter.text({100.0, 30.0}, "HHHHHH", {.size = 16.0, .anchor = anchor});
    const Picture picture = decode(painter.finish());
    int left = picture.width, right = 0;
    for (int x = 0; x < picture.width; ++x)
      if (picture.grey(x, 50) < 128) {
        left = std::min(left, x);
        right = std::max(right, x);
      }
    const double start = anchor == Anchor::kStart    ? 100.0
                         : anchor == Anchor::kMiddle ? 100.0 - width / 2.0
                                                     : 100.0 - width;
    EXPECT_NEAR(left / 2.0, start, 2.5);  // letters leave a little room at their sides
    EXPECT_NEAR(right / 2.0, start + width, 2.5);
  }
}

TEST(Painter, BoldTextHasMoreInkAndAPatchClearsTheLinesBelow) {
  const auto draw = [](bool bold, bool backed) {
    Painter painter = Painter::png(100, 40, 2.0);
    if (backed) {
      const Point across[] = {{0.0, 25.0}, {100.0, 25.0}};
      painter.polyline(across, {Role::kSeries0}, 30.0, 0.0);
    }
    painter.text({10.0, 30.0}, "drift", {.size = 16.0, .bold = bold, .backed = backed});
    return decode(painter.finish());
  };
  EXPECT_GT(ink(draw(true, false)), 1.2 * ink(draw(false, false)));
  const Picture blue = draw(false, true);
  int pale = 0;
  for (const Rgb pixel : blue.pixels) pale += pixel.r > 200 && pixel.g < 250;
  EXPECT_GT(pale, 100);  // the background's colour over the blue
}

TEST(Painter, HasTheCharactersThatPlotsUse) {
  const auto draw = [](const std::string& text) {
    Painter painter = Painter::png(40, 40, 1.0);
    painter.text({5.0, 30.0}, text, {.size = 24.0});
    return painter.finish();
  };
  const std::string unknown = draw("\U0010FFFD");  // no font has it: a box
  for (const std::string text : {"±", "×", "σ", "°", "–", "−", "≤", "≥", "→", "μ", "·", "…", "é", "A", "0"}) {
    EXPECT_TRUE(draw(text) != unknown) << text;
    EXPECT_GT(ink(decode(draw(text))), 4.0) << text;
  }
}

TEST(Painter, MalformedTextIsDrawnAndStopsNothing) {
  const auto draw = [](const std::string& text) {
    Painter painter = Painter::png(200, 60, 1.0);
    painter.text({5.0, 20.0}, text, {});
    painter.text({5.0, 50.0}, "after", {});
    return painter.finish();
  };
  const std::string replaced = draw("run\uFFFD one");
  EXPECT_TRUE(draw("run one") != replaced);
  EXPECT_TRUE(draw("run\xFF one") == replaced);  // no lead byte
  EXPECT_TRUE(draw("run\x80 one") == replaced);  // no lead byte
  EXPECT_TRUE(draw("run\xE2 one") == replaced);  // cut short
  const std::string three = draw("\uFFFD\uFFFD\uFFFD");
  EXPECT_TRUE(draw("\xE2\x89\xFF") == three);
  EXPECT_TRUE(draw("\xED\xA0\x80") == three);  // a surrogate
  EXPECT_TRUE(draw("\xE0\x80\x80") == three);  // longer than it has to be
  EXPECT_TRUE(draw("\xEF\xBF\xBE") == three);  // U+FFFE is no character
  EXPECT_TRUE(draw("\xF4\x90\x80\x80") == draw("\uFFFD\uFFFD\uFFFD\uFFFD"));
  const Picture picture = decode(draw("\xFF"));
  int below = 0;
  for (int y = 30; y < 60; ++y)
    for (int x = 0; x < 200; ++x) below += picture.grey(x, y) < 128;
  EXPECT_GT(below, 20);
}

TEST(Painter, TheSameStrokesGiveTheSameFile) {
  for (const bool svg : {false, true}) {
    const auto draw = [svg] {
      Painter painter = svg ? Painter::svg(100, 40) : Painter::png(100, 40, 2.0);
      painter.clip({0, 0}, {90, 40});
      painter.disc({20.0, 20.0}, 5.0, {Role::kSeries2, 0.5});
      painter.text({30.0, 30.0}, "drift", {.backed = true});
      painter.unclip();
      return painter.finish();
    };
    EXPECT_TRUE(draw() == draw());
  }
}

TEST(Painter, SvgHoldsALetterForEachCharacter) {
  const auto letters = [](const std::string& text) {
    Painter painter = Painter::svg(200, 40);
    painter.text({5.0, 30.0}, text, {});
    return occurrences(painter.finish(), "<use ");
  };
  EXPECT_EQ(letters("drift"), 5);
  EXPECT_EQ(letters("σ≤3"), 3);
  EXPECT_EQ(letters(""), 0);
}

}  // namespace
}  // namespace reverie::report
