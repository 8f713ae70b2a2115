#include "viewer/panels/panels.h"

namespace reverie::viewer {

// Each is defined in panels/<name>_panel.cc and declared only here.
Panel header_panel();
Panel error_message_panel();
Panel caption_panel();
Panel start_panel();
Panel clock_panel();
Panel time_panel();
Panel dream_controls_panel();
Panel drive_panel();
Panel fan_panel();
Panel fork_panel();
Panel events_panel();
Panel actors_panel();
Panel recording_panel();
Panel checkpoints_panel();
Panel physics_panel();
Panel dream_panel();
Panel dreams_beside_panel();
Panel runs_panel();
Panel returns_panel();
Panel actions_panel();
Panel error_panel();
Panel learning_panel();
Panel scene_panel();
Panel selection_panel();
Panel keys_panel();
Panel sensors_panel();
Panel training_panel();
Panel promise_panel();
Panel observations_panel();
Panel help_panel();
Panel layout_panel();

std::vector<Panel> all_panels() {
  return {
      header_panel(),    error_message_panel(),  caption_panel(),     start_panel(),
      clock_panel(),     runs_panel(),           time_panel(),        actors_panel(),
      recording_panel(), dream_controls_panel(), drive_panel(),       fan_panel(),
      fork_panel(),      events_panel(),         checkpoints_panel(), physics_panel(),
      dream_panel(),     dreams_beside_panel(),  returns_panel(),     error_panel(),
      learning_panel(),  actions_panel(),        promise_panel(),     observations_panel(),
      sensors_panel(),   selection_panel(),      keys_panel(),        scene_panel(),
      training_panel(),  help_panel(),           layout_panel(),
  };
}

}  // namespace reverie::viewer
