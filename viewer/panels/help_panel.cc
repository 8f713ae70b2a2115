// The help: every key of the panels shown, and what it does, over the views.
#include <algorithm>
#include <functional>
#include <numeric>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

constexpr float kColumn = 24;  // sizes of the text

// Lines of text: a panel's name, and its keys.
int lines(const PlacedPanel& placed) {
  return placed.panel->actions.empty() ? 0 : 1 + static_cast<int>(placed.panel->actions.size());
}

void draw_keys(const Panel& panel, const Fonts& fonts) {
  bold_text(fonts, panel.name);
  const float left = ImGui::GetCursorPosX() + fonts.size * 7.0f;
  for (const Action& action : panel.actions) {
    ImGui::TextUnformatted(action.keys);
    ImGui::SameLine();
    ImGui::SetCursorPosX(left);
    ImGui::TextDisabled("%s", action.label);
  }
}

// Panels one below the other, in columns of about the same length.
void draw(ViewerContext& context, const Rect& rect) {
  const int columns = std::clamp(static_cast<int>(rect.size.x / (kColumn * context.fonts.size)), 1, 4);
  if (!ImGui::BeginTable("keys", columns)) return;
  const int all =
      std::transform_reduce(context.placed.begin(), context.placed.end(), 0, std::plus<>(), lines);
  int above = 0, column = -1;
  for (const PlacedPanel& placed : context.placed) {
    if (lines(placed) == 0) continue;
    if (above * columns >= all * (column + 1)) {
      ImGui::TableNextColumn();
      ++column;
    }
    draw_keys(*placed.panel, context.fonts);
    above += lines(placed);
  }
  ImGui::EndTable();
}

}  // namespace

Panel help_panel() {
  return {.name = "help", .heading = "Keys", .place = Place::kOverlay, .needs = Needs::kHelp, .draw = draw};
}

}  // namespace reverie::viewer
