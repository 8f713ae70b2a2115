#include "contract/network_policy.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/safetensors.h"
#include "base/temporary_directory.h"
#include "tests/support/drift_world.h"

namespace reverie::contract {
namespace {

using testing::HasSubstr;

base::TensorData tensor(const std::vector<float>& values, std::vector<int64_t> shape) {
  return base::make_tensor<float>(values, std::move(shape));
}

// Of the observation (x, 7) and one action within -1..1.
class NetworkPolicyTest : public testing::Test {
 protected:
  NetworkPolicyTest() {
    content_.tensors["layers.0.weight"] = tensor({1.0f, 0.0f, 0.0f, -1.0f}, {2, 2});
    content_.tensors["layers.0.bias"] = tensor({0.0f, 1.0f}, {2});
    content_.tensors["layers.1.weight"] = tensor({2.0f, 0.5f}, {1, 2});
    content_.tensors["layers.1.bias"] = tensor({0.25f}, {1});
  }
  float action(float x) {
    base::save_safetensors(file_, content_);
    const auto policy = network_policy(file_, spec_);
    const std::vector<float> observation{x, 7.0f};
    const DrawKey key;
    float out = 0.0f;
    policy->act({.observations = observation, .keys = std::span(&key, 1)}, std::span(&out, 1));
    return out;
  }
  std::string error() {
    try {
      action(0.0f);
    } catch (const base::UserError& e) {
      return e.what();
    }
    return "no error";
  }

  base::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "actor.safetensors";
  base::SafeTensors content_;
  EnvSpec spec_ = tests::drift_spec();
};

TEST_F(NetworkPolicyTest, GoesThroughTheLayers) {
  EXPECT_FLOAT_EQ(action(0.3f), std::tanh(2.0f * std::tanh(0.3f) + 0.5f * std::tanh(-6.0f) + 0.25f));
  content_.metadata["activation"] = "relu";
  content_.metadata["output"] = "clip";
  EXPECT_FLOAT_EQ(action(0.3f), 0.85f);
  EXPECT_FLOAT_EQ(action(3.0f), 1.0f);
  content_.tensors["input.mean"] = tensor({0.1f, 0.0f}, {2});
  content_.tensors["input.scale"] = tensor({2.0f, 1.0f}, {2});
  EXPECT_FLOAT_EQ(action(0.3f), 0.45f);
}

TEST_F(NetworkPolicyTest, WhatDoesNotFitIsNamed) {
  const base::SafeTensors good = content_;
  content_.tensors["layers.0.weight"] = tensor({1.0f, 0.0f, 0.0f}, {1, 3});
  EXPECT_THAT(error(), HasSubstr("layers.0.weight: expected F32 [1, 2], found F32 [1, 3]"));
  content_ = good;
  content_.tensors.erase("layers.1.bias");
  EXPECT_THAT(error(), HasSubstr("layers.1.bias"));
  content_ = good;
  content_.tensors.erase("layers.1.weight");
  EXPECT_THAT(error(), HasSubstr("layers.0.weight: expected 1 outputs, the actions of test/drift, found 2"));
  content_ = good;
  content_.tensors["layers.1.bias"] = tensor({std::numeric_limits<float>::quiet_NaN()}, {1});
  EXPECT_THAT(error(), HasSubstr("layers.1.bias: nan is not finite"));
  content_ = good;
  content_.metadata["activation"] = "relo";
  EXPECT_THAT(error(), HasSubstr("activation: 'relo' is unknown (did you mean 'relu'?)"));
}

}  // namespace
}  // namespace reverie::contract
