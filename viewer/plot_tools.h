// Axes, lines and marks of the plot panels.
#pragma once

#include <implot.h>

#include <vector>

#include "viewer/style.h"
#include "viewer/twin_view.h"

namespace reverie::viewer {

// Seconds at which the time axes end: the whole episode, or as far as it got when there is no limit.
double time_axis_end(const TwinView& twin);

// A plot that fills its panel, with quiet axes: `x_label`, the x range [0, x_max], y fitted
// unless set by the caller.
bool begin_time_plot(const char* id, const char* x_label, double x_max);

// Names of lines that are too long to stand beside each other: one below the other, in the plot. Before any line.
void stack_legend();

// A line with a width, as long as the shorter of both; `shaded` fills down to zero.
void plot_line(const char* name, const std::vector<double>& x, const std::vector<double>& y, ImVec4 colour,
               float width = 2.0f, bool shaded = false);

// The area between two curves, faintly.
void plot_band(const char* name, const std::vector<double>& x, const std::vector<double>& low,
               const std::vector<double>& high, ImVec4 colour);

// Labels of an axis (ImPlotFormatter): 20000 -> "20k".
int thousands(double value, char* text, int size, void* unused);

// Lines across the whole plot: vertical at each of `x`, or horizontal.
void plot_marks(const char* name, const std::vector<double>& at, ImVec4 colour, bool horizontal);

}  // namespace reverie::viewer
