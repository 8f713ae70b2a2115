// The hash of a task covers each file that the engine opens for its model, however the model names it.
#include "sim/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "sim/model.h"
#include "sim/task/task.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

namespace fs = std::filesystem;
using std::string_literals::operator""s;
using Files = std::vector<std::pair<std::string, std::string>>;  // name, content; the first is the model

void write(const ScratchFolder& folder, const std::string& name, const std::string& content) {
  const fs::path path = folder.path() / name;
  fs::create_directories(path.parent_path());
  base::write_file_atomic(path, content);
}

struct Loaded {
  ModelPtr model;
  std::string sources;
};

Loaded load(const fs::path& path) {
  const ModelFiles files(path);
  const SpecPtr spec = parse_mjcf(path, files);
  Loaded out;
  out.model = compile_model(spec.get(), path, files);
  out.sources = model_sources(path, files.opened());
  return out;
}

// A tetrahedron with one corner at `height`.
std::string tetrahedron(const std::string& height) {
  return "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 " + height + "\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n";
}

// A PNG image of one red or blue pixel.
std::string pixel(bool red) {
  const std::string head =
      "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde\0\0\0\x0cIDAT"s;
  const std::string tail = "\0\0\0\0IEND\xae\x42\x60\x82"s;
  return head +
         (red ? "\x78\x9c\x63\xf8\xcf\xc0\0\0\3\1\1\0\xc9\xfe\x92\xef"s
              : "\x78\x9c\x63\x60\x60\xf8\x0f\0\1\3\1\0\x08\x89\xc2\xec"s) +
         tail;
}

