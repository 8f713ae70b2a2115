#include "report/html.h"

#include <gmock/gmock.h>

#include "tests/report/picture.h"

namespace reverie::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Plot example(const std::string& title) {
  Plot plot;
  plot.title = title;
  plot.x_label = "steps";
  plot.y_label = "error";
  Series series;
  series.name = "a \"dream\"";
  series.x = {0, 1};
  series.y = {0, 1};
  plot.series = {series};
  return plot;
}

TEST(Html, IsSelfContainedAndEscaped) {
  HtmlPage page("a <b> title");
  page.headline("It holds & pays", "x < y");
  page.figures({{"return", "843", "n = 20"}});
  page.section("Section");
  page.plot(example("a <hope>"), "caption \"quoted\"");
  page.table({{"name", "value"}, {"<script>alert(1)</script>", "12.5"}});
  page.details("more", "{\"a\": 1}");
  const std::string html = page.finish();
  EXPECT_THAT(html, HasSubstr("<title>a &lt;b&gt; title</title>"));
  EXPECT_THAT(html, HasSubstr("It holds &amp; pays"));
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">12.5</td>"));
  EXPECT_THAT(html, HasSubstr("<td>&lt;script&gt;"));
  // The only addresses are pictures in the page and, inside of them, XML namespaces: nothing is fetched.
  std::string rest = html;
  for (const std::string name : {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"})
    for (size_t at; (at = rest.find(name)) != std::string::npos;) rest.erase(at, name.size());
  EXPECT_THAT(rest, Not(HasSubstr("http")));
  EXPECT_EQ(occurrences(rest, "src="), occurrences(rest, "src=\"data:image/svg+xml,"));
  EXPECT_EQ(occurrences(rest, "url("), occurrences(rest, "url(%23"));
}

TEST(Html, PlotsAreDescribedPictures) {
  HtmlPage page("t");
  page.plots({example("first"), example("second & last")}, "");
  const std::string html = page.finish();
  EXPECT_EQ(occurrences(html, "<img "), 2);
  EXPECT_THAT(html, HasSubstr("alt=\"first: error over steps; a &quot;dream&quot;\""));
  EXPECT_THAT(html, HasSubstr("alt=\"second &amp; last: error over steps; a &quot;dream&quot;\""));
  // What an address may not hold is written as %XX: decoded it is the SVG file again.
  const size_t start = html.find("data:image/svg+xml,") + 19;
  std::string svg;
  for (size_t i = start; html[i] != '"'; ++i) {
    if (html[i] != '%') {
      svg += html[i];
      continue;
    }
    svg += static_cast<char>(std::stoi(html.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  EXPECT_TRUE(svg == to_svg(example("first")));
}

}  // namespace
}  // namespace reverie::report
