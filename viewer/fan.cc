#include "viewer/fan.h"

#include <algorithm>
#include <numeric>

#include "contract/mechanics.h"
#include "contract/rng.h"

namespace reverie::viewer {

namespace {

// K rows that a policy acts in.
struct Rows {
  std::vector<contract::DrawKey> keys;
  std::vector<float> actions;  // [K, A]
};

void add_noise(const contract::EnvSpec& spec, double noise, Rows& rows, uint64_t seed, int step) {
  const auto width = static_cast<size_t>(spec.action_dim);
  for (size_t k = 0; k < rows.keys.size(); ++k) {
    contract::Rng rng(seed, k, contract::Stream::kEvaluation, static_cast<uint64_t>(step));
    for (size_t i = 0; i < width; ++i) {
      float& action = rows.actions[k * width + i];
      const double half_range = (spec.action_high[i] - spec.action_low[i]) / 2;
      if (k > 0) action += static_cast<float>(noise * half_range * rng.normal());
      action = std::clamp(action, spec.action_low[i], spec.action_high[i]);
    }
  }
}

// Row h of every future.
void keep(const Fan& fan, FanWorld& world, std::span<const float> positions, int h) {
  const auto nq = static_cast<size_t>(fan.nq), rows = static_cast<size_t>(fan.horizon) + 1;
  for (size_t k = 0; k < static_cast<size_t>(fan.futures); ++k) {
    std::ranges::copy(
        positions.subspan(k * nq, nq),
        world.positions.begin() + static_cast<std::ptrdiff_t>((k * rows + static_cast<size_t>(h)) * nq));
  }
}

// Imagined robots are where those of physics are, as far as motion does not depend on it: no model knows how far a robot
// has come on an endless floor.
void place_as_simulated(Fan& fan, const contract::EnvSpec& spec) {
  if (spec.mechanics == nullptr) return;
  for (size_t row = 0; row < fan.imagined.positions.size(); row += static_cast<size_t>(fan.nq)) {
    for (const int i : spec.mechanics->ignored)
      fan.imagined.positions[row + static_cast<size_t>(i)] =
          fan.simulated.positions[row + static_cast<size_t>(i)];
  }
}

void measure(Fan& fan, FanWorld& world, const FanParts& parts) {
  for (int k = 0; k < fan.futures; ++k) {
    for (int h = 0; h <= fan.horizon; ++h) {
      const std::vector<float> places = parts.places(fan.pose(world, k, h));
      world.places.insert(world.places.end(), places.begin(), places.end());
      fan.bodies = static_cast<int>(places.size() / 3);
    }
  }
  for (int h = 0; h <= fan.horizon; ++h) {
    double sum = 0;
    for (int k = 1; k < fan.futures; ++k) sum += parts.distance(fan.pose(world, 0, h), fan.pose(world, k, h));
    world.spread.push_back(sum / std::max(fan.futures - 1, 1));
  }
}

}  // namespace

std::span<const float> Fan::pose(const FanWorld& world, int future, int h) const {
  const size_t row =
      static_cast<size_t>(future) * (static_cast<size_t>(horizon) + 1) + static_cast<size_t>(h);
  return std::span(world.positions).subspan(row * static_cast<size_t>(nq), static_cast<size_t>(nq));
}

Fan make_fan(FanParts& parts, const contract::EnvSpec& spec, const contract::Snapshot& dream,
             const contract::Snapshot& physics, const FanOptions& options, uint64_t seed) {
  Fan fan;
  fan.futures = options.futures;
  fan.horizon = options.horizon;
  fan.nq = spec.nq;
  const std::vector<int> row(static_cast<size_t>(fan.futures), 0);
  const std::unique_ptr<contract::World> imagined = parts.dream(), simulated = parts.physics();
  imagined->restore(contract::pick_rows(dream, row));
  simulated->restore(contract::pick_rows(physics, row));
  Rows rows;
  for (size_t k = 0; k < row.size(); ++k) rows.keys.push_back({seed, k, 0});
  rows.actions.assign(row.size() * static_cast<size_t>(spec.action_dim), 0.0f);
  for (FanWorld* world : {&fan.imagined, &fan.simulated})
    world->positions.resize(row.size() * (static_cast<size_t>(fan.horizon) + 1) *
                            static_cast<size_t>(fan.nq));
  if (parts.policy) parts.policy->reset(fan.futures);
  for (int h = 0;; ++h) {
    keep(fan, fan.imagined, imagined->positions(), h);
    keep(fan, fan.simulated, simulated->positions(), h);
    const auto uncertainty = imagined->uncertainty();
    fan.uncertainty.push_back(std::accumulate(uncertainty.begin(), uncertainty.end(), 0.0) / fan.futures);
    if (h == fan.horizon) break;
    std::ranges::fill(rows.actions, 0.0f);
    if (parts.policy)
      parts.policy->act({imagined->observations(), imagined->latents(), rows.keys}, rows.actions);
    add_noise(spec, options.noise, rows, seed, h);
    for (int i = 0; i < imagined->control_steps(); ++i) simulated->step(rows.actions);
    imagined->step(rows.actions);
    for (contract::DrawKey& key : rows.keys) ++key.decision;
  }
  place_as_simulated(fan, spec);
  measure(fan, fan.imagined, parts);
  measure(fan, fan.simulated, parts);
  for (int h = 0; h <= fan.horizon; ++h) {
    double sum = 0;
    for (int k = 0; k < fan.futures; ++k)
      sum += parts.distance(fan.pose(fan.simulated, k, h), fan.pose(fan.imagined, k, h));
    fan.error.push_back(sum / fan.futures);
  }
  return fan;
}

}  // namespace reverie::viewer
