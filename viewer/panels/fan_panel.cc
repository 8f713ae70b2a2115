// The imagination fan: futures of the present, how far they spread, and how far physics is from them.
#include <fmt/format.h>

#include <algorithm>

#include "viewer/context.h"
#include "viewer/panel_tools.h"
#include "viewer/plot_tools.h"

namespace reverie::viewer {

namespace {

void show_futures(ViewerContext& context) {
  if (!context.twin.has_dream()) return;
  context.playback.paused = true;
  context.stepper.request([options = context.fan_options](Twin& twin, Playback& playback) {
    playback.paused = true;
    twin.show_fan(options);
  });
}

void hide_futures(ViewerContext& context) {
  context.stepper.request([](Twin& twin, Playback&) { twin.hide_fan(); });
}

void plot(const ViewerContext& context, const Fan& fan, int h) {
  std::vector<double> seconds(fan.error.size());
  for (size_t i = 0; i < seconds.size(); ++i)
    seconds[i] = static_cast<double>(i) * context.twin.step_seconds();
  if (!ImPlot::BeginPlot(
          "##fan", {-1, context.fonts.size * 8},
          ImPlotFlags_NoTitle | ImPlotFlags_NoMenus | ImPlotFlags_NoBoxSelect | ImPlotFlags_NoLegend))
    return;
  const double high =
      std::max({0.01, *std::ranges::max_element(fan.error), *std::ranges::max_element(fan.imagined.spread),
                *std::ranges::max_element(fan.simulated.spread)});
  ImPlot::SetupAxes("seconds ahead", "m");
  ImPlot::SetupAxesLimits(0, seconds.back(), 0, 1.1 * high, ImPlotCond_Always);
  plot_line("imagined spread", seconds, fan.imagined.spread, palette::kDream);
  plot_line("simulated spread", seconds, fan.simulated.spread, palette::kPhysics);
  plot_line("error", seconds, fan.error, palette::kBad);
  plot_marks("now", {seconds[static_cast<size_t>(h)]}, {0.5f, 0.5f, 0.5f, 1.0f}, false);
  ImPlot::EndPlot();
}

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "Imagination fan");
  FanOptions& options = context.fan_options;
  ImGui::TextDisabled("futures, steps ahead, noise");
  bool changed = slider(context, "Futures", &options.futures, 1, 64, "%d futures");
  changed |= slider(context, "Steps ahead", &options.horizon, 1, 200, "%d steps ahead");
  auto noise = static_cast<float>(options.noise);
  if (slider(context, "Noise", &noise, 0, 1, "noise %.2f")) {
    options.noise = noise;
    changed = true;
  }
  const Fan* fan = context.twin.fan();
  if (fan == nullptr) {
    if (button(context, "Show futures")) show_futures(context);
    return;
  }
  if (changed) show_futures(context);
  if (button(context, "Hide futures")) hide_futures(context);
  context.fan_h = std::clamp(context.fan_h, 0, fan->horizon);
  slider(context, "Look ahead", &context.fan_h, 0, fan->horizon, "at step %d");
  const auto h = static_cast<size_t>(context.fan_h);
  ImFont* font = context.fonts.number;
  value_row("imagined spread", fmt::format("{:.3f} m", fan->imagined.spread[h]), font, palette::kDream);
  value_row("simulated spread", fmt::format("{:.3f} m", fan->simulated.spread[h]), font, palette::kPhysics);
  value_row("error", fmt::format("{:.3f} m", fan->error[h]), font, palette::kBad);
  value_row("model's uncertainty", fmt::format("{:.4f}", fan->uncertainty[h]), font);
  plot(context, *fan, context.fan_h);
}

void toggle(ViewerContext& context) {
  if (context.twin.fan() == nullptr) {
    show_futures(context);
  } else {
    hide_futures(context);
  }
}

}  // namespace

Panel fan_panel() {
  return {.name = "fan",
          .place = Place::kSide,
          .needs = Needs::kDream,
          .draw = draw,
          .actions = {{"F7", "imagination fan", {{ImGuiKey_F7, toggle}}}}};
}

}  // namespace reverie::viewer
