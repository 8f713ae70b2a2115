#include "sim/task/task_action.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/controls.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

constexpr int kMaxDelay = 1000;
constexpr Named<ActionMap::Kind> kKinds[] = {{"raw", ActionMap::Kind::kRaw},
                                             {"ctrlrange", ActionMap::Kind::kCtrlRange},
                                             {"joint_position", ActionMap::Kind::kJointPosition},
                                             {"delta_position", ActionMap::Kind::kDeltaPosition}};

// A number or one per actuator.
std::vector<double> per_actuator(const Scope& scope, const TomlNode& node, const std::string& what) {
  std::vector<double> values = finite_values(scope, node, what);
  if (values.size() == 1) values.assign(static_cast<size_t>(scope.action_dim), values[0]);
  if (static_cast<int>(values.size()) != scope.action_dim) {
    fail_at(node.position,
            fmt::format("{}: expected 1 or {} numbers, found {}", what, scope.action_dim, values.size()));
  }
  return values;
}

// Why a control cannot be the position of a joint; empty when it can.
std::string fault_of_joint_map(const mjModel* m, const Control& control) {
  const int transmission = m->actuator_trntype[control.actuator];
  const int joint = m->actuator_trnid[int64_t{2} * control.actuator];
  if (transmission != mjTRN_JOINT && transmission != mjTRN_JOINTINPARENT) return "drives no joint";
  if (m->jnt_type[joint] != mjJNT_HINGE && m->jnt_type[joint] != mjJNT_SLIDE)
    return fmt::format("drives '{}', which is no hinge or slide", object_name(m, mjOBJ_JOINT, joint));
  if (control.kind != Control::Kind::kOnly && control.kind != Control::Kind::kPosition)
    return "takes no position";
  return "";
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
  for (const Control& control : list_controls(m)) {
    const std::string fault = fault_of_joint_map(m, control);
    if (!fault.empty()) {
      fail_at(reader.node().position,
              fmt::format("action: actuator '{}' {}, so this map has no meaning", control.name, fault));
    }
    map.qpos_address.push_back(m->jnt_qposadr[m->actuator_trnid[int64_t{2} * control.actuator]]);
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
