// Selection: the body that was double-clicked, and what the mouse does to it.
#include <fmt/format.h>

#include <cmath>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

std::string tell_joint(const Selection& at) {
  if (std::isnan(at.low)) return fmt::format("{:.2f}", at.joint);
  return fmt::format("{:.2f} in {:.2f}..{:.2f}", at.joint, at.low, at.high);
}

void draw(ViewerContext& context, const Rect&) {
  section_heading(context, "Selection");
  if (context.selected == 0) return ImGui::TextDisabled("double-click a body");
  value_row("body", body_name(context.bodies, context.selected), context.fonts.text);
  const Selection& at = context.selection;
  value_row("place", fmt::format("{:.2f} {:.2f} {:.2f} m", at.place[0], at.place[1], at.place[2]),
            context.fonts.number);
  if (!std::isnan(at.joint)) value_row("joint", tell_joint(at), context.fonts.number);
  if (!context.twin.can_pull()) return;
  if (at.moves) return ImGui::TextDisabled("another branch begins when you let go");
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
                      {"ctrl drag", "turn (left), pull (right) what is selected", {}},
                      {"paused", "the same moves the robot: another branch", {}}}};
}

}  // namespace reverie::viewer
