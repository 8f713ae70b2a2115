#include "base/protobuf.h"

#include <gtest/gtest.h>

namespace reverie::base {
namespace {

// The examples of Protocol Buffers' own description of its encoding.
TEST(Protobuf, WritesTheBytesOfThePublishedExamples) {
  EXPECT_EQ(Protobuf().integer(1, 150).bytes(), "\x08\x96\x01");
  EXPECT_EQ(Protobuf().text(2, "testing").bytes(), "\x12\x07testing");
  EXPECT_EQ(Protobuf().message(3, Protobuf().integer(1, 150)).bytes(), "\x1a\x03\x08\x96\x01");
}

TEST(Protobuf, WritesNegativeIntegersInTenBytes) {
  EXPECT_EQ(Protobuf().integer(1, static_cast<uint64_t>(-1)).bytes(),
            "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Protobuf, WritesRealNumbersWithTheLowByteFirst) {
  EXPECT_EQ(Protobuf().float32(2, 1.0F).bytes(), std::string("\x15\x00\x00\x80\x3f", 5));
  EXPECT_EQ(Protobuf().float64(1, 1.0).bytes(), std::string("\x09\x00\x00\x00\x00\x00\x00\xf0\x3f", 9));
}

}  // namespace
}  // namespace reverie::base
