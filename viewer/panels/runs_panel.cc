// Runs beside each other: how long each dream has held, and how far from physics it is now.
#include <fmt/format.h>

#include "evaluation/observation_error.h"
#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void row(const ViewerContext& context, size_t run, const ValidClock& clock, double error) {
  ImGui::TextColored(dream_colour(run), "%s", context.dreams[run].c_str());
  value_row("  valid, error", fmt::format("{:6.2f} s  {:6.3f}", clock.seconds, error), context.fonts.number,
            error <= evaluation::kValidError ? palette::kGood : palette::kBad);
}

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "Runs under the same actions");
  const TwinView& twin = context.twin;
  row(context, 0, twin.clock(), twin.history().error.back());
  for (size_t i = 0; i < twin.others().size(); ++i)
    row(context, i + 1, twin.others()[i].clock, twin.others()[i].error.back());
}

}  // namespace

Panel runs_panel() { return {.name = "runs", .place = Place::kSide, .needs = Needs::kOthers, .draw = draw}; }

}  // namespace reverie::viewer
