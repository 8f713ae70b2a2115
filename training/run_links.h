// Links of a run that lead out of it: a training that goes on would write there.
// A run may be a stranger's, and its files whatever their maker made of them.
#pragma once

#include <filesystem>

namespace reverie::training {

// Throws UserError when a file or folder of the run is a link out of it. Not when the user has said --trust.
void expect_no_way_out(const std::filesystem::path& run);

}  // namespace reverie::training
