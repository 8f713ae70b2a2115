// A model names files of its own folder, and no others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "sim/model.h"
#include "sim/model_files.h"
#include "sim/plugins.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

namespace fs = std::filesystem;
using std::string_literals::operator""s;
using testing::HasSubstr;

// What the user sets with --trust.
class Trust {
 public:
  Trust() { setenv("REVERIE_TRUST", "1", 1); }
  ~Trust() { unsetenv("REVERIE_TRUST"); }
};

// A folder "robot" for models, and a file "outside" that is none of theirs.
class ModelRoots : public testing::Test {
 protected:
  ModelRoots() {
    fs::create_directories(folder_.path() / "robot/parts");
    put("mesh.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n");
    put("part.xml",
        "<mujocoinclude><worldbody><body name='b'><geom size='1'/></body></worldbody></mujocoinclude>");
    put("model.xml", "<mujoco><worldbody><body name='b'><geom size='1'/></body></worldbody></mujoco>");
    const int size[] = {2, 2};
    const float heights[] = {0, 1, 0, 1};
    std::string field(reinterpret_cast<const char*>(size), sizeof size);
    field.append(reinterpret_cast<const char*>(heights), sizeof heights);
    put("field.bin", field);
    put("pixel.png",
        "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde\0\0\0\x0cIDAT"
        "\x78\x9c\x63\xf8\xcf\xc0\0\0\3\1\1\0\xc9\xfe\x92\xef\0\0\0\0IEND\xae\x42\x60\x82"s);
  }

  void put(const std::string& name, const std::string& bytes) {
    base::write_file_atomic(folder_.path() / name, bytes);
  }
  std::string model(const std::string& inside) {
    return folder_.write("robot/robot.xml", "<mujoco>" + inside + "</mujoco>");
  }
  static std::string error_of(const std::string& path) {
    try {
      load_model(path);
    } catch (const base::UserError& error) {
      return error.what();
    }
    return "loads";
  }

  ScratchFolder folder_;
};

// How a model names a file, with FILE for its path.
struct Kind {
  const char* what;
  const char* file;
  const char* inside;
};
const Kind kKinds[] = {
    {"include", "part.xml", "<include file='FILE'/>"},
    {"mesh", "mesh.obj", "<asset><mesh name='m' file='FILE'/></asset>"},
    {"texture", "pixel.png", "<asset><texture name='t' type='2d' file='FILE'/></asset>"},
    {"height field", "field.bin", "<asset><hfield name='h' file='FILE' size='1 1 1 1'/></asset>"},
    {"skin", "skin.skn", "<deformable><skin name='s' file='FILE'/></deformable>"},
    {"model", "model.xml", "<asset><model name='m' file='FILE'/></asset>"},
    {"flexible body", "mesh.obj",
     "<worldbody><flexcomp name='f' type='mesh' file='FILE' dim='2' mass='1'/></worldbody>"},
};

std::string naming(const Kind& kind, const std::string& file) {
  std::string out = kind.inside;
  return out.replace(out.find("FILE"), 4, file);
}

TEST_F(ModelRoots, NoKindOfFileIsReadFromOutsideTheFolder) {
  put("skin.skn", "no skin");
  for (const Kind& kind : kKinds) {
    for (const std::string& name :
         {"../"s + kind.file, (folder_.path() / kind.file).string(), "parts/../../"s + kind.file}) {
      const std::string path = model(naming(kind, name));
      EXPECT_THAT(error_of(path), HasSubstr("lies outside the model's folder")) << kind.what << " " << name;
      const Trust trust;
      EXPECT_THAT(error_of(path), testing::Not(HasSubstr("outside"))) << kind.what;
      const bool sound = kind.what != "skin"s;
      EXPECT_EQ(error_of(path) == "loads", sound) << kind.what << ": " << error_of(path);
    }
  }
}

