#include "interop/layers.h"

#include <fmt/format.h>

#include <cstddef>
#include <span>

namespace reverie::interop {

Value Layers::linear(const Value& x, const std::string& layer, int64_t head) {
  return graph_.linear(x, weight(layer + ".weight", head), weight(layer + ".bias", head));
}

Value Layers::normed(const Value& x, const std::string& layer, int64_t head) {
  return graph_.layer_norm(linear(x, layer, head), weight(layer + ".gamma", head),
                           weight(layer + ".beta", head));
}

Value Layers::hidden(const Value& x, const std::string& layer, int64_t head) {
  return graph_.silu(normed(x, layer, head));
}

Value Layers::mlp(const Value& x, const std::string& name) {
  return linear(hidden(hidden(x, name + ".0"), name + ".1"), name + ".out");
}

std::string Layers::row(const std::string& name, int64_t begin, int64_t end) {
  const std::span<const float> values = base::tensor_values<float>(weights_.at(name));
  const int64_t last = end < 0 ? std::ssize(values) : end;
  const std::string shown =
      begin == 0 && last == std::ssize(values) ? name : fmt::format("{}.{}-{}", name, begin, last);
  return graph_.constant(shown, std::vector<float>(values.begin() + begin, values.begin() + last));
}

// A weight, or that of one member of an ensemble.
std::string Layers::weight(const std::string& name, int64_t head) {
  const base::TensorData& all = weights_.at(name);
  if (head < 0) return graph_.constant(name, all);
  base::TensorData one{all.dtype, {all.shape.begin() + 1, all.shape.end()}, {}};
  const auto size = static_cast<std::ptrdiff_t>(all.data.size() / static_cast<size_t>(all.shape[0]));
  one.data.assign(all.data.begin() + head * size, all.data.begin() + (head + 1) * size);
  return graph_.constant(fmt::format("{}.{}", name, head), one);
}

bool is_standardised(const Networks& n) { return n.config.kind != "joint_embedding"; }

Value seen(Graph& graph, const Networks& n, const Value& observations) {
  Layers layers(graph, n.weights);
  const int64_t o = n.spec.observation_dim;
  Value s = observations;
  if (is_standardised(n)) {
    s = graph.combine(Op::kSub, observations, layers.row("model.scale.mean", 0, o));
    s = graph.combine(Op::kDiv, s, layers.row("model.scale.deviation", 0, o));
  }
  const Value u = graph.softmax(layers.normed(layers.hidden(s, "model.encoder.0"), "model.encoder.1"),
                                n.config.simnorm_dim);
  return is_standardised(n) ? graph.join(s, u) : u;
}

namespace {

std::vector<float> action_span(const contract::EnvSpec& spec) {
  std::vector<float> span(spec.action_high.size());
  for (size_t i = 0; i < span.size(); ++i) span[i] = spec.action_high[i] - spec.action_low[i];
  return span;
}

}  // namespace

Value unit_action(Graph& graph, const Networks& n, const Value& actions) {
  const Value shifted = graph.combine(Op::kSub, actions, graph.constant("action_low", n.spec.action_low));
  const Value share = graph.combine(Op::kDiv, shifted, graph.constant("action_span", action_span(n.spec)));
  return graph.combine(Op::kSub, graph.combine(Op::kMul, share, graph.constant(2.0F)), graph.constant(1.0F));
}

Value env_action(Graph& graph, const Networks& n, const Value& unit) {
  const Value share =
      graph.combine(Op::kMul, graph.combine(Op::kAdd, unit, graph.constant(1.0F)), graph.constant(0.5F));
  const Value wide = graph.combine(Op::kMul, share, graph.constant("action_span", action_span(n.spec)));
  return graph.combine(Op::kAdd, wide, graph.constant("action_low", n.spec.action_low));
}

Value mean_of(Graph& graph, const std::vector<Value>& heads) {
  Value sum = heads[0];
  for (size_t e = 1; e < heads.size(); ++e) sum = graph.combine(Op::kAdd, sum, heads[e]);
  return graph.combine(Op::kDiv, sum, graph.constant(static_cast<float>(heads.size())));
}

Value spread_of(Graph& graph, const std::vector<Value>& heads, const Value& mean) {
  std::vector<Value> distances;
  for (const Value& head : heads) {
    const Value d = graph.combine(Op::kSub, head, mean);
    distances.push_back(graph.row_sum(graph.combine(Op::kMul, d, d)));
  }
  return graph.apply(Op::kSqrt, mean_of(graph, distances));
}

}  // namespace reverie::interop
