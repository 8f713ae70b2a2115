// The actions that both worlds take, over time.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "viewer/context.h"
#include "viewer/plot_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  const contract::EnvSpec& spec = context.twin.spec();
  const TwinHistory& history = context.twin.history();
  if (spec.action_dim > 0 && begin_time_plot("##actions", "seconds", time_axis_end(context.twin))) {
    const float low = *std::ranges::min_element(spec.action_low);
    const float high = *std::ranges::max_element(spec.action_high);
    ImPlot::SetupAxisLimits(ImAxis_Y1, low - 0.05 * (high - low), high + 0.05 * (high - low),
                            ImPlotCond_Always);
    const int rows = static_cast<int>(history.actions.size()) / spec.action_dim;
    ImPlotSpec line;
    line.LineWeight = 1.5f;
    line.Stride = static_cast<int>(sizeof(float)) * spec.action_dim;
    for (int i = 0; i < spec.action_dim && rows > 0; ++i) {
      const std::string name = fmt::format("action {}", i);
      ImPlot::PlotLine(name.c_str(), history.actions.data() + i, rows, context.twin.step_seconds(), 0, line);
    }
    ImPlot::EndPlot();
  }
}

}  // namespace

Panel actions_panel() {
  return {.name = "actions",
          .heading = "Actions",
          .place = Place::kPlots,
          .share = 2,
          .needs = Needs::kNoDream,
          .draw = draw};
}

}  // namespace reverie::viewer