template <typename T>
void append(std::string& out, const std::vector<T>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

// A height field of 2 x 2 points.
std::string heights(float last) {
  std::string out;
  append<int>(out, {2, 2});
  append<float>(out, {0, 1, 0, last});
  return out;
}

// A skin of one triangle on the body "b".
std::string skin(float width) {
  std::string out;
  append<int>(out, {3, 0, 1, 1});
  append<float>(out, {0, 0, 0, width, 0, 0, 0, 1, 0});
  append<int>(out, {0, 1, 2});
  out += "b" + std::string(39, '\0');
  append<float>(out, {0, 0, 0, 1, 0, 0, 0});
  append<int>(out, {3, 0, 1, 2});
  append<float>(out, {1, 1, 1});
  return out;
}

const char* const kMeshAsset = R"(<asset><mesh name="m" file="m.obj"/></asset>)";
const char* const kMeshBody =
    R"(<worldbody><body name="b"><freejoint/><geom type="mesh" mesh="m"/></body></worldbody>)";

std::string mjcf(const std::string& inside) { return "<mujoco>" + inside + "</mujoco>"; }
std::string included(const std::string& inside) { return "<mujocoinclude>" + inside + "</mujocoinclude>"; }
std::string urdf(const std::string& extension, const std::string& file) {
  const std::string inertial =
      R"(<inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial>)";
  return "<robot name='r'>" + extension + "<link name='base'/><link name='tip'>" + inertial +
         "<collision><geometry><mesh filename='" + file + "'/></geometry></collision></link>" +
         "<joint name='j' type='continuous'><parent link='base'/><child link='tip'/><axis xyz='0 1 "
         "0'/></joint></robot>";
}

struct Layout {
  const char* what;
  Files files;
  std::string changed;  // the name of the file that is changed
  std::string content;
};

std::vector<Layout> plain_mesh_layouts() {
  const std::string mesh = tetrahedron("1"), other = tetrahedron("2");
  const std::string named = kMeshAsset, body = kMeshBody;
  return {
      {"beside the model", {{"r.xml", mjcf(named + body)}, {"m.obj", mesh}}, "m.obj", other},
      {"meshdir in the including file",
       {{"r.xml", mjcf("<compiler meshdir='a'/><include file='s.xml'/>" + body)},
        {"s.xml", included(named)},
        {"a/m.obj", mesh}},
       "a/m.obj",
       other},
      {"meshdir in one included file, the name in another",
       {{"r.xml", mjcf("<include file='d.xml'/><include file='s.xml'/>" + body)},
        {"d.xml", included("<compiler meshdir='a'/>")},
        {"s.xml", included(named)},
        {"a/m.obj", mesh}},
       "a/m.obj",
       other},
      {"included from a folder, the mesh relative to the model",
       {{"r.xml", mjcf("<compiler assetdir='a'/><include file='parts/s.xml'/>" + body)},
        {"parts/s.xml", included(named)},
        {"a/m.obj", mesh}},
       "a/m.obj",
       other},
      {"an included file without extension, three levels deep",
       {{"r.xml", mjcf("<include file='one'/>" + body)},
        {"one", included("<include file='two.mjcf'/>")},
        {"two.mjcf", included("<include file='three.inc'/>")},
        {"three.inc", included(named)},
        {"m.obj", mesh}},
       "m.obj",
       other},
      {"an included file's number, three levels deep",
       {{"r.xml", mjcf("<include file='one'/>" + body)},
        {"one", included("<include file='two.mjcf'/>")},
        {"two.mjcf", included(named + "<option timestep='0.002'/>")},
        {"m.obj", mesh}},
       "two.mjcf",
       included(named + "<option timestep='0.004'/>")},
      {"a model file without extension", {{"robot", mjcf(named + body)}, {"m.obj", mesh}}, "m.obj", other},
  };
}

std::vector<Layout> further_mesh_layouts() {
  const std::string mesh = tetrahedron("1"), other = tetrahedron("2");
  const std::string named = kMeshAsset, body = kMeshBody;
  return {
      {"strippath",
       {{"r.xml", mjcf("<compiler strippath='true' meshdir='a'/><asset><mesh name='m' "
                       "file='/far/away/m.obj'/></asset>" +
                       body)},
        {"a/m.obj", mesh}},
       "a/m.obj",
       other},
      {"a name with an entity",
       {{"r.xml", mjcf("<asset><mesh name='m' file='a&amp;b.obj'/></asset>" + body)}, {"a&b.obj", mesh}},
       "a&b.obj",
       other},
      {"of an attached model with folders of its own",
       {{"r.xml", mjcf("<compiler meshdir='elsewhere'/><asset><model name='c' file='c/child.xml'/></asset>"
                       "<worldbody><frame><attach model='c' body='b' prefix='c/'/></frame></worldbody>")},
        {"c/child.xml", mjcf("<compiler meshdir='a'/>" + named + body)},
        {"c/a/m.obj", mesh}},
       "c/a/m.obj",
       other},
      {"of a flex in an included file",
       {{"r.xml", mjcf("<include file='parts/s'/>")},
        {"parts/s",
         included("<worldbody><flexcomp name='f' type='mesh' file='m.obj' dim='2' mass='1'/></worldbody>")},
        {"m.obj", mesh}},
       "m.obj",
       other},
      {"of a URDF", {{"r.urdf", urdf("", "a/m.obj")}, {"a/m.obj", mesh}}, "a/m.obj", other},
      {"of a URDF with folders of its own",
       {{"r.urdf",
         urdf("<mujoco><compiler strippath='true' meshdir='a'/></mujoco>", "package://robot/b/m.obj")},
        {"a/m.obj", mesh}},
       "a/m.obj",
       other},
  };
}

std::vector<Layout> mesh_layouts() {
  std::vector<Layout> out = plain_mesh_layouts();
  for (Layout& layout : further_mesh_layouts()) out.push_back(std::move(layout));
  return out;
}

std::vector<Layout> asset_layouts() {
  const std::string body = kMeshBody;
  const std::string scene = mjcf(
      "<compiler assetdir='a' texturedir='t'/><include file='s.xml'/><worldbody><body name='b'><freejoint/>"
      "<geom size='1'/></body></worldbody>");
  std::vector<Layout> out = {
      {"texture",
       {{"r.xml", scene},
        {"s.xml", included("<asset><texture name='p' type='2d' file='p.png'/></asset>")},
        {"t/p.png", pixel(true)}},
       "t/p.png",
       pixel(false)},
      {"texture with a content type instead of an extension",
       {{"r.xml", scene},
        {"s.xml",
         included("<asset><texture name='p' type='2d' file='p.dat' content_type='image/png'/></asset>")},
        {"t/p.dat", pixel(true)}},
       "t/p.dat",
       pixel(false)},
      {"height field",
       {{"r.xml", scene},
        {"s.xml", included("<asset><hfield name='h' file='h.bin' size='1 1 1 1'/></asset>")},
        {"a/h.bin", heights(0.5)}},
       "a/h.bin",
       heights(0.75)},
      {"skin",
       {{"r.xml", scene},
        {"s.xml", included("<deformable><skin name='s' file='s.skn'/></deformable>")},
        {"a/s.skn", skin(1)}},
       "a/s.skn",
       skin(2)},
  };
  for (const char* side : {"fileright", "fileleft", "fileup", "filedown", "filefront", "fileback"}) {
    Files files = {{"r.xml", scene}};
    std::string texture = "<asset><texture name='p' type='cube'";
    for (const char* one : {"fileright", "fileleft", "fileup", "filedown", "filefront", "fileback"})
      texture += std::string(" ") + one + "='" + one + ".png'";
    files.emplace_back("s.xml", included(texture + "/></asset>"));
    for (const char* one : {"fileright", "fileleft", "fileup", "filedown", "filefront", "fileback"})
      files.emplace_back("t/" + std::string(one) + ".png", pixel(true));
    out.push_back({side, files, "t/" + std::string(side) + ".png", pixel(false)});
  }
  return out;
}

void expect_covered(const Layout& layout) {
  SCOPED_TRACE(layout.what);
  const ScratchFolder folder;
  for (const auto& [name, content] : layout.files) write(folder, name, content);
  const fs::path model = folder.path() / layout.files[0].first;
  const std::string before = load(model).sources;
  EXPECT_EQ(load(model).sources, before);
  write(folder, layout.changed, layout.content);
  EXPECT_NE(load(model).sources, before);
}

TEST(ModelFiles, TheHashCoversAMeshHoweverItIsNamed) {
  for (const Layout& layout : mesh_layouts()) ASSERT_NO_THROW(expect_covered(layout)) << layout.what;
}

TEST(ModelFiles, TheHashCoversTexturesHeightFieldsAndSkins) {
  for (const Layout& layout : asset_layouts()) ASSERT_NO_THROW(expect_covered(layout)) << layout.what;
}

TEST(ModelFiles, TheHashCoversAFileElsewhereOnTheDisk) {
  const ScratchFolder folder, elsewhere;
  setenv("REVERIE_TRUST", "1", 1);  // without it no such file is opened
  write(elsewhere, "m.obj", tetrahedron("1"));
  write(folder, "r.xml",
        mjcf("<compiler meshdir='" + elsewhere.path().string() + "'/>" + kMeshAsset + kMeshBody));
  const std::string before = load(folder.path() / "r.xml").sources;
  write(elsewhere, "m.obj", tetrahedron("2"));
  EXPECT_NE(load(folder.path() / "r.xml").sources, before);
  unsetenv("REVERIE_TRUST");
}

TEST(ModelFiles, TheHashIsTheSameInAnotherFolder) {
  const ScratchFolder folder, copy;
  for (const Layout& layout : mesh_layouts()) {
    for (const auto& [name, content] : layout.files) write(folder, name, content), write(copy, name, content);
    EXPECT_EQ(load(folder.path() / layout.files[0].first).sources,
              load(copy.path() / layout.files[0].first).sources)
        << layout.what;
  }
}

// A run is resumed only with the hash that it began with.
TEST(ModelFiles, FilesThatTheModelNamesThemselvesKeepTheirOrder) {
  const ScratchFolder folder;
  const std::string part = included("<asset><mesh name='m' file='n.obj'/></asset>");
  const std::string model =
      mjcf("<compiler meshdir='a'/><include file='part.xml'/><asset><mesh name='k' file='k.obj'/></asset>" +
           std::string(kMeshBody));
  write(folder, "r.xml", model);
  write(folder, "part.xml", part);
  write(folder, "a/k.obj", tetrahedron("1"));
  write(folder, "a/n.obj", tetrahedron("2"));
  write(folder, "n.obj", tetrahedron("3"));  // named by part.xml, and not what the engine opens
  EXPECT_EQ(load(folder.path() / "r.xml").sources,
            model + part + tetrahedron("3") + tetrahedron("1") + tetrahedron("2"));
}

TEST(ModelFiles, AMeshIsReadAgainHoweverSoonItChanged) {
  const ScratchFolder folder;
  write(folder, "r.xml", mjcf(std::string(kMeshAsset) + kMeshBody));
  double mass = 0.0;
  for (const char* height : {"1", "2", "3", "4"}) {
    write(folder, "m.obj", tetrahedron(height));
    const Loaded loaded = load(folder.path() / "r.xml");
    EXPECT_GT(loaded.model->body_mass[1], mass + 10.0) << height;
    mass = loaded.model->body_mass[1];
  }
}

TEST(ModelFiles, ATaskThatNamesTheModelHasTheHashOfItsFiles) {
  const ScratchFolder folder;
  const Layout layout = mesh_layouts()[1];
  for (const auto& [name, content] : layout.files) write(folder, name, content);
  const std::string task = folder.write("t.toml",
                                        "schema = 1\nid = \"t\"\nmodel = \"r.xml\"\ncontrol_dt = "
                                        "0.02\n[[observation]]\nname = \"q\"\nexpr = 'qpos()'\n"
                                        "[reward]\nexpr = '1'\n");
  const std::string before = Task::load(task)->spec().hash;
  write(folder, "a/m.obj", tetrahedron("2"));
  EXPECT_NE(Task::load(task)->spec().hash, before);
}

TEST(TaskFile, HashCoversIncludedFiles) {
  const ScratchFolder folder;
  folder.write("arm.xml", "<mujoco><include file=\"part.xml\"/></mujoco>");
  folder.write("part.xml", kArmModel);
  const std::string path = folder.write("arm.toml", arm_task());
  const std::string before = Task::load(path)->spec().hash;
  std::string part = kArmModel;
  part.replace(part.find("damping=\"1\""), 11, "damping=\"2\"");
  folder.write("part.xml", part);
  EXPECT_NE(Task::load(path)->spec().hash, before);
}

}  // namespace
}  // namespace reverie::sim
