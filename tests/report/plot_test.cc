#include "report/plot.h"

#include <gmock/gmock.h>
#include <png.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/files.h"
#include "report/html.h"
#include "report/raster.h"
#include "report/stroke_font.h"
#include "report/svg.h"

namespace reverie::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Grey level of device pixel (x, y).
int level(const RasterPainter& painter, int x, int y) {
  const size_t i = (static_cast<size_t>(y) * painter.width() + x) * 3;
  return (painter.pixels()[i] + painter.pixels()[i + 1] + painter.pixels()[i + 2]) / 3;
}

// Ink on the page in pixels: 1 for a pixel that is wholly the text colour.
double ink(const RasterPainter& painter) {
  const Rgb paper = light_colour(Role::kBackground), text = light_colour(Role::kText);
  double sum = 0.0;
  for (size_t i = 0; i < painter.pixels().size(); i += 3)
    sum += double(paper.r - painter.pixels()[i]) / double(paper.r - text.r);
  return sum;
}

Plot example() {
  Plot plot;
  plot.title = "Drift & <hope>";
  plot.x_label = "steps";
  plot.y_label = "error";
  Series series;
  series.name = "dream";
  for (int i = 0; i <= 20; ++i) {
    series.x.push_back(i);
    series.y.push_back(0.1 * i);
    series.low.push_back(0.08 * i);
    series.high.push_back(0.13 * i);
  }
  plot.series = {series};
  plot.vertical = {{7.0, "valid", 0}};
  plot.horizontal = {{0.3, "0.3 σ", -1}};
  return plot;
}

TEST(Ticks, AreRoundAndInside) {
  EXPECT_THAT(nice_ticks(0.0, 1.0, 5), ElementsAre(0.0, 0.2, 0.4, testing::DoubleEq(0.2 * 3), 0.8, 1.0));
  EXPECT_THAT(nice_ticks(-3.0, 12.0, 4), ElementsAre(0.0, 5.0, 10.0));
  EXPECT_THAT(nice_ticks(0.0, 50000.0, 5), ElementsAre(0.0, 10000.0, 20000.0, 30000.0, 40000.0, 50000.0));
  EXPECT_TRUE(nice_ticks(1.0, 1.0, 5).empty());
  EXPECT_THAT(log_ticks(0.015, 3.0),
              ElementsAre(testing::DoubleEq(0.02), testing::DoubleEq(0.05), testing::DoubleEq(0.1),
                          testing::DoubleEq(0.2), testing::DoubleEq(0.5), testing::DoubleEq(1.0),
                          testing::DoubleEq(2.0)));
  EXPECT_EQ(log_ticks(1e-6, 1.0).size(), 7u);
  EXPECT_TRUE(log_ticks(0.0, 1.0).empty());
}

TEST(Ticks, TextIsAsShortAsTheSpacingAllows) {
  EXPECT_EQ(tick_text(0.4, 0.2), "0.4");
  EXPECT_EQ(tick_text(0.25, 0.05), "0.25");
  EXPECT_EQ(tick_text(800.0, 200.0), "800");
  EXPECT_EQ(tick_text(20000.0, 10000.0), "20k");
  EXPECT_EQ(tick_text(1500000.0, 500000.0), "1.5M");
  EXPECT_EQ(tick_text(0.0, 10000.0), "0");
  EXPECT_EQ(tick_text(-0.2, 0.1), "-0.2");
  EXPECT_EQ(tick_text(1e-6, 1e-6), "1e-6");
  EXPECT_EQ(tick_text(2e-5, 1e-5), "2e-5");
  EXPECT_EQ(tick_text(0.3 - 0.1 * 3, 0.1), "0");
}

