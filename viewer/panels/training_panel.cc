// The training of the run: how far it is, what it learns from, whether its dream promises too much, and its scorecard.
#include <fmt/format.h>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

ImVec4 colour_of(const std::string& support) {
  if (support == "supported") return palette::kGood;
  if (support == "not supported") return palette::kBad;
  return palette::kMuted;
}

void figures(const TrainingGlance& glance, ImFont* font) {
  value_row("trained", fmt::format("{} of {}", glance.step, glance.total), font);
  value_row("in replay",
            fmt::format("{} steps, {} episodes", glance.replay_steps, glance.episodes - glance.diverged),
            font);
  value_row(
      "speed",
      fmt::format("{:.0f} steps/s, {:.0f} updates/s", glance.steps_per_second, glance.updates_per_second),
      font);
  if (!glance.promised.values.empty() && !glance.paid.values.empty())
    value_row("dream promises, physics pays",
              fmt::format("{:.4g}, {:.4g}", glance.promised.values.back(), glance.paid.values.back()), font,
              glance.warning.empty() ? palette::kGood : palette::kBad);
  if (glance.warning.empty()) return;
  ImGui::PushStyleColor(ImGuiCol_Text, palette::kBad);
  ImGui::TextWrapped("%s", glance.warning.c_str());
  ImGui::PopStyleColor();
}

void scorecard(const TrainingGlance& glance, ViewerContext& context) {
  if (glance.scorecard.empty()) return ImGui::TextDisabled("not evaluated: reverie evaluate RUN");
  for (const GlanceTest& test : glance.scorecard) {
    value_row(test.name.c_str(), test.support, context.fonts.text, colour_of(test.support));
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", test.sentence.c_str());
  }
}

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "Training");
  if (context.glance) figures(*context.glance, context.fonts.number);
  const TrainingState state = context.training;
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
  if (!context.glance) {
    ImGui::BeginDisabled(state != TrainingState::kIdle);
    if (button(context, "Start training")) context.asked.training = TrainingRequest::kStart;
    ImGui::EndDisabled();
  } else {
    ImGui::BeginDisabled(state != TrainingState::kOurs);
    if (button(context, "Pause training", {half, 0}, "Pause"))
      context.asked.training = TrainingRequest::kPause;
    ImGui::EndDisabled();
    ImGui::SameLine();
    ImGui::BeginDisabled(state != TrainingState::kIdle);
    if (button(context, "Resume training", {half, 0}, "Resume"))
      context.asked.training = TrainingRequest::kResume;
    ImGui::EndDisabled();
  }
  if (state == TrainingState::kOthers) ImGui::TextDisabled("another process trains it");
  if (state == TrainingState::kOurs) ImGui::TextColored(palette::kGood, "it trains now");
  if (context.glance) scorecard(*context.glance, context);
}

}  // namespace

Panel training_panel() {
  return {.name = "training", .place = Place::kSide, .needs = Needs::kTask, .draw = draw};
}

}  // namespace reverie::viewer
