#include "interop/model_graphs.h"

#include <fmt/format.h>

#include <cmath>
#include <span>
#include <string>

#include "base/error.h"

namespace reverie::interop {
namespace {

// Layers by the names of their weights, as tensor/network.h computes them.
class Layers {
 public:
  Layers(Graph& graph, const base::SafeTensors& weights) : graph_(graph), weights_(weights) {}

  Value linear(const Value& x, const std::string& layer, int64_t head = -1) {
    return graph_.linear(x, weight(layer + ".weight", head), weight(layer + ".bias", head));
  }
  Value normed(const Value& x, const std::string& layer, int64_t head = -1) {
    return graph_.layer_norm(linear(x, layer, head), weight(layer + ".gamma", head),
                             weight(layer + ".beta", head));
  }
  Value hidden(const Value& x, const std::string& layer, int64_t head = -1) {
    return graph_.silu(normed(x, layer, head));
  }
  // Two hidden layers and an output.
  Value mlp(const Value& x, const std::string& name) {
    return linear(hidden(hidden(x, name + ".0"), name + ".1"), name + ".out");
  }
  // The first `count` numbers of a row of weights, as a constant.
  std::string row(const std::string& name, int64_t count) {
    const std::span<const float> values = base::tensor_values<float>(weights_.at(name));
    return graph_.constant(name, std::vector<float>(values.begin(), values.begin() + count));
  }
  int64_t heads(const std::string& weight) const { return weights_.at(weight).shape.at(0); }

 private:
  // A weight, or that of one member of an ensemble.
  std::string weight(const std::string& name, int64_t head) {
    const base::TensorData& all = weights_.at(name);
    if (head < 0) return graph_.constant(name, all);
    base::TensorData one{all.dtype, {all.shape.begin() + 1, all.shape.end()}, {}};
    const auto size = static_cast<std::ptrdiff_t>(all.data.size() / static_cast<size_t>(all.shape[0]));
    one.data.assign(all.data.begin() + head * size, all.data.begin() + (head + 1) * size);
    return graph_.constant(fmt::format("{}.{}", name, head), one);
  }

