#include "report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/raster.h"
#include "report/svg.h"

namespace reverie::report {
namespace {

constexpr double kLabelSize = 12.0;

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

void draw_axes(const Frame& frame, bool x_grid, std::span<const Tick> x_ticks, std::span<const Tick> y_ticks,
               Painter& painter) {
  TextStyle style{.ink = {Role::kMuted}, .size = kLabelSize, .bold = false, .anchor = Anchor::kEnd};
  for (const Tick& tick : y_ticks) {
    const double y = std::round(frame.at_y(tick.at)) + 0.5;
    const Point line[] = {{frame.left, y}, {frame.right, y}};
    painter.polyline(line, {Role::kGrid}, 1.0, 0.0);
    painter.text({frame.left - 8.0, y + 0.36 * kLabelSize}, tick.text, style);
  }
  style.anchor = Anchor::kMiddle;
  const double base = std::round(frame.bottom) + 0.5;
  for (const Tick& tick : x_ticks) {
    const double x = std::round(frame.at_x(tick.at)) + 0.5;
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
    const double y = std::round(frame.at_y(marker.at)) + 0.5;
    if (y < frame.top || y > frame.bottom) continue;
    const Ink ink{series_role(marker.colour)};
    const Point line[] = {{frame.left, y}, {frame.right, y}};
    painter.polyline(line, ink, 1.2, 3.0);
    painter.text({frame.right - 4.0, y - 5.0}, marker.label,
                 {.ink = ink, .size = 11.0, .bold = false, .anchor = Anchor::kEnd});
  }
  double label_y = frame.top + 12.0;
  for (const Marker& marker : plot.vertical) {
    const double x = std::round(frame.at_x(marker.at)) + 0.5;
    if (x < frame.left || x > frame.right) continue;
    const Ink ink{series_role(marker.colour)};
    const Point line[] = {{x, frame.top}, {x, frame.bottom}};
    painter.polyline(line, ink, 1.2, 3.0);
    const bool flip = x + 6.0 + text_width(marker.label, 11.0) > frame.right;
    painter.text({flip ? x - 6.0 : x + 6.0, label_y}, marker.label,
                 {.ink = ink, .size = 11.0, .bold = false, .anchor = flip ? Anchor::kEnd : Anchor::kStart});
    label_y += 15.0;
  }
}

// One row, or more when it is full, from (left, y); returns the height used.
double draw_legend(const Plot& plot, double left, double right, double y, Painter* painter) {
  constexpr double kSwatch = 20.0, kGap = 7.0, kRow = 19.0;
  double x = left, used = 0.0;
  for (const Series& series : plot.series) {
    if (series.name.empty()) continue;
    // A page's font may be wider than ours.
    const double width = kSwatch + kGap + 1.12 * text_width(series.name, kLabelSize);
    if (used == 0.0) used = kRow;
    if (x > left && x + width > right) {
      x = left;
      used += kRow;
    }
    if (painter) {
      const double row = y + used - kRow + 9.0;
      const Role role = series_role(series.colour);
      const Point line[] = {{x, row}, {x + kSwatch, row}};
      if (series.line)
        painter->polyline(line, {role}, std::max(series.width, 2.0), series.dashed ? 5.0 : 0.0);
      if (series.points || !series.line) painter->disc({x + kSwatch / 2.0, row}, 3.5, {role});
      painter->text({x + kSwatch + kGap, row + 0.36 * kLabelSize}, series.name,
                    {.ink = {Role::kText}, .size = kLabelSize, .bold = false, .anchor = Anchor::kStart});
    }
    x += width + 16.0;
  }
  return used;
}

}  // namespace

std::vector<double> nice_ticks(double low, double high, int count) {
  if (!(high > low) || count < 1) return {};
  const double rough = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double fraction = rough / power;
  const double step = power * (fraction <= 1.5 ? 1.0 : fraction <= 3.5 ? 2.0 : fraction <= 7.5 ? 5.0 : 10.0);
  std::vector<double> ticks;
  const auto first = static_cast<int64_t>(std::ceil(low / step - 1e-9));
  const auto last = static_cast<int64_t>(std::floor(high / step + 1e-9));
  for (int64_t i = first; i <= last; ++i) ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

std::vector<double> log_ticks(double low, double high) {
  if (!(low > 0.0) || !(high > low)) return {};
  const double decades = std::log10(high / low);
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / 8.0)));
  std::vector<double> ticks;
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  for (int e = first; e <= last; ++e) {
    for (const double m : {1.0, 2.0, 5.0}) {
      if (m > 1.0 && decades > 2.5) continue;
      if (m == 1.0 && e % stride != 0) continue;
      const double v = m * std::pow(10.0, e);
      if (v >= low * (1.0 - 1e-9) && v <= high * (1.0 + 1e-9)) ticks.push_back(v);
    }
  }
  return ticks;
}

