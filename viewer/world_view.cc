#include "viewer/world_view.h"

#include <mujoco/mujoco.h>

#include <algorithm>

namespace reverie::viewer {

namespace {

// MuJoCo's own mouse habits: a double click selects, and with Ctrl a drag turns (left) or pulls (right) what is selected.
void read_hand(Grab& grab, const Rect& rect, bool dream) {
  const ImGuiIO& io = ImGui::GetIO();
  if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    grab.select = true;
    grab.dream = dream;
    grab.x = (io.MousePos.x - rect.position.x) / rect.size.x;
    grab.y = 1 - (io.MousePos.y - rect.position.y) / rect.size.y;
    grab.aspect = rect.size.x / rect.size.y;
  }
  const bool left = ImGui::IsMouseDown(ImGuiMouseButton_Left),
             right = ImGui::IsMouseDown(ImGuiMouseButton_Right);
  if (!ImGui::IsItemActive() || !io.KeyCtrl || !(left || right)) return;
  grab.held = true;
  grab.turns = !right;
  if (right) grab.action = io.KeyShift ? mjMOUSE_MOVE_H : mjMOUSE_MOVE_V;
  if (!right) grab.action = io.KeyShift ? mjMOUSE_ROTATE_H : mjMOUSE_ROTATE_V;
  grab.dx = io.MouseDelta.x / rect.size.y;
  grab.dy = io.MouseDelta.y / rect.size.y;
}

// Left turns the camera, right moves it, middle or wheel zooms, shift takes the horizontal plane. With Alt the mouse drives.
void read_mouse(CameraMotion& camera, ImVec2& drive_mouse, float height, bool holds) {
  const ImGuiIO& io = ImGui::GetIO();
  const bool shift = io.KeyShift;
  if (ImGui::IsItemHovered() && io.MouseWheel != 0) {
    camera.action = mjMOUSE_ZOOM;
    camera.dy = -0.05 * io.MouseWheel;
  }
  drive_mouse = {0, 0};
  if (!ImGui::IsItemActive() || holds) return;
  if (io.KeyAlt) {
    const ImVec2 drag = ImGui::GetMouseDragDelta(ImGuiMouseButton_Left, 0);
    const float full = height / 4;  // a full push
    drive_mouse = {std::clamp(drag.x / full, -1.0f, 1.0f), std::clamp(-drag.y / full, -1.0f, 1.0f)};
    return;
  }
  if (ImGui::IsMouseDragging(ImGuiMouseButton_Left, 0))
    camera.action = shift ? mjMOUSE_ROTATE_H : mjMOUSE_ROTATE_V;
  if (ImGui::IsMouseDragging(ImGuiMouseButton_Right, 0))
    camera.action = shift ? mjMOUSE_MOVE_H : mjMOUSE_MOVE_V;
  if (ImGui::IsMouseDragging(ImGuiMouseButton_Middle, 0)) camera.action = mjMOUSE_ZOOM;
  camera.dx = io.MouseDelta.x / height;
  camera.dy = io.MouseDelta.y / height;
  if (camera.dx == 0 && camera.dy == 0) camera.action = 0;  // a click moves nothing
}

// A label on a dark plate in the upper left corner, with a dot in the colour of the world. In a picture too narrow for
// all of it the name stands alone.
void draw_label(const Fonts& fonts, ImVec2 corner, float room, const char* name, const char* detail,
                ImVec4 colour) {
  ImDrawList* draw = ImGui::GetWindowDrawList();
  const float pad = fonts.size * 0.5f, dot = fonts.size * 0.3f;
  const ImVec2 name_size = fonts.bold->CalcTextSizeA(fonts.size, FLT_MAX, 0, name);
  const ImVec2 detail_size = fonts.text->CalcTextSizeA(fonts.size, FLT_MAX, 0, detail);
  const ImVec2 from{corner.x + pad, corner.y + pad};
  const float name_width = 2 * pad + 3 * dot + name_size.x, with_detail = name_width + pad + detail_size.x;
  const bool both = with_detail + 2 * pad <= room;
  const float width = both ? with_detail : name_width;
  const ImVec2 to{from.x + width, from.y + name_size.y + pad};
  draw->AddRectFilled(from, to, ImGui::GetColorU32({0.05f, 0.06f, 0.08f, 0.78f}), 4);
  const float x = from.x + pad, y = from.y + pad / 2;
  draw->AddCircleFilled({x + dot, y + name_size.y / 2}, dot, ImGui::GetColorU32(colour));
  draw->AddText(fonts.bold, fonts.size, {x + 3 * dot, y}, ImGui::GetColorU32(palette::kText), name);
  if (!both) return;
  draw->AddText(fonts.text, fonts.size, {x + 3 * dot + name_size.x + pad, y},
                ImGui::GetColorU32(palette::kMuted), detail);
}

}  // namespace

void show_world(ViewerContext& context, const Rect& rect, const SceneView& view, const char* name,
                const char* detail, ImVec4 colour) {
  ImGui::SetCursorScreenPos(rect.position);
  ImGui::InvisibleButton("view", rect.size,
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                             ImGuiButtonFlags_MouseButtonMiddle);
  ImVec2 drive_mouse{0, 0};
  Grab grab;  // a drag with Ctrl where nothing is selected is one of the camera
  read_hand(grab, rect, &view == &context.dream_view);
  const bool holds = grab.held && context.selected > 0;
  if (grab.select || holds) context.grab = grab;
  read_mouse(context.camera, drive_mouse, rect.size.y, holds);
  if (ImGui::IsItemActive() || ImGui::IsItemDeactivated()) context.drive.mouse = drive_mouse;
  const ImVec2 far{rect.position.x + rect.size.x, rect.position.y + rect.size.y};
  ImGui::GetWindowDrawList()->AddImageRounded(static_cast<ImTextureID>(view.texture), rect.position, far,
                                              {0, 1}, {1, 0}, IM_COL32_WHITE, 6);
  draw_label(context.fonts, rect.position, rect.size.x, name, detail, colour);
}

}  // namespace reverie::viewer
