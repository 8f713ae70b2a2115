#include "report/painter.h"

#include <array>

namespace reverie::report {
namespace {

struct Entry {
  const char* name;
  Rgb light, dark;
};

// In the order of Role. Series colours keep apart for the common kinds of colour blindness (blue, orange,
// green, violet, ochre, teal: different in lightness too).
constexpr std::array<Entry, 11> kPalette = {{
    {"--plot-background", {255, 255, 255}, {24, 27, 32}},
    {"--plot-text", {27, 31, 38}, {232, 235, 240}},
    {"--plot-muted", {98, 106, 118}, {154, 163, 176}},
    {"--plot-grid", {229, 232, 237}, {48, 53, 61}},
    {"--plot-axis", {150, 157, 168}, {105, 113, 125}},
    {"--plot-0", {33, 99, 184}, {104, 167, 255}},
    {"--plot-1", {214, 104, 18}, {255, 158, 80}},
    {"--plot-2", {24, 138, 92}, {82, 201, 146}},
    {"--plot-3", {143, 64, 160}, {210, 143, 226}},
    {"--plot-4", {164, 126, 18}, {224, 188, 84}},
    {"--plot-5", {20, 134, 150}, {88, 200, 214}},
}};

const Entry& entry(Role role) { return kPalette[static_cast<size_t>(role)]; }

}  // namespace

Rgb light_colour(Role role) { return entry(role).light; }
Rgb dark_colour(Role role) { return entry(role).dark; }
std::string css_name(Role role) { return entry(role).name; }

}  // namespace reverie::report
