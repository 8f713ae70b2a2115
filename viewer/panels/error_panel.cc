#include "viewer/panels/error_panel.h"

#include <algorithm>

#include "viewer/panels/plot_tools.h"

namespace reverie::viewer {

void error_panel(ViewerContext& context) {
  const Rect& rect = context.layout.middle;
  begin_panel("error", rect.position, rect.size, context.fonts, "Dream error (standard deviations)");
  const TwinHistory& history = context.twin.history();
  if (begin_time_plot("##error", "seconds", time_axis_end(context.twin))) {
    const double high = std::clamp(*std::ranges::max_element(history.error), 2.2 * Twin::kThreshold, 20.0);
    ImPlot::SetupAxisLimits(ImAxis_Y1, 0, 1.08 * high, ImPlotCond_Always);
    plot_marks("anchors", history.anchor_times, {1, 1, 1, 0.22f}, false);
    plot_line("error", history.time, history.error, palette::kDream, 2.0f, true);
    plot_marks("valid up to 0.3", {Twin::kThreshold}, palette::kBad, true);
    ImPlot::EndPlot();
  }
  end_panel();
}

}  // namespace reverie::viewer
