// Keys of many parts are tables in tables: refused before anything walks along them.
#include "base/toml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "base/fields.h"

namespace reverie::base {
namespace {

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Toml, KeysOfVeryManyPartsAreRefused) {
  for (const std::string part : {"a.", "a . ", "'a'.", "\"=\\\"\".", "''.", "1-_Z\t."}) {
    EXPECT_NO_THROW(parse_toml(repeated(part, 15) + "b = 1\n")) << part;
    for (const int count : {16, 1000000}) {
      EXPECT_THROW(parse_toml(repeated(part, count) + "b = 1\n"), toml::parse_error) << part;
      EXPECT_THROW(parse_toml(fmt::format("[{}b]\n", repeated(part, count))), toml::parse_error) << part;
      EXPECT_THROW(parse_toml(fmt::format("x = {{{}b = 1}}\n", repeated(part, count))), toml::parse_error)
          << part;
    }
  }
}

TEST(Toml, DotsElsewhereAreNoParts) {
  const std::string dots(1000, '.');
  EXPECT_NO_THROW(parse_toml("a = '" + dots + "'\nb = \"\\\"" + dots + "\" # " + dots + "\n"));
  EXPECT_NO_THROW(parse_toml("a = '''\n" + dots + "''\n'''\nb = \"\"\"\n\\\"\"" + dots + "\"\"\"\n"));
  EXPECT_NO_THROW(parse_toml("a = [" + repeated("1.5, ", 1000) + "]\n"));
  EXPECT_NO_THROW(parse_toml(repeated("[[a.b]]\nc.d = 1.0\n", 1000)));
}

TEST(Toml, TheErrorNamesTheLine) {
  int64_t value = 0;
  try {
    load_toml({{"a", &value, ""}}, fmt::format("a = 1\n\n{}b = 1\n", repeated("a.", 100000)), "x.toml");
    ADD_FAILURE() << "it loads";
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()), "x.toml:3:1: a key of more than 16 parts");
  }
}

}  // namespace
}  // namespace reverie::base
