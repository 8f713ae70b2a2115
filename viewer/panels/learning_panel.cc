// Simulated return over training, with the checkpoint that acts now.
#include <algorithm>

#include "viewer/context.h"
#include "viewer/plot_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  if (!context.learning) return;
  const evaluation::LearningCurve& curve = *context.learning;
  const auto checkpoint_step = static_cast<double>(context.checkpoint_step);
  if (curve.steps.empty()) {
    ImGui::TextDisabled("no evaluation has been recorded");
  } else if (begin_time_plot("##learning", "control steps",
                             1.04 * std::max(curve.steps.back(), checkpoint_step))) {
    double high = *std::ranges::max_element(curve.returns);
    double low = *std::ranges::min_element(curve.returns);
    const bool band = context.glance && !context.glance->simulated.low.empty();
    if (band) {
      high = std::max(high, *std::ranges::max_element(context.glance->simulated.high));
      low = std::min(low, *std::ranges::min_element(context.glance->simulated.low));
    }
    ImPlot::SetupAxisLimits(ImAxis_Y1, std::min(0.0, 1.08 * low), std::max(1.08 * high, 1.0),
                            ImPlotCond_Always);
    ImPlot::SetupAxisFormat(ImAxis_X1, thousands);
    if (checkpoint_step >= 0) plot_marks("shown", {checkpoint_step}, {0.5f, 0.5f, 0.5f, 1.0f}, false);
    if (band) {
      const GlanceCurve& simulated = context.glance->simulated;
      plot_band("± std", simulated.steps, simulated.low, simulated.high, palette::kPhysics);
      plot_line("collecting", context.glance->collected.steps, context.glance->collected.values,
                palette::kMuted, 1.0f);
    }
    plot_line("mean", curve.steps, curve.returns, palette::kPhysics, 2.5f);
    ImPlot::EndPlot();
  }
}

}  // namespace

Panel learning_panel() {
  return {.name = "learning",
          .heading = "Learning: simulated return",
          .place = Place::kPlots,
          .needs = Needs::kRun,
          .draw = draw};
}

}  // namespace reverie::viewer
