#include "report/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/files.h"
#include "report/painter.h"
#include "report/ticks.h"

namespace reverie::report {
namespace {

constexpr double kLabelSize = 11.0;
constexpr double kMargin = 14.0;  // logical pixels

// Data to logical pixels.
struct Frame {
  double left = 0.0, right = 0.0, top = 0.0, bottom = 0.0;
  Range x, y;
  bool log_y = false;

  double at_x(double value) const { return left + (value - x.low) / (x.high - x.low) * (right - left); }
  double at_y(double value) const {
    if (!log_y) return bottom - (value - y.low) / (y.high - y.low) * (bottom - top);
    const double floored = std::log(std::max(value, y.low * 1e-3));
    return bottom - (floored - std::log(y.low)) / (std::log(y.high) - std::log(y.low)) * (bottom - top);
  }
};

struct Tick {
  double at;
  std::string text;
};

Role series_role(int colour) {
  if (colour < 0) return Role::kMuted;
  return static_cast<Role>(static_cast<int>(Role::kSeries0) + colour % kSeriesColours);
}

bool usable(double value, bool log) { return std::isfinite(value) && (!log || value > 0.0); }

void widen(Range& range, std::span<const double> values, bool log) {
  for (const double v : values) {
    if (!usable(v, log)) continue;
    range.low = std::min(range.low, v);
    range.high = std::max(range.high, v);
  }
}

// Fit to the data with a little air, never of zero length.
Range padded(Range range, bool log, double air) {
  if (range.low > range.high) return log ? Range{0.1, 1.0} : Range{0.0, 1.0};
  if (log) {
    if (range.low == range.high) return {range.low / 2.0, range.high * 2.0};
    const double factor = std::pow(range.high / range.low, air);
    return {range.low / factor, range.high * factor};
  }
  if (range.low == range.high) {
    const double half = range.low == 0.0 ? 0.5 : std::abs(range.low) * 0.1;
    return {range.low - half, range.high + half};
  }
  const double room = (range.high - range.low) * air;
  // An axis that starts at zero, or near it, is easier to read from zero.
  const bool from_zero = range.low >= 0.0 && range.low < 0.35 * range.high;
  return {from_zero ? 0.0 : range.low - room, range.high + room};
}

bool is_scatter(const Plot& plot) {
  return std::any_of(plot.series.begin(), plot.series.end(),
                     [](const Series& s) { return s.points && !s.line; });
}

Range fit_x(const Plot& plot) {
  if (plot.x_range) return *plot.x_range;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Range range{kInfinity, -kInfinity};
  for (const Series& s : plot.series) widen(range, s.x, false);
  if (!is_scatter(plot) && range.low < range.high) return range;
  return padded(range, false, 0.06);
}

Range fit_y(const Plot& plot) {
  if (plot.y_range) return *plot.y_range;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Range range{kInfinity, -kInfinity};
  for (const Series& s : plot.series) {
    widen(range, s.y, plot.log_y);
    widen(range, s.low, plot.log_y);
    widen(range, s.high, plot.log_y);
  }
  for (const Marker& m : plot.horizontal) widen(range, std::span(&m.at, 1), plot.log_y);
  return padded(range, plot.log_y, 0.06);
}

std::vector<Tick> make_ticks(Range range, bool log, int count) {
  const std::vector<double> at =
      log ? log_ticks(range.low, range.high) : nice_ticks(range.low, range.high, count);
  const double spacing = at.size() > 1 ? at[1] - at[0] : 1.0;
  std::vector<Tick> ticks;
  ticks.reserve(at.size());
  for (const double v : at) ticks.push_back({v, log ? tick_text(v, v) : tick_text(v, spacing)});
  return ticks;
}

double widest(std::span<const Tick> ticks, Painter& painter) {
  double width = 0.0;
  for (const Tick& tick : ticks) width = std::max(width, painter.text_width(tick.text, kLabelSize));
  return width;
}

// As many ticks along the x axis as leave room between their labels.
std::vector<Tick> x_ticks_of(const Frame& frame, Painter& painter) {
  for (int count = 12; count > 2; --count) {
    std::vector<Tick> ticks = make_ticks(frame.x, false, count);
    const double room = (frame.right - frame.left) / std::max<double>(ticks.size(), 1.0);
    if (room >= 55.0 && room >= widest(ticks, painter) + 20.0) return ticks;
  }
  return make_ticks(frame.x, false, 2);
}

// A line of one logical pixel is sharp when its edges lie between the pixels of a picture of scale 2.
double sharp(double position) { return std::round(2.0 * position) / 2.0; }

// `text`, or as much of its start as fits `room` logical pixels with an ellipsis behind it.
std::string fitted(const std::string& text, double size, bool bold, double room, Painter& painter) {
  if (painter.text_width(text, size, bold) <= room) return text;
  std::string start = text;
  while (!start.empty() && painter.text_width(start + "…", size, bold) > room) {
    while (!start.empty() && (start.back() & 0xC0) == 0x80) start.pop_back();  // a character of several bytes
    if (!start.empty()) start.pop_back();
  }
  return start + "…";
}

void draw_axes(const Frame& frame, bool x_grid, std::span<const Tick> x_ticks, std::span<const Tick> y_ticks,
               Painter& painter) {
  TextStyle style{.ink = {Role::kMuted}, .size = kLabelSize, .anchor = Anchor::kEnd};
  for (const Tick& tick : y_ticks) {
    const double y = sharp(frame.at_y(tick.at));
    const Point line[] = {{frame.left, y}, {frame.right, y}};
    painter.polyline(line, {Role::kGrid}, 1.0, 0.0);
    painter.text({frame.left - 8.0, y + 0.36 * kLabelSize}, tick.text, style);
  }
  style.anchor = Anchor::kMiddle;
  const double base = sharp(frame.bottom);
  for (const Tick& tick : x_ticks) {
    const double x = sharp(frame.at_x(tick.at));
    const Point grid[] = {{x, frame.top}, {x, base}};
    if (x_grid) painter.polyline(grid, {Role::kGrid}, 1.0, 0.0);
    const Point line[] = {{x, base}, {x, base + 5.0}};
    painter.polyline(line, {Role::kAxis}, 1.0, 0.0);
    painter.text({x, base + 19.0}, tick.text, style);
  }
  const Point axis[] = {{frame.left, base}, {frame.right, base}};
  painter.polyline(axis, {Role::kAxis}, 1.2, 0.0);
}

void draw_band(const Series& series, const Frame& frame, Painter& painter) {
  std::vector<Point> upper, lower;
  const auto flush = [&] {
    if (upper.size() > 1) {
      upper.insert(upper.end(), lower.rbegin(), lower.rend());
      painter.polygon(upper, {series_role(series.colour), 0.16});
    }
    upper.clear();
    lower.clear();
  };
  for (size_t i = 0; i < series.low.size() && i < series.high.size(); ++i) {
    if (!std::isfinite(series.low[i]) || !usable(series.high[i], frame.log_y)) {
      flush();
      continue;
    }
    const double x = frame.at_x(series.x[i]);
    upper.push_back({x, frame.at_y(series.high[i])});
    lower.push_back({x, frame.at_y(series.low[i])});
  }
  flush();
}

void draw_line(const Series& series, const Frame& frame, Painter& painter) {
  const Role role = series_role(series.colour);
  std::vector<Point> points;
  const auto flush = [&] {
    if (series.line && points.size() > 1)
      painter.polyline(points, {role}, series.width, series.dashed ? 5.0 : 0.0);
    // A point alone between gaps would be invisible as a line.
    if (series.points || points.size() == 1)
      for (const Point& p : points)
        painter.disc(p, series.line ? 3.0 : 4.0, {role, series.line ? 1.0 : 0.75});
    points.clear();
  };
  for (size_t i = 0; i < series.y.size(); ++i) {
    if (!usable(series.y[i], frame.log_y) || !std::isfinite(series.x[i])) {
      flush();
      continue;
    }
    points.push_back({frame.at_x(series.x[i]), frame.at_y(series.y[i])});
  }
  flush();
}

void draw_markers(const Plot& plot, const Frame& frame, Painter& painter) {
  for (const Marker& marker : plot.horizontal) {
    const double y = sharp(frame.at_y(marker.at));
    if (y < frame.top || y > frame.bottom) continue;
    const Ink ink{series_role(marker.colour)};
    const Point line[] = {{frame.left, y}, {frame.right, y}};
    painter.polyline(line, ink, 1.0, 3.0);
    const bool below = y - 5.0 - kLabelSize < frame.top;
    painter.text({frame.right - 4.0, below ? y + 5.0 + 0.72 * kLabelSize : y - 5.0}, marker.label,
                 {.ink = ink, .size = kLabelSize, .anchor = Anchor::kEnd, .backed = true});
  }
  double label_y = frame.top + 12.0;
  for (const Marker& marker : plot.vertical) {
    const double x = sharp(frame.at_x(marker.at));
    if (x < frame.left || x > frame.right) continue;
    const Ink ink{series_role(marker.colour)};
    const Point line[] = {{x, frame.top}, {x, frame.bottom}};
    painter.polyline(line, ink, 1.0, 3.0);
    const bool flip = x + 6.0 + painter.text_width(marker.label, kLabelSize) > frame.right;
    painter.text({flip ? x - 6.0 : x + 6.0, label_y}, marker.label,
                 {.ink = ink,
                  .size = kLabelSize,

                  .anchor = flip ? Anchor::kEnd : Anchor::kStart,
                  .backed = true});
    label_y += 15.0;
  }
}

// One row from (left, y), or more when it is full. Returns the height used.
double draw_legend(const Plot& plot, double left, double right, double y, Painter& painter) {
  constexpr double kSwatch = 25.0, kGap = 7.0, kRow = 19.0, kBetween = 22.0;
  double x = left, used = 0.0;
  for (const Series& series : plot.series) {
    if (series.name.empty()) continue;
    const std::string name = fitted(series.name, kLabelSize, false, right - left - kSwatch - kGap, painter);
    const double width = kSwatch + kGap + painter.text_width(name, kLabelSize);
    if (used == 0.0) used = kRow;
    if (x > left && x + width > right) {
      x = left;
      used += kRow;
    }
    const double row = y + used - kRow + 9.0;
    const Role role = series_role(series.colour);
    const Point line[] = {{x, row}, {x + kSwatch, row}};  // three dashes with two gaps when dashed
    if (series.line)
      painter.polyline(line, {role}, std::max(series.width, 2.0), series.dashed ? kSwatch / 5.0 : 0.0);
    if (series.points || !series.line) painter.disc({x + kSwatch / 2.0, row}, 3.5, {role});
    painter.text({x + kSwatch + kGap, row + 0.36 * kLabelSize}, name,
                 {.ink = {Role::kText}, .size = kLabelSize, .anchor = Anchor::kStart});
    x += width + kBetween;
  }
  return used;
}

// Title, legend and the name of the y axis, from the top. Returns where they end.
double draw_head(const Plot& plot, Painter& painter) {
  constexpr double kTitleSize = 14.0;
  const double room = plot.width - 2.0 * kMargin;
  double y = kMargin;
  if (!plot.title.empty()) {
    painter.text({kMargin, y + 14.0}, fitted(plot.title, kTitleSize, true, room, painter),
                 {.ink = {Role::kText}, .size = kTitleSize, .bold = true, .anchor = Anchor::kStart});
    y += 26.0;
  }
  const double legend = draw_legend(plot, kMargin, plot.width - kMargin, y, painter);
  if (legend > 0.0) y += legend + 5.0;
  if (!plot.y_label.empty()) {
    painter.text({kMargin, y + 12.0}, fitted(plot.y_label, kLabelSize, false, room, painter),
                 {.ink = {Role::kMuted}, .size = kLabelSize, .anchor = Anchor::kStart});
    y += 18.0;
  }
  return y;
}

}  // namespace

void draw_plot(const Plot& plot, Painter& painter) {
  Frame frame{.left = 0.0,
              .right = plot.width - 18.0,
              .top = draw_head(plot, painter) + 8.0,
              .bottom = plot.height - 46.0,
              .x = fit_x(plot),
              .y = fit_y(plot),
              .log_y = plot.log_y};
  const std::vector<Tick> y_ticks = make_ticks(frame.y, plot.log_y, std::max(2, plot.height / 75));
  frame.left = std::max(40.0, kMargin + widest(y_ticks, painter) + 8.0);
  std::vector<Tick> x_ticks = x_ticks_of(frame, painter);
  // The last label is centred below its tick and has to stay inside.
  if (!x_ticks.empty()) {
    const double half = painter.text_width(x_ticks.back().text, kLabelSize) / 2.0;
    frame.right -= std::max(0.0, frame.at_x(x_ticks.back().at) + half + 6.0 - plot.width);
  }

  draw_axes(frame, is_scatter(plot), x_ticks, y_ticks, painter);
  painter.text({(frame.left + frame.right) / 2.0, plot.height - 8.0}, plot.x_label,
               {.ink = {Role::kMuted}, .size = kLabelSize, .anchor = Anchor::kMiddle});
  painter.clip({frame.left - 4.0, frame.top - 4.0}, {frame.right + 4.0, frame.bottom + 1.0});
  for (const Series& series : plot.series) draw_band(series, frame, painter);
  for (const Series& series : plot.series) draw_line(series, frame, painter);
  draw_markers(plot, frame, painter);
  painter.unclip();
}

std::string to_svg(const Plot& plot) {
  Painter painter = Painter::svg(plot.width, plot.height);
  draw_plot(plot, painter);
  return painter.finish();
}

std::string describe(const Plot& plot) {
  std::string text = plot.title;
  if (!plot.y_label.empty()) text += ": " + plot.y_label;
  if (!plot.x_label.empty()) text += " over " + plot.x_label;
  std::string names;
  for (const Series& series : plot.series)
    if (!series.name.empty()) names += (names.empty() ? "" : ", ") + series.name;
  return names.empty() ? text : text + "; " + names;
}

void write_plot_png(const std::filesystem::path& path, const Plot& plot, double scale) {
  Painter painter = Painter::png(plot.width, plot.height, scale);
  draw_plot(plot, painter);
  base::write_file_atomic(path, painter.finish());
}

}  // namespace reverie::report
