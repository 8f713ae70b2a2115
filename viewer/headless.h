// Writes what a session shows into files: a picture, a video, or whatever a script asks for.
#pragma once

#include "viewer/session.h"
#include "viewer/viewer.h"

namespace reverie::viewer {

// Plays `options.script`, or lets `options.seconds` pass where there is none, on a surface in memory. Throws what
// view_run() says.
void write_files(Twin& twin, const mjModel_* model, const SessionOptions& session_options,
                 const ViewOptions& options);

}  // namespace reverie::viewer
