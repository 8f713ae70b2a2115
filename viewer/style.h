// The look of the viewer: one dark palette, and fonts.
// A colour means the same thing in every panel.
#pragma once

#include <imgui.h>

#include <cstddef>
#include <iterator>

namespace reverie::viewer {

namespace palette {
inline constexpr ImVec4 kBackground{0.055f, 0.065f, 0.082f, 1.0f};
inline constexpr ImVec4 kPlot{0.065f, 0.077f, 0.096f, 1.0f};
inline constexpr ImVec4 kPanel{0.086f, 0.102f, 0.125f, 1.0f};
inline constexpr ImVec4 kLine{0.165f, 0.192f, 0.231f, 1.0f};
inline constexpr ImVec4 kControl{0.149f, 0.176f, 0.216f, 1.0f};
inline constexpr ImVec4 kText{0.875f, 0.902f, 0.929f, 1.0f};
inline constexpr ImVec4 kMuted{0.565f, 0.616f, 0.678f, 1.0f};
inline constexpr ImVec4 kPhysics{0.965f, 0.671f, 0.267f, 1.0f};  // the simulator, everywhere
inline constexpr ImVec4 kDream{0.722f, 0.557f, 1.0f, 1.0f};      // the imagined world, everywhere
// Dreams of the runs beside the first one.
inline constexpr ImVec4 kBeside[] = {{0.345f, 0.820f, 0.890f, 1.0f},
                                     {0.850f, 0.800f, 0.330f, 1.0f},
                                     {0.960f, 0.560f, 0.780f, 1.0f},
                                     {0.460f, 0.620f, 1.0f, 1.0f},
                                     {0.780f, 0.650f, 0.520f, 1.0f}};
inline constexpr ImVec4 kGood{0.400f, 0.855f, 0.576f, 1.0f};
inline constexpr ImVec4 kBad{1.0f, 0.392f, 0.443f, 1.0f};
}  // namespace palette

// Of the dream of run number `i`, the first one 0.
constexpr ImVec4 dream_colour(size_t i) {
  return i == 0 ? palette::kDream : palette::kBeside[(i - 1) % std::size(palette::kBeside)];
}

// DejaVu Sans where the system has it, else ImGui's own font for all three.
struct Fonts {
  ImFont* text = nullptr;
  ImFont* bold = nullptr;
  ImFont* number = nullptr;  // digits of one width
  float size = 16.0f;        // pixels of ordinary text
};

// Colours, spacing and fonts of the current ImGui and ImPlot contexts; `size` is that of
// ordinary text in pixels.
Fonts apply_style(float size);

// Dark colours, or light ones; what a colour means stays the same.
void show_theme(bool light);

// Between panels, in the theme that is shown.
ImVec4 background();

inline constexpr float kPanelGap = 6;  // pixels between panels

// A line of bold text; a size of 0 is that of the text around it.
void bold_text(const Fonts& fonts, const char* text, float size = 0);

// Open a fixed panel at `position` with a bold heading ("" for none). One that scrolls has a bar where it is longer than
// `size`. Always pair with end_panel().
void begin_panel(const char* name, ImVec2 position, ImVec2 size, const Fonts& fonts, const char* heading,
                 bool scrolls = false);
// The same for one that the mouse can move; false when nothing of it is seen. `open` becomes false when it is closed; null:
// it cannot be.
bool begin_docked(const char* name, bool* open, const Fonts& fonts, const char* heading, bool scrolls);
// After what a docked panel shows: round corners, a border, and in its upper left corner what the mouse takes it by.
void finish_docked();
void end_panel();

}  // namespace reverie::viewer
