// Headings and rows of the panels in the side column.
#pragma once

#include <string>

#include "viewer/style.h"

namespace reverie::viewer {

struct ViewerContext;

// A bold heading; in the column with a handle at its right that takes the panel out.
void heading(ViewerContext& context, const char* text);
// A line across the panel where something stands above it, and a heading under it.
void section_heading(ViewerContext& context, const char* text);

// A muted name at the left, its value at the right, in the text's colour where none is given.
void value_row(const char* name, const std::string& value, ImFont* font, ImVec4 colour = {0, 0, 0, 0});

}  // namespace reverie::viewer
