// What to do while nothing is open: runs and tasks to choose from.
#include <filesystem>
#include <string>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

constexpr int kColumns = 4;

void draw(ViewerContext& context, const Rect&) {
  bold_text(context.fonts, "Open something", context.fonts.size * 1.6f);
  ImGui::TextDisabled("Drop onto this window, or name after `reverie view`:");
  for (const std::string& kind : context.openable) ImGui::BulletText("%s", kind.c_str());
  section_heading(context, "Runs and tasks that are here");
  if (!ImGui::BeginTable("offers", kColumns)) return;
  for (const std::string& offer : context.offers) {
    ImGui::TableNextColumn();
    if (button(context, offer.c_str())) context.asked.open = offer;
  }
  ImGui::EndTable();
}

}  // namespace

Panel start_panel() {
  return {.name = "start", .place = Place::kWhole, .needs = Needs::kNothingOpen, .draw = draw};
}

}  // namespace reverie::viewer
