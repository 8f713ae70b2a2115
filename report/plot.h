// A plot as plain data, drawn to PNG (files) or SVG (pages) by the same code.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/painter.h"

namespace reverie::report {

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

std::string to_svg(const Plot& plot);

// `scale` device pixels a logical pixel. Atomic.
void write_plot_png(const std::filesystem::path& path, const Plot& plot, double scale = 2.0);

// Draw onto any painter of the plot's size.
void draw_plot(const Plot& plot, Painter& painter);

// Round tick positions (1, 2 or 5 times a power of ten) inside [low, high]: about `count` of them.
std::vector<double> nice_ticks(double low, double high, int count);
// Ticks of a logarithmic axis: powers of ten, with 2 and 5 between when the range is short.
std::vector<double> log_ticks(double low, double high);
// "0.25", "1500", "20k", "1.5M", "1e-6": as short as the spacing of the ticks allows.
std::string tick_text(double value, double spacing);

}  // namespace reverie::report
