#include "tensor/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include "base/error.h"

namespace reverie::tensor {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view word) {
  try {
    resolve_device(word);
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Device, IsTheCpuUnlessAGpuIsThere) {
  EXPECT_EQ(resolve_device("cpu"), kCpu);
  EXPECT_EQ(resolve_device("auto").is_cpu(), static_cast<int>(torch::cuda::device_count()) == 0);
}

TEST(Device, NamesReadBackAsTheSameDevice) {
  EXPECT_EQ(device_name(kCpu), "cpu");
  EXPECT_EQ(device_name({Device::Kind::kCuda, 0}), "cuda");
  EXPECT_EQ(device_name({Device::Kind::kCuda, 3}), "cuda:3");
  EXPECT_EQ(describe_device({Device::Kind::kCuda, 3}), "cuda (device 3)");
  const auto count = static_cast<int>(torch::cuda::device_count());
  for (int i = 0; i < count; ++i) {
    const Device device{Device::Kind::kCuda, i};
    EXPECT_EQ(resolve_device(device_name(device)), device);
  }
}

TEST(Device, OtherWordsAreTheUsersInput) {
  for (const char* word : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda1", "CPU"}) {
    EXPECT_THAT(error_of(word), HasSubstr("expected auto, cpu, cuda or cuda:N")) << word;
  }
}

TEST(Device, AGpuThatIsNotThereIsNamedWithTheNumberOfThoseThatAre) {
  const auto count = static_cast<int>(torch::cuda::device_count());
  const std::string error = error_of("cuda:99");
  EXPECT_THAT(error, HasSubstr("device=cuda:99"));
  EXPECT_THAT(error, HasSubstr(count == 0 ? "no usable CUDA device" : "expected a number from 0 to"));
}

}  // namespace
}  // namespace reverie::tensor
