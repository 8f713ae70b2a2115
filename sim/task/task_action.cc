#include "sim/task/task_action.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/model.h"

namespace reverie::sim {
namespace {

constexpr int kMaxDelay = 1000;
constexpr Named<ActionMap::Kind> kKinds[] = {{"raw", ActionMap::Kind::kRaw},
                                             {"ctrlrange", ActionMap::Kind::kCtrlRange},
                                             {"joint_position", ActionMap::Kind::kJointPosition},
                                             {"delta_position", ActionMap::Kind::kDeltaPosition}};

// Force is kp (control - position): the control is a position.
bool is_position_servo(const mjModel* m, int actuator) {
  const double kp = m->actuator_gainprm[int64_t{mjNGAIN} * actuator];
  const double* bias = m->actuator_biasprm + int64_t{mjNBIAS} * actuator;
  return m->actuator_gaintype[actuator] == mjGAIN_FIXED && m->actuator_biastype[actuator] == mjBIAS_AFFINE &&
         m->actuator_dyntype[actuator] != mjDYN_INTEGRATOR && kp != 0.0 && bias[0] == 0.0 && bias[1] == -kp;
}

// Of the joint or tendon that an actuator drives, nullptr without one.
const double* driven_range(const mjModel* m, int actuator) {
  const int64_t target = m->actuator_trnid[int64_t{2} * actuator];
  switch (m->actuator_trntype[actuator]) {
    case mjTRN_JOINT:
    case mjTRN_JOINTINPARENT:
      if (m->jnt_type[target] != mjJNT_HINGE && m->jnt_type[target] != mjJNT_SLIDE) return nullptr;
      return m->jnt_limited[target] ? m->jnt_range + 2 * target : nullptr;
    case mjTRN_TENDON:
      return m->tendon_limited[target] ? m->tendon_range + 2 * target : nullptr;
    default:
      return nullptr;
  }
}

// A number or one per actuator.
std::vector<double> per_actuator(const Scope& scope, const TomlNode& node, const std::string& what) {
  std::vector<double> values = constant_values(scope, node, what);
  if (values.size() == 1) values.assign(static_cast<size_t>(scope.action_dim), values[0]);
  if (static_cast<int>(values.size()) != scope.action_dim) {
    fail_at(node.position,
            fmt::format("{}: expected 1 or {} numbers, found {}", what, scope.action_dim, values.size()));
  }
  return values;
}

void read_joint_map(ActionMap& map, TableReader& reader, const Scope& scope) {
  const mjModel* m = scope.model;
  const TomlNode* scale = reader.get("scale");
  map.scale = scale == nullptr ? std::vector<double>(map.low.size(), 1.0)
                               : per_actuator(scope, *scale, "action.scale");
  const double* pose = m->qpos0;
  if (reader.get("default") != nullptr) {
    pose = m->key_qpos + read_keyframe_name(reader, "default", m) * m->nq;
  }
  for (int i = 0; i < m->nu; ++i) {
    if (m->actuator_trntype[i] != mjTRN_JOINT) {
      fail_at(reader.node().position,
              fmt::format("action: actuator '{}' drives no joint, so this map has no meaning",
                          object_name(m, mjOBJ_ACTUATOR, i)));
    }
    map.qpos_address.push_back(m->jnt_qposadr[m->actuator_trnid[int64_t{2} * i]]);
    map.offset.push_back(pose[map.qpos_address.back()]);
  }
}

void read_delay(ActionMap& map, TableReader& reader, const Scope& scope) {
  const TomlNode* node = reader.get("delay_steps");
  if (node == nullptr) return;
  const std::vector<double> values = constant_values(scope, *node, "action.delay_steps");
  const double low = values.front(), high = values.back();
  if (values.size() > 2 || low < 0 || high < low || high > kMaxDelay || low != static_cast<int>(low) ||
      high != static_cast<int>(high)) {
    fail_at(node->position, "action.delay_steps: expected whole steps, n or [low, high]");
  }
  map.delay_low = static_cast<int>(low), map.delay_high = static_cast<int>(high);
}

}  // namespace

ControlRange control_range(const mjModel* model, int actuator) {
  const double* range = model->actuator_ctrlrange + int64_t{2} * actuator;
  if (model->actuator_ctrllimited[actuator]) return {true, range[0], range[1]};
  if (model->actuator_dyntype[actuator] == mjDYN_MUSCLE) return {true, 0.0, 1.0};
  range = is_position_servo(model, actuator) ? driven_range(model, actuator) : nullptr;
  if (range == nullptr) return {};
  const double gear = model->actuator_gear[int64_t{6} * actuator];
  const auto [low, high] = std::minmax({gear * range[0], gear * range[1]});
  return {low < high, low < high ? low : -1.0, low < high ? high : 1.0};
}

ActionMap read_action_map(const TomlNode* table, const Scope& scope) {
  const mjModel* m = scope.model;
  ActionMap map;
  const TomlNode empty;
  TableReader reader(table == nullptr ? empty : *table, "action");
  map.kind = reader.choice("map", "raw", kKinds);
  for (int64_t i = 0; i < m->nu; ++i) {
    const bool ranged = m->actuator_ctrllimited[i] != 0;
    const double low = ranged ? m->actuator_ctrlrange[2 * i] : -1.0,
                 high = ranged ? m->actuator_ctrlrange[2 * i + 1] : 1.0;
    if (map.kind == ActionMap::Kind::kRaw) {
      map.low.push_back(low), map.high.push_back(high);
      continue;
    }
    map.low.push_back(-1.0), map.high.push_back(1.0);
    if (map.kind == ActionMap::Kind::kCtrlRange) {
      const ControlRange range = control_range(m, static_cast<int>(i));
      map.offset.push_back((range.low + range.high) / 2), map.scale.push_back((range.high - range.low) / 2);
    }
  }
  if (map.kind >= ActionMap::Kind::kJointPosition) read_joint_map(map, reader, scope);
  if (const TomlNode* node = reader.get("low")) map.low = per_actuator(scope, *node, "action.low");
  if (const TomlNode* node = reader.get("high")) map.high = per_actuator(scope, *node, "action.high");
  for (size_t i = 0; i < map.low.size(); ++i) {
    if (!(map.low[i] < map.high[i])) fail_at(reader.node().position, "action: low must be below high");
  }
  map.clip = reader.boolean("clip", map.kind != ActionMap::Kind::kRaw);
  map.ema = reader.number("ema", 0.0);
  if (map.ema < 0.0 || map.ema >= 1.0) fail_at(reader.node().position, "action.ema: expected 0 <= ema < 1");
  read_delay(map, reader, scope);
  reader.finish();
  const int size = map.size();
  if (map.delay_high > 0) {
    map.delay_count = scope.layout->allocate(1);
    map.delay_buffer = scope.layout->allocate((map.delay_high + 1) * size);
  }
  if (map.ema > 0.0) map.ema_state = scope.layout->allocate(size);
  if (map.kind == ActionMap::Kind::kDeltaPosition) map.target = scope.layout->allocate(size);
  return map;
}

void reset_action(const ActionMap& map, const mjData* data, int delay, std::span<double> task_state) {
  if (map.delay_count >= 0) task_state[static_cast<size_t>(map.delay_count)] = delay;
  if (map.target < 0) return;
  for (int i = 0; i < map.size(); ++i) task_state[map.target + i] = data->qpos[map.qpos_address[i]];
}

void apply_action(const ActionMap& map, const mjModel* model, mjData* data, std::span<double> action,
                  std::span<double> task_state) {
  const int64_t size = map.size();
  double* state = task_state.data();
  if (map.clip) {
    for (int64_t i = 0; i < size; ++i) action[i] = std::clamp(action[i], map.low[i], map.high[i]);
  }
  if (map.delay_buffer >= 0) {
    double* buffer = state + map.delay_buffer;
    std::copy_backward(buffer, buffer + map.delay_high * size, buffer + (map.delay_high + 1) * size);
    std::copy(action.begin(), action.end(), buffer);
  }
  const double* delayed = map.delay_buffer >= 0
                              ? state + map.delay_buffer + static_cast<int>(state[map.delay_count]) * size
                              : action.data();
  for (int64_t i = 0; i < size; ++i) {
    double value = delayed[i];
    if (map.ema_state >= 0)
      value = state[map.ema_state + i] = map.ema * state[map.ema_state + i] + (1.0 - map.ema) * value;
    if (map.kind == ActionMap::Kind::kCtrlRange || map.kind == ActionMap::Kind::kJointPosition) {
      value = map.offset[i] + map.scale[i] * value;
    } else if (map.kind == ActionMap::Kind::kDeltaPosition) {
      double& target = state[map.target + i];
      target += map.scale[i] * value;
      if (model->actuator_ctrllimited[i]) {
        target = std::clamp(target, model->actuator_ctrlrange[2 * i], model->actuator_ctrlrange[2 * i + 1]);
      }
      value = target;
    }
    data->ctrl[i] = value;
  }
}

}  // namespace reverie::sim
