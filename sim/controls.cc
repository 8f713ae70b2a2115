#include "sim/controls.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/model.h"

namespace reverie::sim {
namespace {

using Kind = Control::Kind;

// The inputs of one actuator in the order of its controls, with the words that MJCF has for them.
std::vector<std::pair<Kind, const char*>> inputs_of(const mjModel* m, int actuator) {
  const int spec = m->actuator_ctrlspec[actuator];
  if (m->actuator_gaintype[actuator] == mjGAIN_SO3) {
    if (spec == mjCHART_QUAT) {
      return {{Kind::kQuaternion, "w"},
              {Kind::kQuaternion, "x"},
              {Kind::kQuaternion, "y"},
              {Kind::kQuaternion, "z"}};
    }
    return {{Kind::kRotation, "x"}, {Kind::kRotation, "y"}, {Kind::kRotation, "z"}};
  }
  std::vector<std::pair<Kind, const char*>> out;
  if (spec & mjINPUT_POS) out.emplace_back(Kind::kPosition, "pos");
  if (spec & mjINPUT_VEL) out.emplace_back(Kind::kVelocity, "vel");
  if (spec & mjINPUT_FF) out.emplace_back(Kind::kFeedforward, "ff");
  if (spec & mjINPUT_VOLTAGE) out.emplace_back(Kind::kVoltage, "voltage");
  return out;
}

// Force is kp (control - position): the control is a position.
bool is_position_servo(const mjModel* m, const Control& control) {
  const int actuator = control.actuator;
  if (control.kind != Kind::kOnly) return control.kind == Kind::kPosition;
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

}  // namespace

std::vector<Control> list_controls(const mjModel* model) {
  std::vector<Control> out(static_cast<size_t>(model->nu));
  for (int i = 0; i < model->nactuator; ++i) {
    const int count = model->actuator_ctrlnum[i];
    const auto inputs = inputs_of(model, i);
    for (int k = 0; k < count; ++k) {
      Control& control = out[model->actuator_ctrladr[i] + k];
      control.actuator = i;
      control.name = object_name(model, mjOBJ_ACTUATOR, i);
      if (static_cast<int>(inputs.size()) == count) control.kind = inputs[k].first;
      if (count == 1) continue;
      const std::string input = control.kind == Kind::kOnly ? std::to_string(k) : inputs[k].second;
      control.name = control.name.empty() ? input : fmt::format("{}.{}", control.name, input);
    }
  }
  return out;
}

ControlRange control_range(const mjModel* model, int control) {
  const double* range = model->actuator_ctrlrange + int64_t{2} * control;
  if (model->actuator_ctrllimited[control]) return {true, range[0], range[1]};
  const Control what = list_controls(model)[static_cast<size_t>(control)];
  if (model->actuator_dyntype[what.actuator] == mjDYN_MUSCLE) return {true, 0.0, 1.0};
  if (what.kind == Kind::kRotation) return {true, -mjPI, mjPI};
  if (what.kind == Kind::kQuaternion) return {true, -1.0, 1.0};
  range = is_position_servo(model, what) ? driven_range(model, what.actuator) : nullptr;
  if (range == nullptr) return {};
  const double gear = model->actuator_gear[int64_t{6} * model->actuator_outadr[what.actuator]];
  const auto [low, high] = std::minmax({gear * range[0], gear * range[1]});
  return {low < high, low < high ? low : -1.0, low < high ? high : 1.0};
}

}  // namespace reverie::sim
