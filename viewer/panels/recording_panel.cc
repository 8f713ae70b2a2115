// The recorded episode that is played again, and whether physics does exactly what it did.
#include <fmt/format.h>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  const ShownRecording& recording = context.twin.recording();
  section_heading(context, "Recorded episode");
  value_row("acted", recording.policy, context.fonts.text);
  value_row("return", fmt::format("{:.5g}", recording.return_sum), context.fonts.number);
  const int64_t at = recording.difference;
  value_row("played again", at < 0 ? "bit for bit so far" : fmt::format("differs from step {} on", at),
            context.fonts.text, at < 0 ? palette::kGood : palette::kBad);
}

}  // namespace

Panel recording_panel() {
  return {.name = "recording", .place = Place::kSide, .needs = Needs::kRecording, .draw = draw};
}

}  // namespace reverie::viewer
