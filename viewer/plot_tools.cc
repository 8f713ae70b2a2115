#include "viewer/plot_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reverie::viewer {

double time_axis_end(const TwinView& twin) {
  const double episode = static_cast<double>(twin.episode_steps()) * twin.step_seconds();
  return std::max({episode, twin.history().time.back(), twin.step_seconds()});
}

bool begin_time_plot(const char* id, const char* x_label, double x_max) {
  if (!ImPlot::BeginPlot(id, {-1, -1}, ImPlotFlags_NoTitle | ImPlotFlags_NoMenus | ImPlotFlags_NoBoxSelect))
    return false;
  ImPlot::SetupAxis(ImAxis_X1, x_label);
  ImPlot::SetupAxisLimits(ImAxis_X1, 0, x_max, ImPlotCond_Always);
  ImPlot::SetupLegend(ImPlotLocation_NorthWest, ImPlotLegendFlags_Outside | ImPlotLegendFlags_Horizontal);
  return true;
}

void stack_legend() { ImPlot::SetupLegend(ImPlotLocation_NorthEast, ImPlotLegendFlags_None); }

void plot_line(const char* name, const std::vector<double>& x, const std::vector<double>& y, ImVec4 colour,
               float width, bool shaded) {
  ImPlotSpec spec;
  spec.LineColor = colour;
  spec.LineWeight = width;
  spec.FillColor = colour;
  spec.FillAlpha = 0.45f;
  if (shaded) spec.Flags = ImPlotLineFlags_Shaded;
  ImPlot::PlotLine(name, x.data(), y.data(), static_cast<int>(std::min(x.size(), y.size())), spec);
}

void plot_band(const char* name, const std::vector<double>& x, const std::vector<double>& low,
               const std::vector<double>& high, ImVec4 colour) {
  ImPlotSpec spec;
  spec.FillColor = colour;
  spec.FillAlpha = 0.25f;
  ImPlot::PlotShaded(name, x.data(), low.data(), high.data(), static_cast<int>(x.size()), spec);
}

int thousands(double value, char* text, int size, void*) {
  const auto out =
      fmt::format_to_n(text, static_cast<size_t>(size - 1), "{:g}{}",
                       std::abs(value) < 1000 ? value : value / 1000, std::abs(value) < 1000 ? "" : "k");
  *out.out = '\0';
  return static_cast<int>(out.size);
}

void plot_marks(const char* name, const std::vector<double>& at, ImVec4 colour, bool horizontal) {
  if (at.empty()) return;
  ImPlotSpec spec;
  spec.LineColor = colour;
  if (horizontal) spec.Flags = ImPlotInfLinesFlags_Horizontal;
  ImPlot::PlotInfLines(name, at.data(), static_cast<int>(at.size()), spec);
}

}  // namespace reverie::viewer
