#include "sim/task/randomisation.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/task/orientations.h"

namespace reverie::sim {

Randomisation read_randomisation(TableReader& reader, const Scope& scope, bool startup) {
  Randomisation out;
  out.field = read_model_field(reader, scope.model);
  out.change = read_change(reader, "scale");
  const int count = static_cast<int>(out.field.addresses.size());
  for (const char* key : {"low", "high"}) {
    const TomlNode& node = reader.need(key);
    std::vector<double> values = finite_values(scope, node, reader.what());
    if (values.size() != 1 && static_cast<int>(values.size()) != count) {
      fail_at(node.position, fmt::format("{}.{}: expected 1 or {} numbers", reader.what(), key, count));
    }
    values.resize(static_cast<size_t>(count), values[0]);
    (std::string_view(key) == "low" ? out.low : out.high) = std::move(values);
  }
  out.shared = reader.boolean("shared", false);
  out.startup = startup;
  out.state_size = out.shared ? 1 : count;
  out.state_offset = scope.layout->allocate(out.state_size);
  return out;
}

void draw_randomisation(const std::vector<Randomisation>& randomisations, uint64_t seed,
                        contract::Rng& episode_rng, std::span<double> task_state) {
  contract::Rng startup_rng(seed, 0, contract::Stream::kEvent, UINT32_MAX);
  for (const Randomisation& r : randomisations) {
    contract::Rng& rng = r.startup ? startup_rng : episode_rng;
    for (int i = 0; i < r.state_size; ++i) task_state[r.state_offset + i] = rng.uniform(r.low[i], r.high[i]);
  }
}

namespace {

bool has_orientations(const ModelField& field) { return field.name.starts_with("qpos"); }

}  // namespace

void apply_randomisation(const std::vector<Randomisation>& randomisations, const mjModel* base,
                         mjModel* model, mjData* scratch, std::span<const double> task_state) {
  const auto base_array = [&](const std::string& name) {
    return model_array(const_cast<mjModel*>(base), name);
  };
  bool derived = false, orientations = false;
  // Back to the start first: entries may touch the same numbers.
  for (const Randomisation& r : randomisations) {
    double* to = model_array(model, r.field.name);
    const double* from = base_array(r.field.name);
    for (const int address : r.field.addresses) to[address] = from[address];
    if (has_orientations(r.field))
      std::copy_n(from, model->nq, to);  // one number changes the whole quaternion
    for (const int64_t body : r.field.inertia)
      std::copy_n(base->body_inertia + 3 * body, 3, model->body_inertia + 3 * body);
    derived = derived || r.field.derived;
    orientations = orientations || has_orientations(r.field);
  }
  for (const Randomisation& r : randomisations) {
    double* to = model_array(model, r.field.name);
    for (size_t i = 0; i < r.field.addresses.size(); ++i) {
      const double value = task_state[r.state_offset + (r.shared ? 0 : static_cast<int>(i))];
      to[r.field.addresses[i]] = changed(r.change, to[r.field.addresses[i]], value);
      if (r.change == Change::kScale && i < r.field.inertia.size()) {
        for (int k = 0; k < 3; ++k) model->body_inertia[3 * r.field.inertia[i] + k] *= value;
      }
    }
  }
  if (orientations) normalise_reference_orientations(model, "randomize");
  if (derived) mj_setConst(model, scratch);
}

}  // namespace reverie::sim
