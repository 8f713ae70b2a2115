#include "viewer/docking.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "viewer/style.h"

namespace reverie::viewer {

namespace {

constexpr const char* kHost = "##panels";
// In sizes of the text: a dock space that is smaller shows nothing, and a border leaves so much of a window.
constexpr float kLeastSpace = 8, kLeastWindow = 3;

ImGuiID root_id() { return ImHashStr("panels"); }

// Splits `node`: returns the part at `side`, and `node` becomes the rest. Sizes are set later.
ImGuiID split(ImGuiID& node, ImGuiDir side) {
  ImGuiID part = 0, rest = 0;
  ImGui::DockBuilderSplitNode(node, side, 0.5f, &part, &rest);
  node = rest;
  return part;
}

float title_height() { return ImGui::GetFontSize() + 2 * ImGui::GetStyle().FramePadding.y; }

Rect without_title(ImVec2 position, ImVec2 size) {
  const float title = title_height();
  return {{position.x, position.y + title}, {size.x, std::max(size.y - title, 0.0f)}};
}

bool has_room(const DockWindow& window) { return window.rect.size.x >= 1 && window.rect.size.y >= 1; }

// What a window that may have been moved can draw in; nothing before its first frame and behind another tab.
Rect place_of(const char* name) {
  const ImGuiWindow* window = ImGui::FindWindowByName(name);
  if (window == nullptr) return {};
  const ImGuiDockNode* node = window->DockNode;
  if (node == nullptr && window->DockId != 0) return {};
  if (node == nullptr || node->HostWindow == nullptr) return without_title(window->Pos, window->Size);
  if (node->VisibleWindow != nullptr && node->VisibleWindow != window) return {};
  return node->IsHiddenTabBar() ? Rect{node->Pos, node->Size} : without_title(node->Pos, node->Size);
}

bool floats(const char* name) {
  const ImGuiWindow* window = ImGui::FindWindowByName(name);
  if (window == nullptr || window->DockId == 0) return window != nullptr;
  ImGuiDockNode* node = ImGui::DockBuilderGetNode(window->DockId);
  return node != nullptr && ImGui::DockNodeGetRootNode(node)->ID != root_id();
}

// Docks a window that is new in an arrangement as a tab beside one of its kind.
void dock_beside(const DockWindow& window, std::span<const DockWindow> windows) {
  for (const DockWindow& other : windows) {
    const ImGuiWindow* there = other.place == window.place ? ImGui::FindWindowByName(other.name) : nullptr;
    if (there == nullptr || ImGui::DockBuilderGetNode(there->DockId) == nullptr) continue;
    ImGui::DockBuilderDockWindow(window.name, there->DockId);
    return;
  }
}

// The number after `key` in a line; 0 when there is none.
unsigned number_after(const std::string& line, const char* key) {
  const size_t at = line.find(key);
  return at == std::string::npos
             ? 0
             : static_cast<unsigned>(std::strtoul(line.c_str() + at + std::strlen(key), nullptr, 16));
}

// Whether the nodes of an arrangement are trees, each named after its parent: ImGui takes that for granted.
bool is_sound(const std::string& arrangement) {
  std::map<unsigned, int> children;  // of each node
  std::istringstream lines(arrangement);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("DockNode") == std::string::npos && line.find("DockSpace") == std::string::npos) continue;
    const unsigned id = number_after(line, "ID="), parent = number_after(line, "Parent=");
    if (id == 0 || children.contains(id) || (id == root_id() && parent != 0)) return false;
    if (line.find("nan") != std::string::npos || line.find("inf") != std::string::npos) return false;
    if (parent != 0 && (!children.contains(parent) || ++children[parent] > 2)) return false;
    children[id] = 0;
  }
  return std::ranges::none_of(children, [](const auto& one) { return one.second == 1; });
}

// Sizes that a drag of a border fixed for this frame: they cannot be held when the whole became smaller.
void forget_fixed_sizes(ImGuiDockNode* node) {
  if (node == nullptr) return;
  node->WantLockSizeOnce = false;
  for (ImGuiDockNode* child : node->ChildNodes) forget_fixed_sizes(child);
}