TEST_F(ModelRoots, FoldersOfTheCompilerLeadOutAsLittle) {
  const std::string path = model("<compiler meshdir='..'/><asset><mesh name='m' file='mesh.obj'/></asset>");
  EXPECT_THAT(error_of(path), HasSubstr("lies outside the model's folder"));
  EXPECT_THAT(error_of(path), HasSubstr("--trust"));
}

TEST_F(ModelRoots, ALinkInTheFolderLeadsOutAsLittle) {
  fs::create_symlink(folder_.path() / "mesh.obj", folder_.path() / "robot/linked.obj");
  fs::create_directory_symlink(folder_.path(), folder_.path() / "robot/up");
  for (const char* name : {"linked.obj", "up/mesh.obj"})
    EXPECT_THAT(error_of(model(naming(kKinds[1], name))), HasSubstr("lies outside the model's folder"))
        << name;
}

// As caches of downloads lay files out: the model itself is a link, and its files lie where it leads.
TEST_F(ModelRoots, FilesBesideALinkedModelAreItsOwn) {
  const std::string path = model(naming(kKinds[1], "mesh.obj"));
  fs::create_directories(folder_.path() / "store");
  fs::rename(path, folder_.path() / "store/1");
  fs::copy_file(folder_.path() / "mesh.obj", folder_.path() / "store/2");
  fs::create_symlink(folder_.path() / "store/1", path);
  fs::create_symlink(folder_.path() / "store/2", folder_.path() / "robot/mesh.obj");
  EXPECT_EQ(error_of(path), "loads");
}

TEST_F(ModelRoots, ScenesOfTheProgramMayBeNamed) {
  EXPECT_EQ(error_of(model("<include file='" REVERIE_SOURCE_SCENES "/style.xml'/>")), "loads");
}

// Text that the engine does not read names files too.
TEST_F(ModelRoots, TheHashReadsNoFileOutside) {
  const std::string path = model("<!-- file=\"../mesh.obj\" --><worldbody/>");
  const std::string before = model_sources(path, {path});
  put("mesh.obj", "another mesh");
  EXPECT_EQ(model_sources(path, {path}), before);
  const Trust trust;
  EXPECT_NE(model_sources(path, {path}), before);
}

TEST_F(ModelRoots, AFileThatIsTooLargeIsRefusedBeforeItIsRead) {
  put("robot/huge.obj", "");
  fs::resize_file(folder_.path() / "robot/huge.obj",
                  uint64_t{1} << 40);  // a hole: it takes no room on the disk
  EXPECT_THAT(error_of(model(naming(kKinds[1], "huge.obj"))), HasSubstr("huge.obj is too large"));
  put("robot/robot.xml", "");
  fs::resize_file(folder_.path() / "robot/robot.xml", uint64_t{1} << 40);
  EXPECT_THAT(error_of(folder_.path() / "robot/robot.xml"), HasSubstr("robot.xml: too large"));
}

// The engine's own libraries, under another name beside the model, stay where they are.
TEST_F(ModelRoots, NoLibraryIsLoadedFromTheFolder) {
  fs::create_directories(folder_.path() / "robot/plugin");
  int copied = 0;
  for (const auto& entry : fs::directory_iterator(plugin_folder())) {
    for (const char* place : {"robot", "robot/plugin"})
      fs::copy_file(entry.path(), folder_.path() / place / ("mine_" + entry.path().filename().string()));
    ++copied;
  }
  ASSERT_GT(copied, 0);
  const std::string path = model("<extension><plugin plugin='mine.pid'/></extension>");
  EXPECT_THAT(error_of(path), HasSubstr("no others are loaded"));
  EXPECT_EQ(error_of(model("<extension><plugin plugin='mujoco.pid'/></extension>")), "loads");
  std::stringstream maps;
  maps << std::ifstream("/proc/self/maps").rdbuf();
  EXPECT_EQ(maps.str().find("mine_"), std::string::npos);
}

}  // namespace
}  // namespace reverie::sim
