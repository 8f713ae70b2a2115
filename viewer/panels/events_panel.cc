// Events: physics is changed or the robot pushed, and whether the dream notices.
#include <fmt/format.h>

#include <cmath>

#include "viewer/context.h"
#include "viewer/panel_tools.h"

namespace reverie::viewer {

namespace {

void push(ViewerContext& context) {
  context.stepper.request(
      [speed = static_cast<double>(context.push)](Twin& twin, Playback&) { twin.push(speed); });
}

void change(ViewerContext& context) {
  context.stepper.request([changes = context.changes](Twin& twin, Playback&) { twin.change(changes); });
}

bool factor(ViewerContext& context, const char* label, double* value, float low, float high,
            const char* format, ImGuiSliderFlags flags = 0) {
  auto shown = static_cast<float>(*value);
  if (!slider(context, label, &shown, low, high, format, flags)) return false;
  *value = shown;
  return true;
}

// A change is made when the slider is let go, so that a drag is one event.
void sliders(ViewerContext& context) {
  if (!context.changes_edited) context.changes = context.twin.changes();
  PhysicsChanges& changes = context.changes;
  bool edited = factor(context, "Mass", &changes.mass, 0.25f, 4, "mass x %.2f", ImGuiSliderFlags_Logarithmic);
  edited |= factor(context, "Friction", &changes.friction, 0.1f, 4, "friction x %.2f",
                   ImGuiSliderFlags_Logarithmic);
  edited |= factor(context, "Gravity", &changes.gravity, 0, 2, "gravity x %.2f");
  edited |= factor(context, "Wind", &changes.wind, -30, 30, "wind %.1f m/s");
  context.changes_edited |= edited;
  if (context.changes_edited && !ImGui::IsAnyItemActive()) {
    change(context);
    context.changes_edited = false;
  }
  if (button(context, "As the model")) {
    changes = {};
    change(context);
  }
}

std::string seconds(double value) { return std::isnan(value) ? "not yet" : fmt::format("{:.2f} s", value); }

void last_event(const ViewerContext& context) {
  const std::vector<PhysicsEvent>& events = context.twin.events();
  if (events.empty()) return;
  const PhysicsChanges before = events.size() > 1 ? events[events.size() - 2].changes : PhysicsChanges{};
  ImGui::TextColored(palette::kPhysics, "%d: %s at %.2f s", static_cast<int>(events.size()),
                     tell(events.back(), before, context.bodies).c_str(),
                     static_cast<double>(events.back().step) * context.twin.step_seconds());
  if (!context.twin.has_dream()) return;
  const Reaction reaction = reaction_to(events.back(), context.twin.history(), context.twin.step_seconds());
  value_row("the dream drifted after", seconds(reaction.drifted), context.fonts.number);
  value_row("and noticed after", seconds(reaction.noticed), context.fonts.number);
}

void draw(ViewerContext& context, const Rect&) {
  if (!context.twin.can_change()) return;
  section_heading(context, "Events");
  sliders(context);
  slider(context, "Speed", &context.push, -5, 5, "push of %.1f m/s");
  if (button(context, "Push")) push(context);
  last_event(context);
}

}  // namespace

Panel events_panel() {
  return {.name = "events",
          .place = Place::kSide,
          .draw = draw,
          .actions = {{"F9", "push", {{ImGuiKey_F9, push}}}}};
}

}  // namespace reverie::viewer
