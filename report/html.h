// HtmlPage: a self-contained HTML page.
// It fetches nothing, and it reads well in light, in dark and on paper.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/plot.h"

namespace reverie::report {

// A page is built from top to bottom. All arguments are plain text, which is escaped.
class HtmlPage {
 public:
  explicit HtmlPage(std::string_view title);

  void headline(std::string_view text, std::string_view subtitle);  // the first thing a reader sees
  // A row of big numbers: what was measured, its value and a line below it.
  struct Figure {
    std::string name, value, note;
  };
  void figures(const std::vector<Figure>& figures);
  void section(std::string_view title);
  void paragraph(std::string_view text);
  void plot(const Plot& plot, std::string_view caption);                 // as an SVG inside the page
  void plots(const std::vector<Plot>& plots, std::string_view caption);  // side by side where there is room
  // Files beside the page, which links to them by name.
  struct Video {
    std::string file, caption;
  };
  void videos(const std::vector<Video>& videos, std::string_view caption);
  // The first row is the head; a click on it sorts. Columns that hold numbers are set flush right.
  void table(const std::vector<std::vector<std::string>>& rows);
  void details(std::string_view summary, std::string_view preformatted);  // folded away until asked for

  std::string finish() const;  // the whole document

 private:
  std::string title_;
  std::string body_;
};

}  // namespace reverie::report
