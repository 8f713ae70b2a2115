// Layers: the networks' building blocks as operations of a Graph, by the names of their weights.
// Graphs of every kind of model are made of them, as tensor/network.h computes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "interop/graph.h"
#include "interop/model_graphs.h"

namespace reverie::interop {

class Layers {
 public:
  // Both must outlive it.
  Layers(Graph& graph, const base::SafeTensors& weights) : graph_(graph), weights_(weights) {}

  // Layers of x [N, W]; `head` is a member of an ensemble.
  Value linear(const Value& x, const std::string& layer, int64_t head = -1);
  Value normed(const Value& x, const std::string& layer, int64_t head = -1);
  Value hidden(const Value& x, const std::string& layer, int64_t head = -1);  // normed, then SiLU
  Value mlp(const Value& x, const std::string& name);  // two hidden layers and an output

  // A row of weights as a constant, its numbers from `begin` to `end`; -1: to its end.
  std::string row(const std::string& name, int64_t begin, int64_t end = -1);
  int64_t heads(const std::string& weight) const { return weights_.at(weight).shape.at(0); }

 private:
  std::string weight(const std::string& name, int64_t head);

  Graph& graph_;
  const base::SafeTensors& weights_;
};

// Kinds whose latent begins with the standardised observation: all but joint_embedding.
bool is_standardised(const Networks& networks);

// observations [N, O] -> what the actor reads: the standardised observation where the kind keeps it, and the encoder's
// features.
Value seen(Graph& graph, const Networks& networks, const Value& observations);

// Actions in the environment's range -> [-1, 1], and back.
Value unit_action(Graph& graph, const Networks& networks, const Value& actions);
Value env_action(Graph& graph, const Networks& networks, const Value& unit);

// Of heads [N, W] of an ensemble: their mean, and their root mean square distance to it, [N].
Value mean_of(Graph& graph, const std::vector<Value>& heads);
Value spread_of(Graph& graph, const std::vector<Value>& heads, const Value& mean);

}  // namespace reverie::interop
