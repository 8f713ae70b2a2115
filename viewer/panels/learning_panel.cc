#include "viewer/panels/learning_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "viewer/panels/plot_tools.h"

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

}  // namespace

void learning_panel(ViewerContext& context) {
  const Rect& rect = context.layout.right;
  const LearningCurve& curve = context.learning;
  begin_panel("learning", rect.position, rect.size, context.fonts, "Learning: simulated return");
  if (curve.steps.empty()) {
    ImGui::TextDisabled("no evaluation has been recorded");
  } else if (begin_time_plot("##learning", "control steps",
                             1.04 * std::max(curve.steps.back(), curve.checkpoint_step))) {
    const double high = *std::ranges::max_element(curve.returns);
    const double low = *std::ranges::min_element(curve.returns);
    ImPlot::SetupAxisLimits(ImAxis_Y1, std::min(0.0, 1.08 * low), std::max(1.08 * high, 1.0),
                            ImPlotCond_Always);
    ImPlot::SetupAxisFormat(ImAxis_X1, thousands);
    if (curve.checkpoint_step >= 0)
      plot_marks("this checkpoint", {curve.checkpoint_step}, {1, 1, 1, 0.5f}, false);
    plot_line("mean return", curve.steps, curve.returns, palette::kPhysics, 2.5f);
    ImPlot::EndPlot();
  }
  end_panel();
}

}  // namespace reverie::viewer
