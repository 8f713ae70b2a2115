#include "interop/model_graphs.h"

#include <cmath>
#include <cstddef>
#include <string>

#include "interop/layers.h"
#include "interop/mechanics_graphs.h"

namespace reverie::interop {
namespace {

int64_t latent_width(const Networks& n) {
  return n.config.latent_dim + (is_standardised(n) ? n.spec.observation_dim : 0);
}

// The input "latents", [N, Z]: without what kind "mechanics" packs behind them.
Value latent_input(Graph& graph, const Networks& n) {
  if (n.config.kind != "mechanics") return graph.input("latents", latent_width(n));
  const Value packed = graph.input("latents", mechanics_packed(n.spec, n.config));
  return graph.slice(packed, 0, mechanics_latent(n.spec, n.config));
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
        graph.combine(Op::kMul, mean_of(graph, changes), layers.row("model.scale.change", 0, o));
    const Value s = graph.combine(Op::kAdd, graph.slice(z, 0, o), change);
    const Value low = graph.combine(Op::kMax, s, layers.row("model.scale.low", 0, o));
    next = graph.join(graph.combine(Op::kMin, low, layers.row("model.scale.high", 0, o)), u);
  }
  graph.output("next_latents", next);
  graph.output("uncertainty", spread_of(graph, features, u));
  return graph;
}

float reward_scale(const Networks& n) {
  const auto found = n.weights.tensors.find("reward_scale");
  return found == n.weights.tensors.end() ? 1.0F : base::tensor_values<float>(found->second)[0];
}

// The mean of bins with shares [N, K]. Bins far from 0 are large and cancel: where they lie evenly around it, each pair
// cancels before it is multiplied.
Value mean_bin(Graph& graph, const Networks& n, const Value& shares, const std::vector<float>& bins) {
  const int64_t count = shares.width, half = count / 2;
  if (n.config.bin_low != -n.config.bin_high) return graph.dot(shares, graph.constant("reward_bins", bins));
  std::vector<int64_t> low(static_cast<size_t>(half));
  for (int64_t k = 0; k < half; ++k) low[static_cast<size_t>(k)] = half - 1 - k;
  const Value pairs =
      graph.combine(Op::kSub, graph.slice(shares, count - half, count), graph.pick(shares, low));
  return graph.dot(pairs, graph.constant("reward_bins", std::vector<float>(bins.end() - half, bins.end())));
}

Graph reward_graph(const Networks& n) {
  Graph graph("reward");
  Layers layers(graph, n.weights);
  const Value z = latent_input(graph, n);
  const Value a = unit_action(graph, n, graph.input("actions", n.spec.action_dim));
  const Value logits = layers.mlp(graph.join(z, a), "model.reward");
  std::vector<float> bins(static_cast<size_t>(logits.width));
  for (size_t k = 0; k < bins.size(); ++k) {
    const double at = n.config.bin_low + (n.config.bin_high - n.config.bin_low) * static_cast<double>(k) /
                                             static_cast<double>(bins.size() - 1);
    bins[k] = static_cast<float>(std::copysign(std::expm1(std::abs(at)), at));
  }
  const Value reward = mean_bin(graph, n, graph.softmax(logits, logits.width), bins);
  graph.output("reward", graph.combine(Op::kMul, reward, graph.constant(reward_scale(n))));
  return graph;
}

Graph continuation_graph(const Networks& n) {
  Graph graph("continuation");
  Layers layers(graph, n.weights);
  const Value z = latent_input(graph, n);
  const Value a = unit_action(graph, n, graph.input("actions", n.spec.action_dim));
  const Value logit = layers.mlp(graph.join(z, a), "model.continuation");
  graph.output("continuation", graph.apply(Op::kSigmoid, graph.column(logit)));
  return graph;
}

Graph decode_graph(const Networks& n) {
  Graph graph("decode");
  Layers layers(graph, n.weights);
  const int64_t o = n.spec.observation_dim;
  const Value z = latent_input(graph, n);
  Value units = z;
  std::string mean = "model.scale.mean", scale = "model.scale.deviation";
  if (!is_standardised(n)) {
    units = layers.mlp(z, "probe");
    mean = "probe.mean", scale = "probe.scale";
  }
  const Value physical = graph.combine(Op::kMul, graph.slice(units, 0, o), layers.row(scale, 0, o));
  graph.output("observations", graph.combine(Op::kAdd, physical, layers.row(mean, 0, o)));
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
  const bool is_mechanics = networks.config.kind == "mechanics";
  std::vector<Graph> graphs{is_mechanics ? mechanics_encode_graph(networks) : encode_graph(networks),
                            is_mechanics ? mechanics_step_graph(networks) : step_graph(networks),
                            reward_graph(networks), decode_graph(networks)};
  if (networks.spec.has_termination) graphs.push_back(continuation_graph(networks));
  return graphs;
}

}  // namespace reverie::interop
