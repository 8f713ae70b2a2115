// What the policy earns by itself in the dream and in physics, over training.
#include <algorithm>

#include "viewer/context.h"
#include "viewer/plot_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  if (!context.glance) return;
  const TrainingGlance& glance = *context.glance;
  if (glance.promised.steps.empty()) return ImGui::TextDisabled("no evaluation has measured it");
  if (!begin_time_plot("##promise", "control steps", 1.04 * glance.promised.steps.back())) return;
  double low = 0, high = 1;
  for (const GlanceCurve* curve : {&glance.promised, &glance.paid}) {
    for (const double value : curve->values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  ImPlot::SetupAxisLimits(ImAxis_Y1, 1.08 * low, 1.08 * high, ImPlotCond_Always);
  ImPlot::SetupAxisFormat(ImAxis_X1, thousands);
  plot_line("dream", glance.promised.steps, glance.promised.values, palette::kDream, 2.5f);
  plot_line("physics", glance.paid.steps, glance.paid.values, palette::kPhysics, 2.5f);
  ImPlot::EndPlot();
}

}  // namespace

Panel promise_panel() {
  return {.name = "promise",
          .heading = "Promised and paid",
          .place = Place::kPlots,
          .needs = Needs::kGlance,
          .hidden = true,
          .draw = draw};
}

}  // namespace reverie::viewer
