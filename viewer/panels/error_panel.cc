// Observation error of the dream over time, in units of the data's standard deviation.
#include <fmt/format.h>

#include <algorithm>

#include "evaluation/observation_error.h"
#include "viewer/context.h"
#include "viewer/plot_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  const TwinHistory& history = context.twin.history();
  if (begin_time_plot("##error", "seconds", time_axis_end(context.twin))) {
    const std::vector<OtherView>& others = context.twin.others();
    double largest = *std::ranges::max_element(history.error);
    for (const OtherView& other : others) largest = std::max(largest, *std::ranges::max_element(other.error));
    const double high = std::clamp(largest, 2.2 * evaluation::kValidError, 20.0);
    ImPlot::SetupAxisLimits(ImAxis_Y1, 0, 1.08 * high, ImPlotCond_Always);
    if (!others.empty()) stack_legend();
    plot_marks("anchors", history.anchor_times, {0.5f, 0.5f, 0.5f, 0.5f}, false);
    plot_line(others.empty() ? "error" : context.dreams.front().c_str(), history.time, history.error,
              palette::kDream, 2.0f, others.empty());
    for (size_t i = 0; i < others.size(); ++i)
      plot_line(context.dreams[i + 1].c_str(), history.time, others[i].error, dream_colour(i + 1));
    plot_marks(fmt::format("valid up to {:g}", evaluation::kValidError).c_str(), {evaluation::kValidError},
               palette::kBad, true);
    ImPlot::EndPlot();
  }
}

}  // namespace

Panel error_panel() {
  return {.name = "error",
          .heading = "Dream error (std units)",
          .place = Place::kPlots,
          .needs = Needs::kDream,
          .draw = draw};
}

}  // namespace reverie::viewer
