// Writes what is open into files: a picture, a video, or whatever a script asks for.
#pragma once

#include "viewer/opening.h"
#include "viewer/viewer.h"

namespace reverie::viewer {

// Plays `options.script`, or lets `options.seconds` pass where there is none, on a surface in memory. Throws what
// view() says.
void write_files(Opened opened, const ViewOptions& options);

}  // namespace reverie::viewer
