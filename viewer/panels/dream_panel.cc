// The imagined state alone.
#include "viewer/world_view.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect& rect) {
  show_world(context, rect, context.dream_view, "Dream", "what the model imagines", palette::kDream);
}

}  // namespace

Panel dream_panel() {
  return {.name = "dream", .place = Place::kViews, .edge = true, .needs = Needs::kDream, .draw = draw};
}

}  // namespace reverie::viewer