std::string tick_text(double value, double spacing) {
  const double size = std::abs(value);
  if (size < std::abs(spacing) * 1e-6) return "0";
  if (size >= 1e6 || std::abs(spacing) >= 1e6) return fmt::format("{:.4g}M", value / 1e6);
  if (size >= 1e4 || std::abs(spacing) >= 1e4) return fmt::format("{:.5g}k", value / 1e3);
  if (std::abs(spacing) < 1e-3) {
    const int exponent = static_cast<int>(std::floor(std::log10(size) + 1e-9));
    return fmt::format("{:.3g}e{}", value / std::pow(10.0, exponent), exponent);
  }
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(std::abs(spacing)) - 1e-9)), 0, 6);
  return fmt::format("{:.{}f}", value, decimals);
}

void draw_plot(const Plot& plot, Painter& painter) {
  Frame frame{.left = 0.0,
              .right = plot.width - 18.0,
              .top = 0.0,
              .bottom = plot.height - 46.0,
              .x = fit_x(plot),
              .y = fit_y(plot),
              .log_y = plot.log_y};
  const std::vector<Tick> y_ticks = make_ticks(frame.y, plot.log_y, std::max(2, plot.height / 75));
  double widest = 0.0;
  for (const Tick& tick : y_ticks) widest = std::max(widest, text_width(tick.text, kLabelSize));
  frame.left = std::max(40.0, widest + 20.0);
  const int columns = std::max(2, static_cast<int>((frame.right - frame.left) / 85.0));
  const std::vector<Tick> x_ticks = make_ticks(frame.x, false, columns);

  constexpr double kMargin = 14.0;
  double y = kMargin;
  if (!plot.title.empty()) {
    painter.text({kMargin, y + 14.0}, plot.title,
                 {.ink = {Role::kText}, .size = 16.0, .bold = true, .anchor = Anchor::kStart});
    y += 26.0;
  }
  const double legend = draw_legend(plot, kMargin, plot.width - kMargin, y, &painter);
  if (legend > 0.0) y += legend + 5.0;
  const TextStyle label{.ink = {Role::kMuted}, .size = kLabelSize, .bold = false, .anchor = Anchor::kStart};
  if (!plot.y_label.empty()) {
    painter.text({kMargin, y + 12.0}, plot.y_label, label);
    y += 18.0;
  }
  frame.top = y + 8.0;

  draw_axes(frame, is_scatter(plot), x_ticks, y_ticks, painter);
  TextStyle centred = label;
  centred.anchor = Anchor::kMiddle;
  painter.text({(frame.left + frame.right) / 2.0, plot.height - 8.0}, plot.x_label, centred);
  painter.clip({frame.left - 4.0, frame.top - 4.0}, {frame.right + 4.0, frame.bottom + 1.0});
  for (const Series& series : plot.series) draw_band(series, frame, painter);
  for (const Series& series : plot.series) draw_line(series, frame, painter);
  draw_markers(plot, frame, painter);
  painter.unclip();
}

std::string to_svg(const Plot& plot) {
  SvgPainter painter(plot.width, plot.height, plot.title);
  draw_plot(plot, painter);
  return painter.finish();
}

void write_plot_png(const std::filesystem::path& path, const Plot& plot, double scale) {
  RasterPainter painter(plot.width, plot.height, scale);
  draw_plot(plot, painter);
  write_png(path, painter.width(), painter.height(), painter.pixels());
}

}  // namespace reverie::report
