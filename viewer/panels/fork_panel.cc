// History: look back, fork from any step with another action or a moved robot, walk between the branches.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "viewer/context.h"
#include "viewer/fork_file.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

constexpr size_t kMostActions = 6;

int64_t step_shown(const ViewerContext& context) {
  const int64_t looked = context.twin.looked_at();
  return looked >= 0 ? looked : context.twin.steps();
}

void look_at(ViewerContext& context, int64_t step) {
  context.playback.paused = true;
  context.stepper.request([step](Twin& twin, Playback& playback) {
    playback.paused = true;
    twin.look_at(step);
  });
}

void fork(ViewerContext& context, ForkEdit edit) {
  context.playback.paused = true;
  context.stepper.request(
      [step = step_shown(context), edit = std::move(edit)](Twin& twin, Playback& playback) {
        playback.paused = true;
        twin.fork(std::min(step, twin.steps()), edit);
      });
}

void fork_here(ViewerContext& context) { fork(context, {}); }

void replay(ViewerContext& context) { context.playback.replay = true; }

void look_back(ViewerContext& context) {
  auto step = static_cast<int>(step_shown(context));
  if (slider(context, "Look back", &step, 0, static_cast<int>(context.twin.steps()), "step %d"))
    look_at(context, step);
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
  if (button(context, "Replay", {half, 0})) replay(context);
  ImGui::SameLine();
  if (button(context, "Present", {half, 0})) look_at(context, -1);
}

// The action that was taken at the step shown, to be changed.
void edit_action(ViewerContext& context) {
  const contract::EnvSpec& spec = context.twin.spec();
  const auto width = static_cast<size_t>(spec.action_dim);
  std::vector<float>& action = context.forking.action;
  if (action.size() != width) action.assign(width, 0.0f);
  for (size_t i = 0; i < std::min(width, kMostActions); ++i) {
    const std::string label = fmt::format("Action {}", i), format = fmt::format("action {}: %.2f", i);
    slider(context, label.c_str(), &action[i], spec.action_low[i], spec.action_high[i], format.c_str());
  }
  if (button(context, "Fork with this action")) fork(context, {.action = action, .shift = {}});
}

void edit_pose(ViewerContext& context) {
  const int joints = context.twin.spec().nv;
  slider(context, "Joint", &context.forking.joint, 0, joints - 1, "degree of freedom %d");
  slider(context, "Shift", &context.forking.shift, -1.0f, 1.0f, "moved by %.2f rad or m");
  if (!button(context, "Fork with the robot moved")) return;
  std::vector<double> shift(static_cast<size_t>(joints), 0.0);
  shift[static_cast<size_t>(context.forking.joint)] = context.forking.shift;
  fork(context, {.action = {}, .shift = shift});
}

std::string tell(const BranchView& branch, double step_seconds) {
  const char* what = branch.moved           ? "moved"
                     : branch.action_edited ? "action"
                     : branch.parent < 0    ? "start"
                                            : "fork";
  return fmt::format("{} at {:.2f} s, {} steps", what, static_cast<double>(branch.from_step) * step_seconds,
                     branch.steps);
}

// How many branches it is away from the first one.
int depth(const std::vector<BranchView>& branches, int branch) {
  int count = 0;
  for (; branches[static_cast<size_t>(branch)].parent >= 0; ++count)
    branch = branches[static_cast<size_t>(branch)].parent;
  return count;
}

void list_branches(ViewerContext& context) {
  const std::vector<BranchView>& branches = context.twin.branches();
  ImGui::PushStyleVar(ImGuiStyleVar_ButtonTextAlign, {0, 0.5f});
  for (int i = 0; i < std::ssize(branches); ++i) {
    const bool present = i == context.twin.branch();
    const std::string label = fmt::format("Branch {}", i);
    const std::string shown =
        fmt::format("{:{}}{} {}: {}", "", 3 * depth(branches, i), present ? ">" : " ", i,
                    tell(branches[static_cast<size_t>(i)], context.twin.step_seconds()));
    if (!button(context, label.c_str(), {-1, 0}, shown.c_str())) continue;
    context.playback.paused = true;
    context.stepper.request([i](Twin& twin, Playback& playback) {
      playback.paused = true;
      if (i < std::ssize(twin.branches())) twin.walk_to(i);
    });
  }
  ImGui::PopStyleVar();
}

// A command that a file may refuse: the reason is shown, and the viewer goes on.
template <typename F>
void with_file(ViewerContext& context, const F& work) {
  context.playback.paused = true;
  context.stepper.request([file = context.forking.file, work](Twin& twin, Playback& playback) {
    playback.paused = true;
    try {
      twin.notice = work(twin, file);
    } catch (const base::UserError& error) {
      twin.notice = error.what();
    }
  });
}

void files(ViewerContext& context) {
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
  if (button(context, "Save branches", {half, 0}, "Save")) {
    with_file(context, [](const Twin& twin, const std::filesystem::path& file) {
      save_forks(twin, file);
      return "saved as " + file.string();
    });
  }
  ImGui::SameLine();
  if (button(context, "Open branches", {half, 0}, "Open")) with_file(context, open_forks);
  if (!context.twin.notice().empty()) ImGui::TextWrapped("%s", context.twin.notice().c_str());
}

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "History");
  look_back(context);
  if (button(context, "Fork here")) fork_here(context);
  const bool edits = ImGui::TreeNode("Edits");
  list_control(context, "Edits");
  if (edits) {
    edit_action(context);
    edit_pose(context);
    ImGui::TreePop();
  }
  list_branches(context);
  files(context);
}

}  // namespace

Panel fork_panel() {
  return {.name = "fork",
          .place = Place::kSide,
          .draw = draw,
          .actions = {{"F6", "fork here", {{ImGuiKey_F6, fork_here}}}}};
}

}  // namespace reverie::viewer
