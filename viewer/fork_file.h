// Files of a twin's branches: what was done in each, so that it can be done again.
#pragma once

#include <filesystem>

#include "viewer/twin.h"

namespace reverie::viewer {

// Writes the branches as JSON (docs/formats.md), atomically. Throws UserError for a directory that does not exist.
void save_forks(const Twin& twin, const std::filesystem::path& file);

// Starts where the file's branches started and does again what was done in each. The worlds are the twin's: the file holds
// no states but the first. Returns a line that tells whether physics came to the same returns. Throws UserError for a
// file that is damaged or of another task; the twin is then as it was.
std::string open_forks(Twin& twin, const std::filesystem::path& file);

}  // namespace reverie::viewer
