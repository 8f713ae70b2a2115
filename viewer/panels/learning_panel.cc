// Simulated return over training, with the checkpoint that acts now.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viewer/context.h"
#include "viewer/plot_tools.h"

namespace reverie::viewer {

namespace {

// 20000 -> "20k".
int thousands(double value, char* text, int size, void*) {
  const auto out =
      fmt::format_to_n(text, static_cast<size_t>(size - 1), "{:g}{}",
                       std::abs(value) < 1000 ? value : value / 1000, std::abs(value) < 1000 ? "" : "k");
  *out.out = '\0';
  return static_cast<int>(out.size);
}

void draw(ViewerContext& context, const Rect&) {
  const evaluation::LearningCurve& curve = *context.learning;
  const auto checkpoint_step = static_cast<double>(context.checkpoint_step);
  if (curve.steps.empty()) {
    ImGui::TextDisabled("no evaluation has been recorded");
  } else if (begin_time_plot("##learning", "control steps",
                             1.04 * std::max(curve.steps.back(), checkpoint_step))) {
    const double high = *std::ranges::max_element(curve.returns);
    const double low = *std::ranges::min_element(curve.returns);
    ImPlot::SetupAxisLimits(ImAxis_Y1, std::min(0.0, 1.08 * low), std::max(1.08 * high, 1.0),
                            ImPlotCond_Always);
    ImPlot::SetupAxisFormat(ImAxis_X1, thousands);
    if (checkpoint_step >= 0) plot_marks("this checkpoint", {checkpoint_step}, {1, 1, 1, 0.5f}, false);
    plot_line("mean return", curve.steps, curve.returns, palette::kPhysics, 2.5f);
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
