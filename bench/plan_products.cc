#include "bench/plan_products.h"

#include "bench/model_layers.h"

namespace reverie::bench {
namespace {

using Products = std::vector<UpdateProducts>;

// `widths` of the layers from input to output, run `times` on `rows` rows.
void add(Products& out, int64_t rows, const std::vector<int64_t>& widths, double times) {
  for (size_t i = 0; times > 0.0 && i + 1 < widths.size(); ++i)
    out.push_back({.rows = rows, .in = widths[i], .out = widths[i + 1], .forward = times});
}

}  // namespace

Products products_of_plan(const contract::EnvSpec& spec, const worldmodel::ModelConfig& m,
                          const policies::LearnerConfig& l, const policies::PlannerConfig& planner,
                          const policies::PlanBudget& budget) {
  const ModelLayers layers = model_layers(spec, m);
  if (layers.latent == 0) return {};
  const int64_t joint = layers.latent + spec.action_dim, prior = policies::prior_count(planner, budget);
  const std::vector<int64_t> actor{layers.latent, m.hidden_dim, m.hidden_dim, int64_t{2} * spec.action_dim};
  const auto rounds = static_cast<double>(budget.iterations), steps = static_cast<double>(planner.horizon);
  const auto critics = static_cast<double>(l.critics);
  const double goes_on = spec.has_termination ? 1.0 : 0.0;
  Products out;
  const auto score = [&](int64_t rows, double times, double acting) {
    const auto imagine = [&](int64_t in, double decisions) {
      for (Layer layer : layers.dynamics) {
        if (layer.in == joint) layer.in = in;
        add(out, rows, {layer.in, layer.out}, decisions * times * static_cast<double>(layer.copies));
      }
      add(out, rows, {in, m.hidden_dim, m.hidden_dim, m.bins}, decisions * times);
      add(out, rows, {in, m.hidden_dim, m.hidden_dim, 1}, decisions * times * goes_on);
    };
    imagine(spec.action_dim, 1.0);
    imagine(joint, steps - 1.0);
    add(out, rows, actor, (acting + 1.0) * times);
    add(out, rows, {joint, m.hidden_dim, m.hidden_dim, m.bins}, critics * times);
  };
  add(out, 1, {spec.observation_dim, m.encoder_dim, m.latent_dim}, 1.0);
  score(prior, 1.0, steps);
  score(budget.samples - prior, rounds, 0.0);
  score(1, 1.0, 0.0);  // the plan's mean
  return out;
}

}  // namespace reverie::bench
