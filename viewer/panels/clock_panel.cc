#include "viewer/panels/clock_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace reverie::viewer {

namespace {

void row(const Fonts& fonts, const char* name, const std::string& value, ImVec4 colour) {
  ImGui::TextDisabled("%s", name);
  ImGui::PushFont(fonts.number, 0.0f);
  ImGui::SameLine(ImGui::GetContentRegionMax().x - ImGui::CalcTextSize(value.c_str()).x);
  ImGui::TextColored(colour, "%s", value.c_str());
  ImGui::PopFont();
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void valid_time(const ViewerContext& context) {
  const ValidClock& clock = context.twin.clock();
  const ImVec4 colour = clock.held ? palette::kGood : palette::kBad;
  ImGui::PushFont(context.fonts.bold, 0.0f);
  ImGui::TextUnformatted("Valid prediction time");
  ImGui::PopFont();
  ImGui::PushFont(context.fonts.number, context.fonts.size * 2.4f);
  ImGui::TextColored(colour, "%.2f s", clock.seconds);
  ImGui::PopFont();
  ImGui::TextColored(colour, "%s", clock.held ? "the dream holds" : "the dream has drifted");
  if (clock.finished.empty()) {
    ImGui::TextDisabled("error up to %.1f counts as valid", Twin::kThreshold);
  } else {
    ImGui::TextDisabled("median of %d anchors: %.2f s", static_cast<int>(clock.finished.size()),
                        median_of(clock.finished));
  }
}

}  // namespace

void clock_section(ViewerContext& context) {
  const TwinHistory& history = context.twin.history();
  if (context.twin.has_dream()) {
    valid_time(context);
    ImGui::Dummy({0, 2});
    ImGui::Separator();
    ImGui::Dummy({0, 2});
  }
  const Fonts& fonts = context.fonts;
  row(fonts, "simulated return", fmt::format("{:.1f}", history.physics_return.back()), palette::kPhysics);
  if (!context.twin.has_dream()) return;
  const double error = history.error.back();
  row(fonts, "imagined return", fmt::format("{:.1f}", history.dream_return.back()), palette::kDream);
  row(fonts, "error (std units)", fmt::format("{:.3f}", error),
      error <= Twin::kThreshold ? palette::kGood : palette::kBad);
  row(fonts, "model's uncertainty", fmt::format("{:.4f}", history.uncertainty.back()), palette::kText);
}

}  // namespace reverie::viewer
