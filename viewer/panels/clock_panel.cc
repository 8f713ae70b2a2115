// How long the dream has held, and the numbers of this moment.
#include <fmt/format.h>

#include <string>

#include "evaluation/observation_error.h"
#include "report/statistics.h"
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void valid_time(ViewerContext& context) {
  const ValidClock& clock = context.twin.clock();
  const ImVec4 colour = clock.held ? palette::kGood : palette::kBad;
  heading(context, "Valid prediction time");
  ImGui::PushFont(context.fonts.number, context.fonts.size * 2.4f);
  ImGui::TextColored(colour, "%.2f s", clock.seconds);
  ImGui::PopFont();
  ImGui::TextColored(colour, "%s", clock.held ? "the dream holds" : "the dream has drifted");
  if (clock.finished.empty()) {
    ImGui::TextDisabled("error up to %g counts as valid", evaluation::kValidError);
  } else {
    ImGui::TextDisabled("median of %d anchors: %.2f s", static_cast<int>(clock.finished.size()),
                        report::median(clock.finished));
  }
}

void draw(ViewerContext& context, const Rect&) {
  const TwinHistory& history = context.twin.history();
  if (context.twin.has_dream()) {
    valid_time(context);
    ImGui::Dummy({0, 2});
    ImGui::Separator();
    ImGui::Dummy({0, 2});
  }
  ImFont* font = context.fonts.number;
  value_row("simulated return", fmt::format("{:.5g}", history.physics_return.back()), font,
            palette::kPhysics);
  if (!context.twin.has_dream()) return;
  const double error = history.error.back();
  value_row("imagined return", fmt::format("{:.5g}", history.dream_return.back()), font, palette::kDream);
  value_row("error (std units)", fmt::format("{:.3f}", error), font,
            error <= evaluation::kValidError ? palette::kGood : palette::kBad);
  value_row("model's uncertainty", fmt::format("{:.4f}", history.uncertainty.back()), font);
}

}  // namespace

Panel clock_panel() { return {.name = "clock", .place = Place::kSide, .draw = draw}; }

}  // namespace reverie::viewer
