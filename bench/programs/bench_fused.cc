// The fused operations, forward and backward, beside the same operations composed from ATen, at the sizes of
// a default model (hidden 128, batch 256). Argument: threads.
#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include "tensor/flat_optimizer.h"
#include "tensor/fused.h"

namespace {

using at::Tensor;

struct Layer {
  Tensor x, w, b, gamma, beta;
};

// members 0: plain. Frozen: only x gets a gradient.
Layer make_layer(int64_t members, int64_t rows, int64_t in, int64_t out, bool frozen) {
  const auto shape = [members](std::vector<int64_t> s) {
    if (members > 0) s.insert(s.begin(), members);
    return s;
  };
  Layer l{at::randn(shape({rows, in})), at::randn(shape({out, in})) * 0.1, at::zeros(shape({out})),
          at::ones(shape({out})), at::zeros(shape({out}))};
  l.x.requires_grad_();
  if (!frozen) {
    for (Tensor* t : {&l.w, &l.b, &l.gamma, &l.beta}) t->requires_grad_();
  }
  return l;
}

Tensor composed_norm(const Layer& l) {
  if (l.w.dim() == 2) {
    return at::layer_norm(at::linear(l.x, l.w, l.b), {l.w.size(0)}, l.gamma, l.beta, 1e-5);
  }
  const Tensor y = at::baddbmm(l.b.unsqueeze(1), l.x, l.w.transpose(1, 2));
  return at::layer_norm(y, {l.w.size(1)}, {}, {}, 1e-5) * l.gamma.unsqueeze(1) + l.beta.unsqueeze(1);
}

template <class F>
void run(benchmark::State& state, int64_t members, bool frozen, const F& f) {
  at::set_num_threads(static_cast<int>(state.range(0)));
  const Layer l = make_layer(members, 256, 128, 128, tensor::frozen);
  const Tensor upstream = at::randn_like(f(l));
  for (auto _ : state) f(l).backward(upstream);
}

const auto kFusedSilu = [](const Layer& l) {
  return reverie::tensor::linear_norm_silu(l.x, l.w, l.b, l.gamma, l.beta);
};
const auto kComposedSilu = [](const Layer& l) { return at::silu(composed_norm(l)); };
const auto kFusedSimnorm = [](const Layer& l) {
  return reverie::tensor::linear_norm_simnorm(l.x, l.w, l.b, l.gamma, l.beta, 8);
};
const auto kComposedSimnorm = [](const Layer& l) {
  return at::softmax(composed_norm(l).unflatten(-1, {-1, 8}), -1).flatten(-2);
};
const auto kFusedLinear = [](const Layer& l) { return reverie::tensor::linear(l.x, l.w, l.b); };
const auto kComposedLinear = [](const Layer& l) { return at::linear(l.x, l.w, l.b); };

void product(benchmark::State& state) {  // the three products of a layer alone: the floor
  at::set_num_threads(static_cast<int>(state.range(0)));
  const Layer l = make_layer(0, 256, 128, 128, true);
  const at::NoGradGuard no_grad;
  Tensor y = at::empty({256, 128}), dx = at::empty({256, 128}), dw = at::empty({128, 128});
  for (auto _ : state) {
    at::mm_out(y, l.x, l.w.t());
    at::mm_out(dx, y, l.w);
    at::mm_out(dw, y.t(), l.x);
  }
}
BENCHMARK(product)->Arg(1)->Arg(2)->UseRealTime();

#define LAYER_BENCH(name, members, tensor::frozen, f)                            \
  void name(benchmark::State& state) { run(state, members, tensor::frozen, f); } \
  BENCHMARK(name)->Arg(1)->Arg(2)->UseRealTime()

LAYER_BENCH(linear_fused, 0, false, kFusedLinear);
LAYER_BENCH(linear_composed, 0, false, kComposedLinear);
LAYER_BENCH(silu_fused, 0, false, kFusedSilu);
LAYER_BENCH(silu_composed, 0, false, kComposedSilu);
LAYER_BENCH(silu_frozen_fused, 0, true, kFusedSilu);
LAYER_BENCH(silu_frozen_composed, 0, true, kComposedSilu);
LAYER_BENCH(silu_ensemble_fused, 2, false, kFusedSilu);
LAYER_BENCH(silu_ensemble_composed, 2, false, kComposedSilu);
LAYER_BENCH(simnorm_fused, 0, false, kFusedSimnorm);
LAYER_BENCH(simnorm_composed, 0, false, kComposedSimnorm);

void two_hot_fused(benchmark::State& state) {
  at::set_num_threads(static_cast<int>(state.range(0)));
  Tensor logits = at::randn({768, 51}).requires_grad_();
  const Tensor target = at::randn({768});
  for (auto _ : state) reverie::tensor::two_hot_cross_entropy(logits, target, -5.0, 6.0).sum().backward();
}
BENCHMARK(two_hot_fused)->Arg(1)->Arg(2)->UseRealTime();

// The composed reference is what float64 tensors get; its target preparation is the same work in either type.
void two_hot_composed_double(benchmark::State& state) {
  at::set_num_threads(static_cast<int>(state.range(0)));
  Tensor logits = at::randn({768, 51}, at::kDouble).requires_grad_();
  const Tensor target = at::randn({768}, at::kDouble);
  for (auto _ : state) reverie::tensor::two_hot_cross_entropy(logits, target, -5.0, 6.0).sum().backward();
}
BENCHMARK(two_hot_composed_double)->Arg(1)->Arg(2)->UseRealTime();

void expectation_fused(benchmark::State& state) {
  at::set_num_threads(static_cast<int>(state.range(0)));
  Tensor logits = at::randn({768, 51}).requires_grad_();
  for (auto _ : state) reverie::tensor::two_hot_expectation(logits, -5.0, 6.0).sum().backward();
}
BENCHMARK(expectation_fused)->Arg(1)->Arg(2)->UseRealTime();

void tanh_gaussian_fused(benchmark::State& state) {
  at::set_num_threads(static_cast<int>(state.range(0)));
  Tensor head = at::randn({256, 12}).requires_grad_();
  const Tensor noise = at::randn({256, 6});
  for (auto _ : state) {
    const auto [action, log_prob] = reverie::tensor::tanh_gaussian(head, noise, 0.1);
    (action.sum() + log_prob.sum()).backward();
  }
}
BENCHMARK(tanh_gaussian_fused)->Arg(1)->Arg(2)->UseRealTime();

void adam_fused(benchmark::State& state) {
  at::set_num_threads(static_cast<int>(state.range(0)));
  std::vector<reverie::tensor::FlatSegment> segments;
  for (int i = 0; i < 10; ++i) segments.push_back({at::randn({128, 128}).requires_grad_()});
  reverie::tensor::FlatAdam adam(segments, {});
  adam.gradients().fill_(1e-3);
  for (auto _ : state) benchmark::DoNotOptimize(adam.step());
}
BENCHMARK(adam_fused)->Arg(1)->Arg(2)->UseRealTime();

void adam_torch(benchmark::State& state) {
  at::set_num_threads(static_cast<int>(state.range(0)));
  std::vector<Tensor> parameters;
  for (int i = 0; i < 10; ++i) {
    parameters.push_back(at::randn({128, 128}).requires_grad_());
    parameters.back().mutable_grad() = at::full({128, 128}, 1e-3);
  }
  torch::optim::Adam adam(parameters);
  for (auto _ : state) {
    torch::nn::utils::clip_grad_norm_(parameters, 20.0);
    adam.step();
  }
}
BENCHMARK(adam_torch)->Arg(1)->Arg(2)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
