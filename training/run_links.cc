#include "training/run_links.h"

#include <algorithm>

#include "base/error.h"
#include "sim/scene_files.h"

namespace reverie::training {

namespace fs = std::filesystem;

void expect_no_way_out(const fs::path& run) {
  if (sim::trusts_all_models() || !fs::is_directory(run)) return;
  const fs::path root = fs::canonical(run);
  for (const fs::directory_entry& entry : fs::directory_iterator(run)) {
    if (!entry.is_symlink()) continue;
    // Not of the link itself: where it leads to nothing yet, a file would be made.
    const fs::path target = fs::weakly_canonical(root / fs::read_symlink(entry.path()));
    if (std::ranges::mismatch(root, target).in1 != root.end())
      base::throw_user_error(
          "{}: a link out of the run, to {}: a training would write there; --trust lets it",
          entry.path().string(), target.string());
  }
}

}  // namespace reverie::training
