// Each kind of file is read as a model, or refused by one line that says what it is and what to do.
#include "sim/model_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sim/model.h"
#include "sim/task/task_source.h"
#include "tests/sim/task_files.h"

namespace reverie::sim {
namespace {

using std::string_literals::operator""s;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kModel =
    "<mujoco><worldbody><body><joint/><geom size='1'/></body></worldbody></mujoco>";
std::string urdf(const std::string& collision) {
  return "<robot name='r'><link name='a'/><link name='b'><inertial><mass value='1'/>"
         "<inertia ixx='1' iyy='1' izz='1' ixy='0' ixz='0' iyz='0'/></inertial>" +
         collision +
         "</link><joint name='j' type='continuous'><parent link='a'/><child link='b'/><axis xyz='0 1 "
         "0'/></joint>"
         "</robot>";
}

// The archive of one file, model.xml.
std::string archive() {
  const std::string_view hex =
      "504b030414000000000000002100f5d84cb84d0000004d000000090000006d6f64656c2e786d6c3c6d756a6f636f3e3c"
      "776f726c64626f64793e3c626f64793e3c6a6f696e742f3e3c67656f6d2073697a653d2231222f3e3c2f626f64793e3c"
      "2f776f726c64626f64793e3c2f6d756a6f636f3e504b0102140314000000000000002100f5d84cb84d0000004d000000"
      "0900000000000000000000008001000000006d6f64656c2e786d6c504b05060000000001000100370000007400000000"
      "00";
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

std::string error_of(const std::string& path) {
  try {
    load_model(path);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(ModelFormat, ModelsAreReadWhateverTheirNames) {
  const ScratchFolder folder;
  for (const char* name : {"a.xml", "A.XML", "a.mjcf", "a.txt", "a", "a.b.c"})
    EXPECT_EQ(load_model(folder.write(name, kModel))->nq, 1) << name;
  for (const char* name : {"a.urdf", "A.URDF", "robot"})
    EXPECT_EQ(load_model(folder.write(name, urdf("")))->nq, 1) << name;
  const std::string prefixes[] = {"\xef\xbb\xbf", "<?xml version='1.0'?>\n<!-- <sdf> -->\n"};
  for (const std::string& prefix : prefixes)
    EXPECT_EQ(load_model(folder.write("b.xml", prefix + kModel))->nq, 1) << prefix;
}

TEST(ModelFormat, AnArchiveIsOpenedByTheEngine) {
  const ScratchFolder folder;
  for (const char* name : {"a.zip", "a.mjz"})
    EXPECT_EQ(load_model(folder.write(name, archive()))->nq, 1) << name;
  EXPECT_THAT(error_of(folder.write("A.ZIP", archive())), HasSubstr("A.ZIP: a zip archive: unpack it first"));
  EXPECT_THAT(error_of(folder.write("b.zip", "PK\3\4")),
              AllOf(HasSubstr("b.zip: "), HasSubstr("unpack it first")));
  std::string other = archive();
  for (size_t at = other.find("model.xml"); at != std::string::npos; at = other.find("model.xml", at))
    other.replace(at, 9, "other.xml");
  EXPECT_THAT(error_of(folder.write("c.zip", other)),
              AllOf(HasSubstr("no root XML file found"), HasSubstr("unpack it first")));
}

TEST(ModelFormat, WhatIsNotReadIsNamedWithWhatToDo) {
  struct Case {
    const char* name;
    std::string content;
    const char* expected;
  };
  const Case cases[] = {{"a.mjb", "\0\0MJB"s, "binary models are not read, save it as MJCF"},
                        {"A.MJB", "x", "binary models are not read, save it as MJCF"},
                        {"a.xml", "\x31\xd4\0\0\x01\0"s, "binary models are not read, save it as MJCF"},
                        {"a.xml.gz", "\x1f\x8b\x08", "a compressed file: unpack it first"},
                        {"gz.xml", "\x1f\x8b\x08", "a compressed file: unpack it first"},
                        {"a.tar", "x", "unpack it first"},
                        {"a.usda", "#usda 1.0\n", "a USD scene"},
                        {"a.usd", "PXR-USDC", "a USD scene"},
                        {"a.stl", "solid", "a mesh, not a model"},
                        {"a.dae", "<COLLADA/>", "a mesh, not a model"},
                        {"a.sdf", "<?xml version='1.0'?><sdf version='1.6'/>", "an SDF file"},
                        {"a.xacro", "<robot xmlns:xacro='x'><xacro:macro/></robot>", "expand them first"},
                        {"part.xml", "<mujocoinclude/>", "name the MJCF that includes it"},
                        {"utf16.xml", "\xff\xfe<\0"s, "save it as UTF-8"},
                        {"binary.xml", "<\0\1"s, "a binary file"},
                        {"text.xml", "hello", "not XML"},
                        {"empty.xml", "", "an empty file"},
                        {"blank.xml", " \n\t", "an empty file"},
                        {"html.xml", "<html></html>", "Unrecognized XML model type"}};
  const ScratchFolder folder;
  for (const auto& [name, content, expected] : cases) {
    const std::string path = folder.write(name, content);
    const std::string error = error_of(path);
    EXPECT_THAT(error, AllOf(testing::StartsWith(path + ": "), HasSubstr(expected))) << name;
    EXPECT_THAT(error, Not(HasSubstr("\n"))) << name;
  }
}

TEST(ModelFormat, FoldersAndOtherThingsThatAreNoFiles) {
  const ScratchFolder folder;
  const std::string inside = folder.path() / "in.xml", pipe = folder.path() / "pipe.xml";
  std::filesystem::create_directory(inside);
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(error_of(inside), inside + ": a directory, expected a model (MJCF or URDF)");
  EXPECT_EQ(error_of(pipe), pipe + ": not a regular file");
  EXPECT_EQ(error_of(folder.path() / "no.xml"), folder.path().string() + "/no.xml: no such file");
}

TEST(ModelFormat, PathsOfPackagesSayHowTheyAreStripped) {
  const ScratchFolder folder;
  const std::string mesh = "<collision><geometry><mesh filename='package://r/a.stl'/></geometry></collision>";
  EXPECT_THAT(error_of(folder.write("a.urdf", urdf(mesh))),
              AllOf(HasSubstr("package://r/a.stl"), HasSubstr("strippath=\"true\"")));
}

TEST(ModelFormat, AFileThatIsThereIsNeverAMissingTask) {
  const ScratchFolder folder;
  for (const char* name : {"a.urdf", "a.xml", "a.mjb", "a", "a.zip"}) {
    const std::string path = folder.write(name, kModel);
    try {
      read_task_source(path, {});
      ADD_FAILURE() << name;
    } catch (const base::UserError& error) {
      EXPECT_THAT(error.what(), AllOf(testing::StartsWith(path + ": not a task file"), HasSubstr("--init")));
    }
    EXPECT_TRUE(names_model(path)) << name;
  }
  EXPECT_FALSE(names_model(folder.path()));
  EXPECT_FALSE(names_model(folder.write("T.TOML", "")));
  EXPECT_FALSE(names_model("dmc/walker-walk"));
  EXPECT_TRUE(names_model("nowhere/A.URDF"));
}

}  // namespace
}  // namespace reverie::sim
