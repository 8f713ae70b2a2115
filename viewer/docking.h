// Docking: where the windows of panels stand that the mouse can move: side by side, as tabs, or on their own.
// As long as nobody has moved one, they stand in the tiles of make_layout() and follow it pixel by pixel.
#pragma once

#include <imgui.h>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "viewer/layout.h"

namespace reverie::viewer {

// A window that can be docked, in the order in which they stand beside each other.
struct DockWindow {
  const char* name = "";  // of ImGui
  Place place = Place::kViews;
  Rect rect = {};       // its tile; a size of zero: there is no room. After place(): what it can draw in
  bool apart = false;   // stands on its own at first, and not in a tile
  bool begins = false;  // after place(): it is begun in this frame, though another tab may hide it
  bool free = false;    // after place(): for this frame it stands in its tile without being docked
};

class Docking {
 public:
  // Before a frame begins: `arrangement` is that of a file, or what arrangement() told last. Empty: as at first. One that
  // cannot be read is as at first.
  void prepare(const std::string& arrangement);

  // At the beginning of a frame: dock space over `area`.
  void place(std::span<DockWindow> windows, const Rect& area);

  // What was made of it by the mouse, as text; empty: nothing was moved.
  std::string arrangement();

  // From the next prepare() on it is as that tells, whatever was moved before.
  void forget() { known_.reset(); }

  // Whether `arrangement` is the one that was read or told last.
  bool knows(const std::string& arrangement) const { return arrangement == known_; }

  bool moved() const { return moved_; }
  int floating() const { return floating_; }  // windows outside the dock space in the last frame

 private:
  struct Node {
    ImGuiID id = 0;
    Rect rect;
  };

  void follow_tiles(std::span<DockWindow> windows, const Rect& area);
  void keep_moved(std::span<DockWindow> windows);
  void begin_moving();
  void build(std::span<const DockWindow> windows, const Rect& area);
  void build_row(std::span<const DockWindow> windows, Place place, ImGuiID node);
  ImVec2 set_sizes(ImGuiID node);
  bool was_touched() const;

  bool moved_ = false;
  int floating_ = 0;
  std::optional<std::string> known_;   // arrangement that was read or told last
  std::vector<std::string> row_;       // windows that have tiles
  std::map<std::string, Node> tiles_;  // of each of them, once they are docked
  std::map<ImGuiID, ImVec2> sizes_;    // that nodes were given
  std::set<std::string> settled_;      // windows that have a place since one was moved
  std::set<std::string> shown_;        // in the last frame
  std::string in_front_;               // window that has just been shown: its tab comes to the front
  ImVec2 area_{0, 0};                  // size of the dock space in the last frame
};

}  // namespace reverie::viewer
