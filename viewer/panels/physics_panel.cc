// The simulator's robot with the dream laid over it as a ghost.
#include "viewer/world_view.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect& rect) {
  const bool ghost = context.twin.has_dream() && context.show_ghost;
  show_world(context, rect, context.physics_view, "Physics",
             !ghost                          ? "the simulator"
             : context.twin.others().empty() ? "with the dream as a ghost"
                                             : "with the dreams as ghosts",
             palette::kPhysics);
}

void reset_camera(ViewerContext& context) { context.camera.reset = true; }

}  // namespace

Panel physics_panel() {
  return {.name = "physics",
          .place = Place::kViews,
          .edge = true,
          .draw = draw,
          .actions = {{"mouse", "camera, esc: reset", {{ImGuiKey_Escape, reset_camera}}}}};
}

}  // namespace reverie::viewer
