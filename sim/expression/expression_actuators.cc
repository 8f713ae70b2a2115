// Functions that read actuators and tendons.
#include <fmt/format.h>

#include "sim/controls.h"
#include "sim/expression/expression_table.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

// Positions in ctrl that a name means: every control of an actuator, or the one that is called so ("servo.vel").
std::vector<int> resolve_controls(ProgramBuilder& builder, const SyntaxNode& name) {
  const mjModel* m = builder.scope().model;
  std::vector<int> out;
  if (name.kind == SyntaxNode::Kind::kList) {
    for (const SyntaxNode& item : name.children) {
      const std::vector<int> part = resolve_controls(builder, item);
      out.insert(out.end(), part.begin(), part.end());
    }
    return out;
  }
  const std::vector<Control> controls = list_controls(m);
  for (size_t i = 0; i < controls.size() && name.kind == SyntaxNode::Kind::kString; ++i) {
    if (!controls[i].name.empty() && controls[i].name == name.text) return {static_cast<int>(i)};
  }
  for (const int id : builder.resolve(mjOBJ_ACTUATOR, name)) {
    for (int k = 0; k < m->actuator_ctrlnum[id]; ++k) out.push_back(m->actuator_ctrladr[id] + k);
  }
  if (out.empty())
    throw ExpressionError(name.offset, fmt::format("actuator '{}' takes no control", name.text));
  return out;
}

// Each control, or the lower (f.a 0) or upper end (1) of its range, from source f.b with f.c numbers a control;
// all controls without names where f.c is 1.
Value control_values(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  std::vector<int> slots;
  const auto load = [&](int control) {
    slots.push_back(builder.load(static_cast<Source>(f.b), f.c * control + f.a));
  };
  if (call.children.empty()) {
    if (f.c != 1) resolve_some(builder, mjOBJ_ACTUATOR, call);  // says that a name is missing
    for (int i = 0; i < builder.scope().model->nu; ++i) load(i);
  }
  for (size_t i = 0; i < call.children.size(); ++i) {
    if (!call.argument_names[i].empty())
      throw ExpressionError(call.offset, fmt::format("{}() takes names only", call.text));
    for (const int control : resolve_controls(builder, call.children[i])) load(control);
  }
  if (slots.empty()) throw ExpressionError(call.offset, "the model has no actuator");
  const int count = static_cast<int>(slots.size());
  return make_value(count, 1, std::move(slots));
}

// The numbers of each actuator or tendon (mjtObj f.a) from source f.b; all when no name is given. An actuator has
// one for each force that it gives: three where it turns a body.
Value scalars_of(ProgramBuilder& builder, const SyntaxNode& call, const Function& f) {
  const mjModel* m = builder.scope().model;
  std::vector<int> ids = resolve_all(builder, f.a, call);
  if (call.children.empty()) {
    for (int i = 0; i < object_count(m, f.a); ++i) ids.push_back(i);
  }
  std::vector<int> slots;
  for (const int id : ids) {
    const bool actuator = f.a == mjOBJ_ACTUATOR;
    const int first = actuator ? m->actuator_outadr[id] : id, count = actuator ? m->actuator_outnum[id] : 1;
    for (int k = 0; k < count; ++k) slots.push_back(builder.load(static_cast<Source>(f.b), first + k));
  }
  if (slots.empty())
    throw ExpressionError(call.offset, fmt::format("the model has no {}", object_type_name(f.a)));
  const int count = static_cast<int>(slots.size());
  return make_value(count, 1, std::move(slots));
}

Value activations(ProgramBuilder& builder, const SyntaxNode& call, const Function&) {
  const mjModel* m = builder.scope().model;
  std::vector<int> slots;
  if (call.children.empty()) {
    for (int i = 0; i < m->na; ++i) slots.push_back(builder.load(Source::kAct, i));
  }
  for (const int id : resolve_all(builder, mjOBJ_ACTUATOR, call)) {
    for (int k = 0; k < m->actuator_actnum[id]; ++k) {
      slots.push_back(builder.load(Source::kAct, m->actuator_actadr[id] + k));
    }
  }
  if (slots.empty()) throw ExpressionError(call.offset, "no activation states here");
  const int count = static_cast<int>(slots.size());
  return make_value(count, 1, std::move(slots));
}

int as_int(Source source) { return static_cast<int>(source); }

}  // namespace

std::vector<Function> actuator_functions() {
  return {
      {"ctrl_low", "ctrl_low(actuator...)", "lower control limits", control_values, 0,
       as_int(Source::kModelCtrlRange), 2},
      {"ctrl_high", "ctrl_high(actuator...)", "upper control limits", control_values, 1,
       as_int(Source::kModelCtrlRange), 2},
      {"act", "act(actuator...)", "actuator activations; all without names", activations},
      {"ctrl", "ctrl(actuator...)", "controls as applied, not clamped", control_values, 0,
       as_int(Source::kCtrl), 1},
      {"actuator_force", "actuator_force(actuator...)", "forces of the last solve", scalars_of,
       mjOBJ_ACTUATOR, as_int(Source::kActuatorForce)},
      {"actuator_length", "actuator_length(actuator...)", "transmission lengths", scalars_of, mjOBJ_ACTUATOR,
       as_int(Source::kActuatorLength)},
      {"actuator_velocity", "actuator_velocity(actuator...)", "transmission velocities", scalars_of,
       mjOBJ_ACTUATOR, as_int(Source::kActuatorVelocity)},
      {"tendon_length", "tendon_length(tendon...)", "tendon lengths", scalars_of, mjOBJ_TENDON,
       as_int(Source::kTendonLength)},
      {"tendon_velocity", "tendon_velocity(tendon...)", "tendon velocities", scalars_of, mjOBJ_TENDON,
       as_int(Source::kTendonVelocity)},
  };
}

}  // namespace reverie::sim