  Graph& graph_;
  const base::SafeTensors& weights_;
};

bool is_standardised(const Networks& n) { return n.config.kind != "joint_embedding"; }

// What the actor reads: the standardised observation where the kind keeps it, and the encoder's features.
Value seen(Graph& graph, const Networks& n, const Value& observations) {
  Layers layers(graph, n.weights);
  const int64_t o = n.spec.observation_dim;
  Value s = observations;
  if (is_standardised(n)) {
    s = graph.combine(Op::kSub, observations, layers.row("model.scale.mean", o));
    s = graph.combine(Op::kDiv, s, layers.row("model.scale.deviation", o));
  }
  const Value u = graph.softmax(layers.normed(layers.hidden(s, "model.encoder.0"), "model.encoder.1"),
                                n.config.simnorm_dim);
  return is_standardised(n) ? graph.join(s, u) : u;
}

std::vector<float> action_span(const contract::EnvSpec& spec) {
  std::vector<float> span(spec.action_high.size());
  for (size_t i = 0; i < span.size(); ++i) span[i] = spec.action_high[i] - spec.action_low[i];
  return span;
}

// The environment's range -> [-1, 1], and back.
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

int64_t latent_width(const Networks& n) {
  return n.config.latent_dim + (is_standardised(n) ? n.spec.observation_dim : 0);
}

Value mean_of(Graph& graph, const std::vector<Value>& heads) {
  Value sum = heads[0];
  for (size_t e = 1; e < heads.size(); ++e) sum = graph.combine(Op::kAdd, sum, heads[e]);
  return graph.combine(Op::kDiv, sum, graph.constant(static_cast<float>(heads.size())));
}

// Root mean square distance of the heads to their mean.
Value spread_of(Graph& graph, const std::vector<Value>& heads, const Value& mean) {
  std::vector<Value> distances;
  for (const Value& head : heads) {
    const Value d = graph.combine(Op::kSub, head, mean);
    distances.push_back(graph.row_sum(graph.combine(Op::kMul, d, d)));
  }
  return graph.apply(Op::kSqrt, mean_of(graph, distances));
}

Graph encode_graph(const Networks& n) {
  Graph graph("encode");
  graph.output("latents", seen(graph, n, graph.input("observations", n.spec.observation_dim)));
  return graph;
}

Graph step_graph(const Networks& n) {
  Graph graph("step");
  Layers layers(graph, n.weights);
  const Value z = graph.input("latents", latent_width(n));
  const Value a = unit_action(graph, n, graph.input("actions", n.spec.action_dim));
  const bool grounded = is_standardised(n);
  const int64_t o = n.spec.observation_dim;
  Value inputs = graph.join(z, a), pair, products;
  if (grounded) {
    pair = graph.join(graph.slice(z, 0, o), a);
    products = graph.combine(Op::kMul, layers.linear(pair, "model.products.left"),
                             layers.linear(pair, "model.products.right"));
    inputs = graph.join(inputs, products);
  }
  std::vector<Value> changes, features;
  for (int64_t e = 0; e < layers.heads("model.dynamics.0.weight"); ++e) {
    const Value h = layers.hidden(layers.hidden(inputs, "model.dynamics.0", e), "model.dynamics.1", e);
    features.push_back(graph.softmax(layers.normed(h, "model.dynamics.out", e), n.config.simnorm_dim));
    if (grounded)
      changes.push_back(graph.combine(Op::kAdd, layers.linear(h, "model.dynamics.change", e),
                                      layers.linear(graph.join(pair, products), "model.dynamics.skip", e)));
  }
  const Value u = mean_of(graph, features);
  Value next = u;
  if (grounded) {
    const Value change =
        graph.combine(Op::kMul, mean_of(graph, changes), layers.row("model.scale.change", o));
    const Value s = graph.combine(Op::kAdd, graph.slice(z, 0, o), change);
    const Value low = graph.combine(Op::kMax, s, layers.row("model.scale.low", o));
    next = graph.join(graph.combine(Op::kMin, low, layers.row("model.scale.high", o)), u);
  }
  graph.output("next_latents", next);
  graph.output("uncertainty", spread_of(graph, features, u));
  return graph;
}

float reward_scale(const Networks& n) {
  const auto found = n.weights.tensors.find("reward_scale");
  return found == n.weights.tensors.end() ? 1.0F : base::tensor_values<float>(found->second)[0];
}

Graph reward_graph(const Networks& n) {
  Graph graph("reward");
  Layers layers(graph, n.weights);
  const Value z = graph.input("latents", latent_width(n));
  const Value a = unit_action(graph, n, graph.input("actions", n.spec.action_dim));
  const Value logits = layers.mlp(graph.join(z, a), "model.reward");
  std::vector<float> bins(static_cast<size_t>(logits.width));
  for (size_t k = 0; k < bins.size(); ++k) {
    const double at = n.config.bin_low + (n.config.bin_high - n.config.bin_low) * static_cast<double>(k) /
                                             static_cast<double>(bins.size() - 1);
    bins[k] = static_cast<float>(std::copysign(std::expm1(std::abs(at)), at));
  }
  const Value reward = graph.dot(graph.softmax(logits, logits.width), graph.constant("reward_bins", bins));
  graph.output("reward", graph.combine(Op::kMul, reward, graph.constant(reward_scale(n))));
  return graph;
}

Graph continuation_graph(const Networks& n) {
  Graph graph("continuation");
  Layers layers(graph, n.weights);
  const Value z = graph.input("latents", latent_width(n));
  const Value a = unit_action(graph, n, graph.input("actions", n.spec.action_dim));
  const Value logit = layers.mlp(graph.join(z, a), "model.continuation");
  graph.output("continuation", graph.apply(Op::kSigmoid, graph.column(logit)));
  return graph;
}

Graph decode_graph(const Networks& n) {
  Graph graph("decode");
  Layers layers(graph, n.weights);
  const int64_t o = n.spec.observation_dim;
  const Value z = graph.input("latents", latent_width(n));
  Value units = z;
  std::string mean = "model.scale.mean", scale = "model.scale.deviation";
  if (!is_standardised(n)) {
    units = layers.mlp(z, "probe");
    mean = "probe.mean", scale = "probe.scale";
  }
  const Value physical = graph.combine(Op::kMul, graph.slice(units, 0, o), layers.row(scale, o));
  graph.output("observations", graph.combine(Op::kAdd, physical, layers.row(mean, o)));
  return graph;
}

}  // namespace

Graph policy_graph(const Networks& networks) {
  Graph graph("policy");
  Layers layers(graph, networks.weights);
  const Value z = seen(graph, networks, graph.input("observations", networks.spec.observation_dim));
  const Value head = layers.mlp(z, "average_actor");
  const Value mean = graph.slice(head, 0, networks.spec.action_dim);
  graph.output("actions", env_action(graph, networks, graph.apply(Op::kTanh, mean)));
  return graph;
}

std::vector<Graph> world_model_graphs(const Networks& networks) {
  if (networks.config.kind != "joint_embedding" && networks.config.kind != "grounded")
    base::throw_user_error(
        "model.kind={}: its step computes mechanics and is no network; expected joint_embedding or grounded",
        networks.config.kind);
  std::vector<Graph> graphs{encode_graph(networks), step_graph(networks), reward_graph(networks),
                            decode_graph(networks)};
  if (networks.spec.has_termination) graphs.push_back(continuation_graph(networks));
  return graphs;
}

}  // namespace reverie::interop
