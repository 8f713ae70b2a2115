#include "viewer/panels/returns_panel.h"

#include <algorithm>

#include "viewer/panels/plot_tools.h"

namespace reverie::viewer {

void returns_panel(ViewerContext& context) {
  const Rect& rect = context.layout.left;
  begin_panel("returns", rect.position, rect.size, context.fonts, "Return so far");
  const TwinHistory& history = context.twin.history();
  if (begin_time_plot("##returns", "seconds", time_axis_end(context.twin))) {
    double low = 0, high = 1;
    for (const auto* curve : {&history.physics_return, &history.dream_return}) {
      low = std::min(low, *std::ranges::min_element(*curve));
      high = std::max(high, *std::ranges::max_element(*curve));
    }
    ImPlot::SetupAxisLimits(ImAxis_Y1, 1.08 * low, 1.08 * high, ImPlotCond_Always);
    plot_line("simulated", history.time, history.physics_return, palette::kPhysics, 2.5f);
    if (context.twin.has_dream()) plot_line("imagined", history.time, history.dream_return, palette::kDream);
    ImPlot::EndPlot();
  }
  end_panel();
}

}  // namespace reverie::viewer
