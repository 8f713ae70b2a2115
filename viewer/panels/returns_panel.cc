// Cumulative reward of both worlds over time.
#include <algorithm>

#include "viewer/context.h"
#include "viewer/plot_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  const TwinHistory& history = context.twin.history();
  if (begin_time_plot("##returns", "seconds", time_axis_end(context.twin))) {
    double low = 0, high = 1;
    for (const auto* curve : {&history.physics_return, &history.dream_return}) {
      low = std::min(low, *std::ranges::min_element(*curve));
      high = std::max(high, *std::ranges::max_element(*curve));
    }
    const std::vector<OtherView>& others = context.twin.others();
    for (const OtherView& other : others) {
      low = std::min(low, *std::ranges::min_element(other.returns));
      high = std::max(high, *std::ranges::max_element(other.returns));
    }
    ImPlot::SetupAxisLimits(ImAxis_Y1, 1.08 * low, 1.08 * high, ImPlotCond_Always);
    if (!others.empty()) stack_legend();
    plot_line("simulated", history.time, history.physics_return, palette::kPhysics, 2.5f);
    if (context.twin.has_dream())
      plot_line(others.empty() ? "imagined" : context.dreams.front().c_str(), history.time,
                history.dream_return, palette::kDream);
    for (size_t i = 0; i < others.size(); ++i)
      plot_line(context.dreams[i + 1].c_str(), history.time, others[i].returns, dream_colour(i + 1));
    ImPlot::EndPlot();
  }
}

}  // namespace

Panel returns_panel() {
  return {.name = "returns", .heading = "Return so far", .place = Place::kPlots, .draw = draw};
}

}  // namespace reverie::viewer
