// Configures ImGui: its assertions are exceptions of the viewer instead of dead processes.
#pragma once

void reverie_imgui_assert(const char* file, int line, const char* expr);

#define IM_ASSERT(_EXPR)                                            \
  do {                                                              \
    if (!(_EXPR)) reverie_imgui_assert(__FILE__, __LINE__, #_EXPR); \
  } while (0)
