// Panel: one thing that the viewer shows, and the keys that belong to it.
//
// A new panel is one file in panels/ that defines `Panel name_panel()`, and its line in panels/panels.cc. The
// session then gives it a place, draws it and calls its actions; the help lists its keys.
#pragma once

#include <imgui.h>

#include <span>
#include <vector>

#include "viewer/layout.h"

namespace reverie::viewer {

struct LayoutSettings;
struct ViewerContext;

// What must be there for a panel to be shown.
enum class Needs {
  kNothing,
  kDream,
  kNoDream,
  kRun,  // a training run: its learning curve is known
  kCheckpoints,
  kRecording,    // recorded episodes are shown
  kCaption,      // a script says something
  kError,        // something could not be opened
  kNothingOpen,  // then only these panels and those that are kAlways are shown
  kTask,         // a task, alone or that of a run
  kGlance,       // the run's training is known
  kOthers,       // dreams of other runs are shown beside the first one
  kHelp,         // the help is open
  kPanelList,    // the list of panels is open
  kAlways,
};

// A key, and what happens when it goes down.
struct KeyBinding {
  ImGuiKeyChord key;  // with ImGuiMod_Ctrl and the like where they belong to it
  void (*act)(ViewerContext& context);
  bool repeats = false;  // while the key is held
};

// One line of the help.
struct Action {
  const char* keys;                  // as the help names them, e.g. "+  -"
  const char* label;                 // what they do, in the same order
  std::vector<KeyBinding> bindings;  // empty: the panel reads the mouse itself
};

struct Panel {
  const char* name;  // unique
  const char* heading = "";
  Place place = Place::kSide;
  int share = 1;  // of its row, beside the shares of the row's other panels; 0: one a run beside the first
  bool edge = false;  // draws up to the edge of its rectangle, without a margin
  Needs needs = Needs::kNothing;
  bool hidden = false;  // at first; the user may show it
  // Draws into the window that is open, `rect` on the surface.
  void (*draw)(ViewerContext& context, const Rect& rect) = nullptr;
  std::vector<Action> actions = {};
};

// A panel that is shown, and where.
struct PlacedPanel {
  const Panel* panel = nullptr;
  Rect rect = {};                // a size of zero: there is no room, or another tab is in front
  const char* window = nullptr;  // that can be docked; null: it stands where it stands
  bool docked = false;           // in this frame
  bool begins = false;           // that window is begun in this frame
};

// Lists the panels of `panels` whose needs are met as the possible ones, and returns those of them that are shown, in the
// same order, on a surface of `width` by `height` pixels. At the beginning of a frame: it makes the dock space.
std::vector<PlacedPanel> place_panels(std::span<const Panel> panels, ViewerContext& context, float width,
                                      float height);

// Whether the user wants to see it.
bool is_shown(const Panel& panel, const LayoutSettings& layout);
void show_panel(const Panel& panel, LayoutSettings& layout, bool shown);

// Calls the actions of the placed panels whose keys went down in this frame.
void handle_keys(ViewerContext& context);

// Draws the placed panels. Panels of Place::kSide share one window, one below the other.
void draw_panels(ViewerContext& context);

}  // namespace reverie::viewer