// `least`: pixels that a border leaves of a window.
void submit(const Rect& area, float least, ImGuiDockNodeFlags flags) {
  ImGui::SetNextWindowPos(area.position);
  ImGui::SetNextWindowSize(area.size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, {least, least});
  // Between windows nothing is drawn, but for a border under the mouse.
  for (const ImGuiCol gap : {ImGuiCol_WindowBg, ImGuiCol_Border}) ImGui::PushStyleColor(gap, background());
  for (const ImGuiCol grip : {ImGuiCol_ResizeGripHovered, ImGuiCol_ResizeGripActive})
    ImGui::PushStyleColor(grip, ImGui::GetStyleColorVec4(ImGuiCol_SeparatorHovered));
  ImGui::Begin(kHost, nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoDocking |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBackground |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav);
  ImGui::DockSpace(root_id(), {0, 0},
                   flags | ImGuiDockNodeFlags_AutoHideTabBar | ImGuiDockNodeFlags_PassthruCentralNode);
  ImGui::End();
  ImGui::PopStyleColor(4);
  ImGui::PopStyleVar(3);
}

}  // namespace

void Docking::prepare(const std::string& arrangement) {
  if (arrangement == known_) return;
  known_ = arrangement;
  row_.clear();
  tiles_.clear();
  sizes_.clear();
  settled_.clear();
  shown_.clear();
  ImGui::ClearIniSettings();
  moved_ = !arrangement.empty() && is_sound(arrangement);
  if (!moved_) return;
  try {
    ImGui::LoadIniSettingsFromMemory(arrangement.c_str(), arrangement.size());
  } catch (const std::logic_error&) {  // an assertion of the library
    ImGui::ClearIniSettings();
    moved_ = false;
  }
}

std::string Docking::arrangement() {
  if (!moved_) return "";
  size_t size = 0;
  const char* text = ImGui::SaveIniSettingsToMemory(&size);
  known_.emplace(text, size);
  return *known_;
}

void Docking::place(std::span<DockWindow> windows, const Rect& area) {
  floating_ = 0;
  if (windows.empty()) return;  // something else stands here
  if (!moved_ && (was_touched() || std::ranges::any_of(windows, &DockWindow::apart))) begin_moving();
  if (area.size.x != area_.x || area.size.y != area_.y)
    forget_fixed_sizes(ImGui::DockBuilderGetNode(root_id()));
  area_ = area.size;
  if (!moved_) {
    follow_tiles(windows, area);
  } else if (std::min(area.size.x, area.size.y) >= kLeastSpace * ImGui::GetFontSize()) {
    submit(area, kLeastWindow * ImGui::GetFontSize(), 0);
    keep_moved(windows);
  } else {  // nothing could be read, and what is docked stays so
    submit(area, 1, ImGuiDockNodeFlags_KeepAliveOnly);
    for (DockWindow& window : windows) window.rect = {};
  }
}

// Nodes are made for windows that were there in the frame before: so they stand free in the one in which the tiles changed.
void Docking::follow_tiles(std::span<DockWindow> windows, const Rect& area) {
  std::vector<std::string> row;
  for (DockWindow& window : windows) {
    window.begins = has_room(window);
    if (window.begins) row.emplace_back(window.name);
  }
  if (row != row_) {
    row_ = std::move(row);
    tiles_.clear();
    sizes_.clear();
    ImGui::DockBuilderRemoveNode(root_id());
    for (DockWindow& window : windows) window.free = true;
    return;
  }
  if (row_.empty()) return;
  if (tiles_.empty()) build(windows, area);
  for (const DockWindow& window : windows)
    if (window.begins) tiles_[window.name].rect = window.rect;
  sizes_.clear();
  set_sizes(root_id());
  submit(area, 1, 0);
}

// From now on windows stand where the mouse puts them. Those that are not shown have no place yet.
void Docking::begin_moving() {
  moved_ = true;
  settled_ = shown_ = {row_.begin(), row_.end()};
  for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows)
    if (!window->WasActive && (window->Flags & ImGuiWindowFlags_ChildWindow) == 0)
      ImGui::ClearWindowSettings(window->Name);
}

