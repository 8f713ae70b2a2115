// The imagined state alone.
#include "viewer/world_view.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect& rect) {
  const char* detail =
      context.twin.others().empty() ? "what the model imagines" : context.dreams.front().c_str();
  show_world(context, rect, context.dream_view, "Dream", detail, palette::kDream);
}

}  // namespace

Panel dream_panel() {
  return {.name = "dream", .place = Place::kViews, .edge = true, .needs = Needs::kDream, .draw = draw};
}

}  // namespace reverie::viewer
