// Mutated files of the viewer's branches: walked along in both worlds, or refused by one line.
#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_directory.h"
#include "tests/fuzz/formats.h"
#include "tests/viewer/fake_worlds.h"
#include "viewer/fork_file.h"

namespace reverie::fuzz {
namespace {

TEST(Fuzz, BranchesReadOrFailClearly) {
  const base::TemporaryDirectory folder;
  const std::string path = (folder.path() / "branches.json").string();
  const sim::ModelPtr model = render::load_twin_model();
  viewer::Twin twin(viewer::test_parts(model.get(), -9.3));
  for (int i = 0; i < 6; ++i) twin.step();
  twin.fork(3, {.action = {-0.75f}});
  for (int i = 0; i < 2; ++i) twin.step();
  twin.fork(2, {.shift = std::vector<double>{0.0, 0.5, 0, 0, 0, 0, 0, 0}});
  viewer::save_forks(twin, path);
  fuzz("branches", {base::read_file(path)}, kJsonWords, 26, 500, [&](const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    viewer::Twin other(viewer::test_parts(model.get(), -9.3));
    viewer::open_forks(other, path);
    other.step();
  });
}

}  // namespace
}  // namespace reverie::fuzz
