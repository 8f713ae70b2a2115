// Selection: the body that was double-clicked, and the spring by which the mouse pulls it.
#include <fmt/format.h>

#include <cmath>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect&) {
  section_heading(context.fonts, "Selection");
  if (context.selected == 0) return ImGui::TextDisabled("double-click a body");
  value_row("body", body_name(context.bodies, context.selected), context.fonts.text);
  if (!context.twin.can_pull()) return;
  const BodyForce& last = context.twin.last_force();
  const bool now = last.body > 0 && last.step + 1 == context.twin.steps();
  const Wrench& wrench = last.wrench;
  const double force = now ? std::hypot(wrench[0], wrench[1], wrench[2]) : 0;
  const double torque = now ? std::hypot(wrench[3], wrench[4], wrench[5]) : 0;
  value_row("the mouse applies", fmt::format("{:.1f} N, {:.1f} Nm", force, torque), context.fonts.number,
            palette::kPhysics);
  if (!context.steering.physics_on) ImGui::TextDisabled("it acts once physics runs");
}

}  // namespace

Panel selection_panel() {
  return {.name = "selection",
          .place = Place::kSide,
          .draw = draw,
          .actions = {{"double click", "select a body", {}},
                      {"ctrl drag", "turn (left), pull (right) what is selected", {}}}};
}

}  // namespace reverie::viewer