TEST(Raster, InkIsTheAreaDrawn) {
  RasterPainter square(40, 40, 1.0);
  const Point corners[] = {{10.25, 10.5}, {20.75, 10.5}, {20.75, 20.0}, {10.25, 20.0}};
  square.polygon(corners, {Role::kText});
  EXPECT_NEAR(ink(square), 10.5 * 9.5, 0.5);

  RasterPainter line(40, 40, 2.0);
  const Point ends[] = {{5.0, 5.0}, {30.0, 30.0}};
  line.polyline(ends, {Role::kText}, 2.0, 0.0);
  const double length = std::hypot(50.0, 50.0), radius = 2.0;  // device pixels
  EXPECT_NEAR(ink(line), length * 2.0 * radius + M_PI * radius * radius, 8.0);

  RasterPainter dashed(120, 10, 1.0);
  const Point across[] = {{0.0, 5.0}, {100.0, 5.0}};
  dashed.polyline(across, {Role::kText}, 1.0, 10.0);
  EXPECT_NEAR(ink(dashed), 50.0, 6.0);  // half of it is gaps; round ends reach into them
}

TEST(Raster, PolygonsFollowTheNonZeroRule) {
  RasterPainter painter(30, 30, 1.0);
  // Two squares in the same direction, one over the other: the overlap is filled once.
  const Point both[] = {{2, 2}, {12, 2}, {12, 12}, {2, 12}, {2, 2},
                        {7, 7}, {17, 7}, {17, 17}, {7, 17}, {7, 7}};
  painter.polygon(both, {Role::kText});
  EXPECT_NEAR(ink(painter), 175.0, 1.0);
}

TEST(Raster, ClipKeepsTheRestClean) {
  RasterPainter painter(30, 30, 1.0);
  painter.clip({10, 10}, {20, 20});
  const Point across[] = {{0.0, 15.5}, {30.0, 15.5}};
  painter.polyline(across, {Role::kText}, 4.0, 0.0);
  EXPECT_LT(level(painter, 15, 15), 60);
  EXPECT_EQ(level(painter, 5, 15), 255);
  EXPECT_EQ(level(painter, 25, 15), 255);
}

TEST(Raster, TranslucentStrokesHaveNoDarkJoints) {
  RasterPainter painter(60, 20, 1.0);
  const Point bent[] = {{5.0, 10.0}, {30.0, 10.0}, {55.0, 10.0}};
  painter.polyline(bent, {Role::kText, 0.5}, 6.0, 0.0);
  EXPECT_EQ(level(painter, 30, 10), level(painter, 15, 10));
}

TEST(Raster, PngReadsBackThePixels) {
  std::vector<uint8_t> pixels(5 * 3 * 3);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 5);
  const std::string bytes = encode_png(5, 3, pixels);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  ASSERT_TRUE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
  EXPECT_EQ(image.width, 5u);
  EXPECT_EQ(image.height, 3u);
  image.format = PNG_FORMAT_RGB;
  std::vector<uint8_t> found(PNG_IMAGE_SIZE(image));
  ASSERT_TRUE(png_image_finish_read(&image, nullptr, found.data(), 0, nullptr));
  EXPECT_EQ(found, pixels);
  EXPECT_THROW(encode_png(5, 4, pixels), std::invalid_argument);
}

TEST(Font, HasEveryPrintableAsciiCharacter) {
  const Glyph& box = stroke_glyph(U'\uFFFD');
  for (char32_t c = 33; c < 127; ++c) {
    EXPECT_FALSE(stroke_glyph(c).strokes.empty()) << static_cast<int>(c);
    EXPECT_NE(&stroke_glyph(c), &box) << static_cast<int>(c);
  }
  for (const char32_t c : U"±×σ°–−≤≥→μ·…")
    if (c != 0) {
      EXPECT_NE(&stroke_glyph(c), &box) << static_cast<int>(c);
    }
  EXPECT_EQ(&stroke_glyph(U'漢'), &box);
}

TEST(Font, DecodesUtf8) {
  const std::string text = "a±≤\xF0\x9F\x98\x80\xFF";
  std::vector<char32_t> found;
  for (size_t i = 0; i < text.size();) found.push_back(next_code_point(text, i));
  EXPECT_THAT(found, ElementsAre(U'a', U'±', U'≤', U'\U0001F600', U'\uFFFD'));
  size_t i = 0;
  EXPECT_EQ(next_code_point("\xE2\x89", i), U'\uFFFD');  // cut short
}

