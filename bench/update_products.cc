#include "bench/update_products.h"

#include <algorithm>

#include "bench/model_layers.h"

namespace reverie::bench {
namespace {

// How often a network runs in an update, and which gradients flow back through it.
struct Passes {
  double forward = 0.0, weight_gradient = 0.0, input_gradient = 0.0;
  double first_input_gradient = -1.0;  // of the first layer when it differs: its input may be data
};

struct Sizes {
  int64_t latent, joint, hidden, batch, replayed, dreamed;
};

using Products = std::vector<UpdateProducts>;

// `widths` of the layers from input to output.
void add(Products& out, int64_t rows, const std::vector<int64_t>& widths, const Passes& passes) {
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    const bool special = i == 0 && passes.first_input_gradient >= 0.0;
    out.push_back({rows, widths[i], widths[i + 1], passes.forward,
                   special ? passes.first_input_gradient : passes.input_gradient, passes.weight_gradient});
  }
}

// Every layer of a model, each copy as often as the others.
void add(Products& out, int64_t rows, const std::vector<Layer>& layers, const Passes& passes) {
  for (const Layer& layer : layers) {
    const auto copies = static_cast<double>(layer.copies);
    out.push_back({rows, layer.in, layer.out, copies * passes.forward, copies * passes.input_gradient,
                   copies * passes.weight_gradient});
  }
}

Passes trained(double times) { return {times, times, times}; }
Passes looked_through(double times) { return {times, 0.0, times}; }
Passes only_forward(double times) { return {times}; }
Passes on_data(double times) { return {times, times, times, 0.0}; }

}  // namespace

Products products_of_update(const contract::EnvSpec& spec, const worldmodel::ModelConfig& m,
                            const policies::LearnerConfig& l) {
  const ModelLayers layers = model_layers(spec, m);
  if (layers.latent == 0) return {};
  const Sizes s{layers.latent,
                layers.latent + spec.action_dim,
                m.hidden_dim,
                l.batch_size,
                m.horizon * l.batch_size,
                std::min(l.imagination_batch, (m.horizon + 1) * l.batch_size)};
  const std::vector<int64_t> encoder{spec.observation_dim, m.encoder_dim, m.latent_dim};
  const std::vector<int64_t> reward{s.joint, s.hidden, s.hidden, m.bins};
  const std::vector<int64_t>& critic = reward;
  const std::vector<int64_t> continuation{s.joint, s.hidden, s.hidden, 1};
  const std::vector<int64_t> actor{s.latent, s.hidden, s.hidden, int64_t{2} * spec.action_dim};
  const std::vector<int64_t> probe{s.latent, m.probe_dim, m.probe_dim, contract::row_width(spec)};
  const auto critics = static_cast<double>(l.critics);
  const auto unrolled = static_cast<double>(m.horizon), dream = static_cast<double>(l.imagination_horizon);
  const auto expansion = static_cast<double>(l.value_expansion);
  const double goes_on = spec.has_termination ? 1.0 : 0.0;

  Products out;
  // Model and critic on the replayed sequences.
  add(out, s.replayed, encoder, only_forward(1.0));
  add(out, s.batch, encoder, on_data(1.0));
  add(out, s.batch, layers.dynamics, trained(unrolled));
  add(out, s.replayed, reward, trained(1.0));
  add(out, s.replayed, continuation, trained(goes_on));
  add(out, s.replayed, critic, trained(critics));
  // The critic's targets.
  add(out, s.replayed, actor, only_forward(expansion + 1.0));
  add(out, s.replayed, reward, only_forward(expansion));
  add(out, s.replayed, continuation, only_forward(expansion * goes_on));
  add(out, s.replayed, layers.dynamics, only_forward(expansion));
  add(out, s.replayed, critic, only_forward(critics));
  // The actor in imagination; the latents that it starts from are data to it.
  Passes acting = trained(dream + 1.0);
  acting.first_input_gradient = dream;
  add(out, s.dreamed, actor, acting);
  add(out, s.dreamed, reward, looked_through(dream));
  add(out, s.dreamed, continuation, looked_through(dream * goes_on));
  add(out, s.dreamed, layers.dynamics, looked_through(dream));
  add(out, s.dreamed, critic, looked_through(critics));
  // The probe, every second update, on embeddings and predictions.
  add(out, (2 * m.horizon + 1) * l.batch_size, probe, on_data(0.5));
  return out;
}

}  // namespace reverie::bench