void Docking::keep_moved(std::span<DockWindow> windows) {
  if (!in_front_.empty()) ImGui::SetWindowFocus(std::exchange(in_front_, {}).c_str());
  std::set<std::string> shown;
  for (DockWindow& window : windows) {
    const bool is_new = settled_.insert(window.name).second &&
                        ImGui::FindWindowSettingsByID(ImHashStr(window.name)) == nullptr;
    if (is_new && !window.apart) dock_beside(window, windows);
    window.begins = true;
    window.rect = place_of(window.name);
    floating_ += static_cast<int>(floats(window.name));
    shown.insert(window.name);
    if (!shown_.empty() && !shown_.contains(window.name)) in_front_ = window.name;
  }
  shown_ = std::move(shown);
}

void Docking::build(std::span<const DockWindow> windows, const Rect& area) {
  ImGui::DockBuilderAddNode(root_id(), static_cast<ImGuiDockNodeFlags>(ImGuiDockNodeFlags_DockSpace) |
                                           ImGuiDockNodeFlags_AutoHideTabBar);
  ImGui::DockBuilderSetNodePos(root_id(), area.position);
  ImGui::DockBuilderSetNodeSize(root_id(), area.size);
  const auto any = [&](Place place) {
    return std::ranges::any_of(windows, [&](const auto& one) { return one.place == place && has_room(one); });
  };
  const bool views = any(Place::kViews), plots = any(Place::kPlots);
  ImGuiID rest = root_id();
  if (any(Place::kSide))
    build_row(windows, Place::kSide, views || plots ? split(rest, ImGuiDir_Right) : rest);
  if (plots) build_row(windows, Place::kPlots, views ? split(rest, ImGuiDir_Down) : rest);
  if (views) build_row(windows, Place::kViews, rest);
  ImGui::DockBuilderFinish(root_id());
}

void Docking::build_row(std::span<const DockWindow> windows, Place place, ImGuiID node) {
  std::vector<const DockWindow*> row;
  for (const DockWindow& window : windows)
    if (window.place == place && has_room(window)) row.push_back(&window);
  for (const DockWindow* window : row) {
    const ImGuiID part = window == row.back() ? node : split(node, ImGuiDir_Left);
    ImGuiDockNode* leaf = ImGui::DockBuilderGetNode(part);
    leaf->SetLocalFlags(leaf->LocalFlags | ImGuiDockNodeFlags_HiddenTabBar);
    ImGui::DockBuilderDockWindow(window->name, part);
    tiles_[window->name] = {part, window->rect};
  }
}

// Every node gets the size of its tiles.
ImVec2 Docking::set_sizes(ImGuiID id) {
  ImGuiDockNode* node = ImGui::DockBuilderGetNode(id);
  if (node == nullptr) return {};
  ImVec2 size{0, 0};
  if (node->IsSplitNode()) {
    const ImVec2 first = set_sizes(node->ChildNodes[0]->ID), second = set_sizes(node->ChildNodes[1]->ID);
    size = {std::max(first.x, second.x), std::max(first.y, second.y)};
    const ImGuiAxis axis = node->SplitAxis;
    size[axis] = first[axis] + ImGui::GetStyle().DockingSeparatorSize + second[axis];
  } else {
    const auto tile = std::ranges::find(tiles_, id, [](const auto& one) { return one.second.id; });
    if (tile != tiles_.end()) size = tile->second.rect.size;
  }
  if (id != root_id()) sizes_[id] = node->SizeRef = size;  // that of the root is the area
  return size;
}

// Whether the mouse has moved a window or a border since the last frame.
bool Docking::was_touched() const {
  for (const auto& [name, tile] : tiles_) {
    const ImGuiWindow* window = ImGui::FindWindowByName(name.c_str());
    const ImGuiDockNode* node = ImGui::DockBuilderGetNode(tile.id);
    if (node == nullptr || !node->IsLeafNode() || !node->IsHiddenTabBar()) return true;
    if (window != nullptr && window->DockId != tile.id) return true;
  }
  return std::ranges::any_of(sizes_, [](const auto& one) {
    const ImGuiDockNode* node = ImGui::DockBuilderGetNode(one.first);
    return node == nullptr || node->SizeRef.x != one.second.x || node->SizeRef.y != one.second.y;
  });
}

}  // namespace reverie::viewer
