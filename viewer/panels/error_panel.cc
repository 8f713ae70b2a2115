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
    const double high =
        std::clamp(*std::ranges::max_element(history.error), 2.2 * evaluation::kValidError, 20.0);
    ImPlot::SetupAxisLimits(ImAxis_Y1, 0, 1.08 * high, ImPlotCond_Always);
    plot_marks("anchors", history.anchor_times, {1, 1, 1, 0.22f}, false);
    plot_line("error", history.time, history.error, palette::kDream, 2.0f, true);
    plot_marks(fmt::format("valid up to {:g}", evaluation::kValidError).c_str(), {evaluation::kValidError},
               palette::kBad, true);
    ImPlot::EndPlot();
  }
}

}  // namespace

Panel error_panel() {
  return {.name = "error",
          .heading = "Dream error (standard deviations)",
          .place = Place::kPlots,
          .needs = Needs::kDream,
          .draw = draw};
}

}  // namespace reverie::viewer