TEST(Svg, EscapesAndBalances) {
  const std::string svg = to_svg(example());
  EXPECT_THAT(svg, HasSubstr("Drift &amp; &lt;hope&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<hope>")));
  const auto count = [&](std::string_view what) {
    size_t n = 0;
    for (size_t at = svg.find(what); at != std::string::npos; at = svg.find(what, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count("<svg"), count("</svg>"));
  EXPECT_EQ(count("<text"), count("</text>"));
  EXPECT_EQ(count("<polygon"), 1u);  // the band
}

TEST(Plot, DrawsAnyDataWithoutTrouble) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  Plot empty;
  Plot constant;
  constant.series = {Series{.name = "c", .x = {1, 2}, .y = {5, 5}, .low = {}, .high = {}}};
  Plot broken;
  broken.log_y = true;
  broken.series = {Series{.name = "b",
                          .x = {1, 2, 3, 4},
                          .y = {nan, 0.0, inf, 2.0},
                          .low = {nan, 0, 1, 1},
                          .high = {nan, 1, inf, 3}}};
  Plot single;
  single.series = {Series{.name = "one", .x = {3}, .y = {0.0}, .low = {}, .high = {}}};
  for (const Plot& plot : {empty, constant, broken, single}) {
    const std::string svg = to_svg(plot);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(Plot, LineGoesWhereTheDataSays) {
  Plot plot;
  plot.x_range = Range{0.0, 1.0};
  plot.y_range = Range{0.0, 1.0};
  Series half;
  half.x = {0.0, 1.0};
  half.y = {0.5, 0.5};
  plot.series = {half};
  Series bottom = half, top = half;
  bottom.y = {0.0, 0.0};
  top.y = {1.0, 1.0};
  // The middle line lies midway between the outer ones: read the heights from the SVG.
  const auto height = [&](const Series& series) {
    plot.series = {series};
    const std::string svg = to_svg(plot);
    const size_t clip = svg.find("<svg", 4);
    const size_t line = svg.find("<polyline points=\"", clip);
    const size_t comma = svg.find(',', line);
    return std::stod(svg.substr(comma + 1));
  };
  EXPECT_NEAR(height(half), (height(bottom) + height(top)) / 2.0, 0.02);
  EXPECT_GT(height(bottom), height(top));
}

TEST(Plot, WritesPngOfTheSizeAskedFor) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "plot_test.png";
  Plot plot = example();
  plot.width = 300;
  plot.height = 200;
  write_plot_png(path, plot, 2.0);
  const std::string bytes = base::read_file(path);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  ASSERT_TRUE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
  EXPECT_EQ(image.width, 600u);
  EXPECT_EQ(image.height, 400u);
  png_image_free(&image);
  std::filesystem::remove(path);
}

TEST(Html, IsSelfContainedAndEscaped) {
  HtmlPage page("a <b> title");
  page.headline("It holds & pays", "x < y");
  page.figures({{"return", "843", "n = 20"}});
  page.section("Section");
  page.plot(example(), "caption \"quoted\"");
  page.table({{"name", "value"}, {"<script>alert(1)</script>", "12.5"}});
  page.details("more", "{\"a\": 1}");
  const std::string html = page.finish();
  EXPECT_THAT(html, HasSubstr("<title>a &lt;b&gt; title</title>"));
  EXPECT_THAT(html, HasSubstr("It holds &amp; pays"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">12.5</td>"));
  EXPECT_THAT(html, HasSubstr("<td>&lt;script&gt;"));
  // The only addresses are XML namespaces: nothing is fetched.
  std::string rest = html;
  for (size_t at; (at = rest.find("http://www.w3.org/2000/svg")) != std::string::npos;) rest.erase(at, 26);
  EXPECT_THAT(rest, Not(HasSubstr("http")));
  EXPECT_THAT(rest, Not(HasSubstr("src=")));
  EXPECT_THAT(rest, Not(HasSubstr("url(")));
}

}  // namespace
}  // namespace reverie::report
