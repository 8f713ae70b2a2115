#include "worldmodel/probe.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "contract/rng.h"
#include "tensor/tensor_io.h"

namespace reverie::worldmodel {
namespace {

TEST(Probe, NewNormalisationKeepsWhatIsDecoded) {
  contract::Rng rng(5, 0, contract::Stream::kInit);
  Probe probe = make_probe(16, 32, 4, rng);
  const at::Tensor z = torch::softmax(tensor::normal_tensor({8, 16}, rng), -1);
  const at::Tensor before = decode(probe, z);
  set_normalisation(probe, torch::tensor({1.0F, -2.0F, 0.5F, 0.0F}), torch::tensor({3.0F, 0.1F, 1.0F, 0.0F}));
  EXPECT_LT((decode(probe, z) - before).abs().max().item<float>(), 1e-5F);
  EXPECT_EQ(probe.scale[3].item<float>(), 1.0F);  // a constant target keeps unit scale
}

TEST(Probe, LearnsNothingIntoTheLatents) {
  contract::Rng rng(6, 0, contract::Stream::kInit);
  Probe probe = make_probe(16, 32, 4, rng);
  visit(probe, "", [](const std::string&, at::Tensor& t) { t.requires_grad_(true); });
  at::Tensor z = torch::softmax(tensor::normal_tensor({8, 16}, rng), -1).requires_grad_(true);
  probe_loss(probe, z, tensor::normal_tensor({8, 4}, rng), torch::full({8}, 0.125)).backward();
  EXPECT_FALSE(z.grad().defined());
  EXPECT_GT(probe.body.out.weight.grad().abs().max().item<float>(), 0.0F);
}

}  // namespace
}  // namespace reverie::worldmodel
