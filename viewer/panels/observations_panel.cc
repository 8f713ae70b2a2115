// One group of observations in both worlds over time.
#include <fmt/format.h>

#include <algorithm>

#include "viewer/context.h"
#include "viewer/plot_tools.h"

namespace reverie::viewer {

namespace {

constexpr int kMostCurves = 6;  // of a group

void next_group(ViewerContext& context, int step) {
  const int count = static_cast<int>(context.twin.spec().observation.size());
  if (count > 0) context.observation_group = (context.observation_group + step + count) % count;
}

// Every `every`-th row of one column.
void curve(const std::string& name, ImVec4 colour, const std::vector<float>& rows, int width, int column,
           int every, double seconds, float weight) {
  const int count = (static_cast<int>(rows.size()) / width + every - 1) / every;
  ImPlotSpec line;
  line.LineColor = colour;
  line.LineWeight = weight;
  line.Stride = static_cast<int>(sizeof(float)) * width * every;
  ImPlot::PlotLine(name.c_str(), rows.data() + column, count, seconds, 0, line);
}

void draw(ViewerContext& context, const Rect&) {
  const TwinView& twin = context.twin;
  const auto& groups = twin.spec().observation;
  if (groups.empty()) return ImGui::TextDisabled("nothing is observed");
  const int last = static_cast<int>(groups.size()) - 1;
  const contract::ObservationGroup& group =
      groups[static_cast<size_t>(std::clamp(context.observation_group, 0, last))];
  if (button(context, "Group before", {0, 0}, "<")) next_group(context, -1);
  ImGui::SameLine();
  if (button(context, "Group after", {0, 0}, ">")) next_group(context, 1);
  ImGui::SameLine();
  ImGui::TextUnformatted(group.name.c_str());
  ImGui::SameLine();
  if (twin.has_dream()) ImGui::TextDisabled("faint: imagined");
  if (!begin_time_plot("##observations", "seconds", time_axis_end(twin))) return;
  ImPlot::SetupAxis(ImAxis_Y1, nullptr, ImPlotAxisFlags_AutoFit);
  const int width = twin.spec().observation_dim;
  for (int i = 0; i < std::min(group.size, kMostCurves); ++i) {
    const ImVec4 colour = ImPlot::GetColormapColor(i), faint{colour.x, colour.y, colour.z, 0.55f};
    curve(fmt::format("{}", i), colour, twin.observations(), width, group.offset + i, twin.control_steps(),
          twin.step_seconds(), 2.0f);
    if (twin.has_dream())
      curve(fmt::format("##imagined {}", i), faint, twin.dream_observations(), width, group.offset + i, 1,
            twin.step_seconds(), 1.5f);
  }
  ImPlot::EndPlot();
}

}  // namespace

Panel observations_panel() {
  return {.name = "observations",
          .heading = "Observations of both worlds",
          .place = Place::kPlots,
          .hidden = true,
          .draw = draw};
}

}  // namespace reverie::viewer
