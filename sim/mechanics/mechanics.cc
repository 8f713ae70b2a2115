#include "sim/mechanics/mechanics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "sim/mechanics/ignored.h"
#include "sim/mechanics/kinematics.h"
#include "sim/mechanics/observation_sources.h"
#include "sim/mechanics/touch_points.h"

namespace reverie::sim {
namespace {

using Source = contract::ObservationSource;

constexpr int kMostFreedoms = 1000;     // cloth and piles: each state would take long
constexpr size_t kMostCandidates = 16;  // of positions to ignore: each takes passes of the engine

// The objects that a list of names at `key` means; an empty list means none.
std::optional<std::vector<int>> read_objects(TableReader& reader, std::string_view key, const mjModel* model,
                                             int type, TomlPosition& position) {
  const TomlNode* node = reader.get(key);
  if (node == nullptr) return std::nullopt;
  position = node->position;
  std::vector<int> out;
  if (node->kind == TomlNode::Kind::kArray && node->array.empty()) return out;
  for (const std::string& pattern : reader.texts(key)) {
    try {
      const std::vector<int> part = match_names(model, type, pattern);
      out.insert(out.end(), part.begin(), part.end());
    } catch (const base::UserError& error) {
      fail_at(position, fmt::format("{}.{}: {}", reader.what(), key, error.what()));
    }
  }
  std::ranges::sort(out);
  const auto rest = std::ranges::unique(out);
  out.erase(rest.begin(), rest.end());
  return out;
}

// A free joint stands for the coordinates along which gravity does not pull.
std::vector<int> coordinates_of(const mjModel* model, const std::vector<int>& joints) {
  std::vector<int> out;
  for (const int joint : joints) {
    const int first = model->jnt_qposadr[joint];
    if (model->jnt_type[joint] != mjJNT_FREE) {
      out.push_back(first);
      continue;
    }
    for (int k = 0; k < 3; ++k)
      if (std::abs(model->opt.gravity[k]) <= 1e-9 * mju_norm3(model->opt.gravity)) out.push_back(first + k);
  }
  return out;
}

std::vector<int> derive_ignored(const Task::Impl& task, const mjData* reference, RandomStates& states) {
  const mjModel* model = task.model.get();
  std::vector<Translation> candidates = list_translations(model, reference);
  std::erase_if(candidates, [&](const Translation& one) { return !is_free(model, reference, one); });
  candidates.resize(std::min(candidates.size(), kMostCandidates));
  std::vector<int> out;
  for (const Translation& one : candidates)
    if (!is_seen(task, states, one)) out.push_back(one.qpos);
  return out;
}

void check_chosen(const std::vector<Source>& observation, const std::vector<int>& ignored,
                  const TomlPosition& position) {
  for (size_t i = 0; i < observation.size(); ++i) {
    const Source& source = observation[i];
    const bool of_position = source.kind == Source::Kind::kPosition || source.kind == Source::Kind::kCosine ||
                             source.kind == Source::Kind::kSine;
    if (of_position && std::ranges::find(ignored, source.index) != ignored.end())
      fail_at(position, fmt::format("mechanics.ignore: number {} of the observation is position {}, which "
                                    "cannot be ignored then",
                                    i, source.index));
  }
}

void add_findings(const Task::Impl& task, const mjData* reference, bool derive, contract::Mechanics& out) {
  out.observation.resize(static_cast<size_t>(task.spec.observation_dim));
  if (task.model->nv > kMostFreedoms) return;
  try {
    RandomStates states(task);
    out.observation = find_observation_sources(task, states);
    if (derive) out.ignored = derive_ignored(task, reference, states);
  } catch (const PhysicsError&) {
    // The engine gives up in a state that no episode may ever meet.
  }
  take_warnings();  // of random states: nothing that a user could do about
}

}  // namespace

MechanicsChoices read_mechanics_choices(const TomlNode* section, const mjModel* model) {
  MechanicsChoices out;
  if (section == nullptr) return out;
  TableReader reader(*section, "mechanics");
  out.ignored = read_objects(reader, "ignore", model, mjOBJ_JOINT, out.ignored_position);
  out.touch = read_objects(reader, "touch", model, mjOBJ_GEOM, out.touch_position);
  reader.finish();
  for (const int joint : out.ignored.value_or(std::vector<int>{})) {
    if (model->jnt_type[joint] == mjJNT_BALL)
      fail_at(out.ignored_position,
              fmt::format("mechanics.ignore: '{}' is a ball joint; expected slides, hinges and free joints",
                          object_name(model, mjOBJ_JOINT, joint)));
  }
  return out;
}

contract::Mechanics make_mechanics(const Task::Impl& task, const MechanicsChoices& choices) {
  const mjModel* model = task.model.get();
  contract::Mechanics out;
  out.bodies = list_bodies(model);
  out.joints = list_joints(model);
  const DataPtr reference = make_data(model);
  mj_kinematics(model, reference.get());
  add_touch_points(model, reference.get(), choices, out);
  add_findings(task, reference.get(), !choices.ignored, out);
  if (choices.ignored) {
    out.ignored = coordinates_of(model, *choices.ignored);
    check_chosen(out.observation, out.ignored, choices.ignored_position);
  }
  std::ranges::sort(out.ignored);
  return out;
}

}  // namespace reverie::sim
