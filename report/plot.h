// A plot as plain data, and its drawing as a PNG or an SVG.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace reverie::report {

class Painter;

// One curve or one cloud of points.
struct Series {
  std::string name;               // legend entry; empty: none
  std::vector<double> x, y;       // same length; a NaN breaks the line
  std::vector<double> low, high;  // shaded band around y, same length, or both empty
  int colour = 0;                 // 0..5, see Role::kSeries0; -1: grey
  bool line = true;
  bool points = false;  // a dot at every point
  bool dashed = false;
  double width = 2.0;
};

// A labelled straight line across the plot.
struct Marker {
  double at = 0.0;
  std::string label;
  int colour = -1;
};

struct Range {
  double low = 0.0, high = 1.0;
};

struct Plot {
  std::string title;
  std::string x_label, y_label;
  std::vector<Series> series;
  std::vector<Marker> vertical;           // at x
  std::vector<Marker> horizontal;         // at y
  bool log_y = false;                     // values <= 0 are left out
  std::optional<Range> x_range, y_range;  // fitted to the data when absent
  int width = 720, height = 400;          // logical pixels
};

// The bytes of an SVG file. The same plot gives the same bytes. It has no background.
std::string to_svg(const Plot& plot);

// The plot in words, for those who cannot see it: title, axes and the names of the series.
std::string describe(const Plot& plot);

// Writes a PNG with `scale` device pixels a logical pixel. The file is replaced as a whole.
void write_plot_png(const std::filesystem::path& path, const Plot& plot, double scale = 2.0);

// Draws onto a painter of the plot's size.
void draw_plot(const Plot& plot, Painter& painter);

}  // namespace reverie::report
