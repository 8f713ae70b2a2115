#include "sim/mechanics/observation_sources.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/mechanics/kinematics.h"

namespace reverie::sim {
namespace {

using Kind = contract::ObservationSource::Kind;
using Values = std::array<double, kSourceDraws>;

constexpr double kCopy = 1e-9;       // of the spread
constexpr double kAffine = 1e-7;     // of the norm of all deviations, so below 1e-6 of the spread
constexpr double kConstant = 1e-10;  // spread of the size of the values

// A quantity over all draws, and its deviations from the mean brought to norm 1.
struct Quantity {
  Kind kind = Kind::kOther;
  int index = 0;
  Values values{}, deviations{};
  double mean = 0.0, norm = 0.0;  // norm 0: constant or not finite
};

void standardise(Quantity& quantity) {
  double largest = 0.0;
  for (const double value : quantity.values) {
    quantity.mean += value / kSourceDraws;
    largest = std::max(largest, std::abs(value));
  }
  double sum = 0.0;
  for (const double value : quantity.values) sum += (value - quantity.mean) * (value - quantity.mean);
  const double norm = std::sqrt(sum);
  if (!std::isfinite(norm) || norm <= kConstant * largest) return;
  quantity.norm = norm;
  for (size_t i = 0; i < quantity.values.size(); ++i)
    quantity.deviations[i] = (quantity.values[i] - quantity.mean) / norm;
}

bool is_copy(const Quantity& quantity, const Quantity& number) {
  for (size_t i = 0; i < number.values.size(); ++i)
    if (std::abs(number.values[i] - quantity.values[i]) > kCopy * number.norm) return false;
  return true;
}

// +1 or -1 where `number` goes with `quantity`, else 0.
double sign_of_fit(const Quantity& quantity, const Quantity& number) {
  const double first = std::abs(number.deviations[0]) - std::abs(quantity.deviations[0]);
  if (std::abs(first) > kAffine) return 0.0;
  double product = 0.0;
  for (size_t i = 0; i < number.values.size(); ++i) product += number.deviations[i] * quantity.deviations[i];
  const double sign = product < 0.0 ? -1.0 : 1.0;
  for (size_t i = 0; i < number.values.size(); ++i)
    if (std::abs(number.deviations[i] - sign * quantity.deviations[i]) > kAffine) return 0.0;
  return sign;
}

contract::ObservationSource source_of(const Quantity& number, const std::vector<Quantity>& quantities) {
  if (number.norm == 0.0) return {};
  for (const Quantity& quantity : quantities)
    if (is_copy(quantity, number)) return {quantity.kind, quantity.index, 1.0, 0.0};
  for (const Quantity& quantity : quantities) {
    const double sign = sign_of_fit(quantity, number);
    if (sign == 0.0) continue;
    const double scale = sign * number.norm / quantity.norm;
    return {quantity.kind, quantity.index, scale, number.mean - scale * quantity.mean};
  }
  return {};
}

// Whether bodies stand elsewhere in some episodes than the task's model says.
bool moves_frames(const Task::Impl& task) {
  return std::ranges::any_of(task.events.randomisations, [](const Randomisation& one) {
    const std::string& field = one.field.name;
    return field == "body_pos" || field == "qpos0" || field == "geom_pos" || field == "site_pos";
  });
}

// Every quantity that may be a source, in the order in which they are preferred.
std::vector<Quantity> list_quantities(const Task::Impl& task) {
  const mjModel* m = task.model.get();
  std::vector<Quantity> out;
  const auto add = [&](Kind kind, int first, int count) {
    for (int i = first; i < first + count; ++i) out.push_back({.kind = kind, .index = i});
  };
  add(Kind::kPosition, 0, static_cast<int>(m->nq));
  add(Kind::kVelocity, 0, static_cast<int>(m->nv));
  for (const Kind kind : {Kind::kCosine, Kind::kSine})
    for (int j = 0; j < m->njnt; ++j)
      if (m->jnt_type[j] == mjJNT_HINGE) add(kind, m->jnt_qposadr[j], 1);
  for (const Kind kind : {Kind::kBodyPlace, Kind::kBodyRotation}) {
    const int size = kind == Kind::kBodyPlace ? 3 : 9;
    for (int body = 1; body < m->nbody && !moves_frames(task); ++body)
      if (follows_positions(m, body)) add(kind, size * body, size);
  }
  return out;
}

double value_of(const Quantity& quantity, const mjData* d) {
  switch (quantity.kind) {
    case Kind::kPosition:
      return d->qpos[quantity.index];
    case Kind::kCosine:
      return std::cos(d->qpos[quantity.index]);
    case Kind::kSine:
      return std::sin(d->qpos[quantity.index]);
    case Kind::kVelocity:
      return d->qvel[quantity.index];
    case Kind::kBodyPlace:
      return d->xpos[quantity.index];
    case Kind::kBodyRotation:
      return d->xmat[quantity.index];
    case Kind::kOther:
      break;
  }
  return 0.0;
}

// Of the state alone.
bool is_pure(const ObservationItem& item) {
  return item.noise.empty() && item.bias.empty() && item.delay_high == 0 && !item.clipped &&
         item.history == 1;
}

}  // namespace

std::vector<contract::ObservationSource> find_observation_sources(const Task::Impl& task,
                                                                  RandomStates& states) {
  std::vector<Quantity> quantities = list_quantities(task);
  std::vector<Quantity> numbers(static_cast<size_t>(task.spec.observation_dim));
  for (size_t draw = 0; draw < kSourceDraws; ++draw) {
    states.draw(draw);
    states.forward();
    for (Quantity& quantity : quantities) quantity.values[draw] = value_of(quantity, states.data());
    for (const ObservationItem& item : task.observation) {
      for (int i = 0; i < item.width() && !item.privileged && is_pure(item); ++i) {
        const double scale = item.scale.empty() ? 1.0 : item.scale[i];
        numbers[item.offset + i].values[draw] = scale * states.slots()[item.slots[i]];
      }
    }
  }
  for (Quantity& quantity : quantities) standardise(quantity);
  std::erase_if(quantities, [](const Quantity& quantity) { return quantity.norm == 0.0; });
  std::vector<contract::ObservationSource> out;
  for (Quantity& number : numbers) {
    standardise(number);
    out.push_back(source_of(number, quantities));
  }
  return out;
}

}  // namespace reverie::sim
