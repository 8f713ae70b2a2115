// LayoutSettings: which panels are shown and how large, as the user left them.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace reverie::viewer {

struct LayoutSettings {
  float views_share = 0.60f;          // of the height that views and plots share
  float side_width = 18.0f;           // of the side column, in sizes of the text
  bool light = false;                 // the light theme
  std::map<std::string, bool> shown;  // by the panel's name, of panels that are not as they are at first
  std::set<std::string> apart;        // panels of the column that have a window of their own
  std::string docking;                // windows that were moved, as Docking tells it; empty: none was

  bool operator==(const LayoutSettings&) const = default;
};

// $XDG_CONFIG_HOME/reverie/viewer.json, else that below ~/.config; empty when neither variable is set.
std::filesystem::path layout_file();

// The settings in `file`; those of a fresh installation when it is missing or damaged.
LayoutSettings read_layout(const std::filesystem::path& file);
// Returns "" or why it cannot be written.
std::string write_layout(const std::filesystem::path& file, const LayoutSettings& settings);

}  // namespace reverie::viewer
