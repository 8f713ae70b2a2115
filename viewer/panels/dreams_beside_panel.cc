// The imagined states of the runs beside the first one, each alone.
#include "viewer/world_view.h"

namespace reverie::viewer {

namespace {

void draw(ViewerContext& context, const Rect& rect) {
  const size_t count = context.other_views.size();
  for (size_t i = 0; i < count; ++i) {
    ImGui::PushID(static_cast<int>(i));
    show_world(context, tile_of(rect, i, count), context.other_views[i], "Dream",
               context.dreams[i + 1].c_str(), dream_colour(i + 1));
    ImGui::PopID();
  }
}

}  // namespace

Panel dreams_beside_panel() {
  return {.name = "dreams beside",
          .place = Place::kViews,
          .share = 0,
          .edge = true,
          .needs = Needs::kOthers,
          .draw = draw};
}

}  // namespace reverie::viewer
