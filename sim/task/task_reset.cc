#include "sim/task/task_reset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

constexpr int kMaxSettle = 100000;
constexpr int kMaxTries = 100000;
constexpr int kMaxNesting = 8;
constexpr int kMaxDrawSize = 1000;
std::vector<int> read_formula(ProgramBuilder& builder, const TomlNode& node, const std::string& what,
                              int size) {
  Value value = builder.compile(node, what);
  if (value.size() == 1 && size > 1) value.slots.assign(static_cast<size_t>(size), value.slots[0]);
  if (static_cast<int>(value.slots.size()) != size) {
    fail_at(node.position, fmt::format("{}: expected {} number{}, found {}", what, size, size == 1 ? "" : "s",
                                       value.slots.size()));
  }
  return value.slots;
}

// [n] random numbers of the two formulas `keys`, e.g. low and high, with what they are when left out.
RandomNumbers read_numbers(TableReader& reader, const Scope& scope, bool normal, int size) {
  const std::array<std::string, 2> keys =
      normal ? std::array<std::string, 2>{"mean", "std"} : std::array<std::string, 2>{"low", "high"};
  constexpr std::array<double, 2> kFallback = {0.0, 1.0};
  RandomNumbers out;
  out.normal = normal;
  ProgramBuilder builder(scope);
  for (size_t k = 0; k < 2; ++k) {
    const TomlNode* node = reader.get(keys[k]);
    std::vector<int>& slots = k == 0 ? out.first : out.second;
    if (node == nullptr) {
      slots.assign(static_cast<size_t>(size), builder.constant(kFallback[k]));
    } else {
      slots = read_formula(builder, *node, fmt::format("{}.{}", reader.what(), keys[k]), size);
    }
  }
  out.program = builder.take();
  return out;
}

// The formula `key`, [size]; its slots.
std::vector<int> read_single(TableReader& reader, const Scope& scope, const std::string& key, int size,
                             Program& program) {
  ProgramBuilder builder(scope);
  std::vector<int> slots =
      read_formula(builder, reader.need(key), fmt::format("{}.{}", reader.what(), key), size);
  program = builder.take();
  return slots;
}

std::vector<int> matched(TableReader& reader, std::string_view key, int type, const Scope& scope) {
  std::vector<int> ids;
  const std::vector<std::string> patterns = reader.texts(key);
  for (const std::string& pattern : patterns) {
    try {
      const std::vector<int> part = match_names(scope.model, type, pattern);
      ids.insert(ids.end(), part.begin(), part.end());
    } catch (const base::UserError& error) {
      fail_at(reader.node().find(key)->position, fmt::format("{}.{}: {}", reader.what(), key, error.what()));
    }
  }
  return ids;
}

int coordinate_count(const mjModel* m, int joint, bool position) {
  switch (m->jnt_type[joint]) {
    case mjJNT_FREE:
      return position ? 7 : 6;
    case mjJNT_BALL:
      return position ? 4 : 3;
    default:
      return 1;
  }
}

// `field` and `joints` or `body`, and `index` to pick elements: which numbers an operation writes.
ResetTarget read_target(TableReader& reader, const Scope& scope) {
  const mjModel* m = scope.model;
  ResetTarget target;
  const std::string field =
      reader.choice("field", "qpos", {"qpos", "qvel", "act", "mocap_pos", "mocap_quat"});
  std::vector<int>& out = target.addresses;
  if (field == "mocap_pos" || field == "mocap_quat") {
    target.field = field == "mocap_pos" ? Source::kMocapPos : Source::kMocapQuat;
    const int width = field == "mocap_pos" ? 3 : 4;
    reader.need("body");
    for (const int body : matched(reader, "body", mjOBJ_BODY, scope)) {
      const int mocap = m->body_mocapid[body];
      if (mocap < 0) {
        fail_at(reader.node().position, fmt::format("{}: body '{}' is no mocap body", reader.what(),
                                                    object_name(m, mjOBJ_BODY, body)));
      }
      for (int k = 0; k < width; ++k) out.push_back(width * mocap + k);
    }
  } else if (field == "act") {
    target.field = Source::kAct;
    for (int i = 0; i < m->na; ++i) out.push_back(i);
  } else {
    const bool position = field == "qpos";
    target.field = position ? Source::kQpos : Source::kQvel;
    std::vector<int> joints = matched(reader, "joints", mjOBJ_JOINT, scope);
    if (reader.get("joints") == nullptr) {
      for (int i = 0; i < m->njnt; ++i) joints.push_back(i);
    }
    for (const int joint : joints) {
      const int start = position ? m->jnt_qposadr[joint] : m->jnt_dofadr[joint];
      for (int k = 0; k < coordinate_count(m, joint, position); ++k) out.push_back(start + k);
    }
  }
  if (const TomlNode* index = reader.get("index")) {
    std::vector<int> picked;
    for (const double i : constant_values(scope, *index, reader.what() + ".index")) {
      if (i < 0 || i >= static_cast<double>(out.size()) || i != std::floor(i)) {
        fail_at(index->position,
                fmt::format("{}.index: outside 0..{}", reader.what(), static_cast<int>(out.size()) - 1));
      }
      picked.push_back(out[static_cast<size_t>(i)]);
    }
    out = std::move(picked);
  }
  if (out.empty()) fail_at(reader.node().position, reader.what() + ": writes nothing");
  target.add = reader.boolean("add", false);
  return target;
}

std::vector<ResetOp> read_ops(const TomlNode& section, const Scope& scope, int depth);

int one_joint(TableReader& reader, const Scope& scope, int type) {
  const std::vector<int> joints = matched(reader, "joint", mjOBJ_JOINT, scope);
  for (int i = 0; joints.empty() && i < scope.model->njnt; ++i) {
    if (scope.model->jnt_type[i] == type) return i;
  }
  if (joints.size() != 1 || (scope.model->jnt_type[joints[0]] != type && type == mjJNT_FREE)) {
    fail_at(reader.node().position, reader.what() + ": expected one free joint");
  }
  return joints[0];
}

// One function for each operation: the table after `op` was read, to the operation.
ResetOp read_keyframe(TableReader& reader, const Scope& scope, int) {
  return {LoadKeyframe{read_keyframe_name(reader, "name", scope.model)}};
}

ResetOp read_random_joints(TableReader& reader, const Scope& scope, int) {
  RandomJoints out{matched(reader, "joints", mjOBJ_JOINT, scope)};
  for (int i = 0; reader.get("joints") == nullptr && i < scope.model->njnt; ++i) out.joints.push_back(i);
  return {std::move(out)};
}

ResetOp read_joint_noise(TableReader& reader, const Scope& scope, int) {
  const mjModel* m = scope.model;
  JointNoise out{matched(reader, "joints", mjOBJ_JOINT, scope)};
  for (int i = 0; reader.get("joints") == nullptr && i < m->njnt; ++i) out.joints.push_back(i);
  out.joints = loose_joints(m, std::move(out.joints));
  for (auto [key, value] : {std::pair{"share", &out.share}, std::pair{"most", &out.most}}) {
    *value = reader.number(key, *value);
    if (!(*value >= 0.0) || !std::isfinite(*value))
      fail_at(reader.get(key)->position, fmt::format("joint_noise.{}: expected at least 0", key));
  }
  return {std::move(out)};
}

ResetOp read_random_field(TableReader& reader, const Scope& scope, bool normal) {
  RandomField out{read_target(reader, scope), {}};
  out.numbers = read_numbers(reader, scope, normal, static_cast<int>(out.target.addresses.size()));
  return {std::move(out)};
}

ResetOp read_uniform(TableReader& reader, const Scope& scope, int) {
  return read_random_field(reader, scope, false);
}

ResetOp read_normal(TableReader& reader, const Scope& scope, int) {
  return read_random_field(reader, scope, true);
}

ResetOp read_set(TableReader& reader, const Scope& scope, int) {
  SetField out{read_target(reader, scope), {}, {}};
  out.slots = read_single(reader, scope, "value", static_cast<int>(out.target.addresses.size()), out.program);
  return {std::move(out)};
}

ResetOp read_draw(TableReader& reader, const Scope& scope, int) {
  DrawVariable out;
  const std::string name = reader.need_text("name");
  for (const NamedState& draw : scope.draws) {
    if (draw.name == name) out.state_offset = draw.offset, out.state_size = draw.size;
  }
  reader.get("size");
  if (const TomlNode* values = reader.get("values")) {
    out.values = constant_values(scope, *values, reader.what() + ".values");
  } else {
    out.numbers = read_numbers(reader, scope, reader.get("std") != nullptr, out.state_size);
  }
  return {std::move(out)};
}

ResetOp read_quat(TableReader& reader, const Scope& scope, int) {
  const mjModel* m = scope.model;
  RandomQuat out;
  out.positive_orthant =
      reader.choice("distribution", "uniform", {"uniform", "positive_orthant"}) == "positive_orthant";
  if (reader.get("body") != nullptr) {
    for (const int body : matched(reader, "body", mjOBJ_BODY, scope)) {
      if (m->body_mocapid[body] < 0)
        fail_at(reader.node().position, "random_quat.body: expected a mocap body");
      out.addresses.push_back(4 * m->body_mocapid[body]);
    }
    out.field = Source::kMocapQuat;
    return {std::move(out)};
  }
  const int joint = one_joint(reader, scope, mjJNT_FREE);
  if (m->jnt_type[joint] != mjJNT_FREE && m->jnt_type[joint] != mjJNT_BALL) {
    fail_at(reader.node().position, "random_quat.joint: expected a free or ball joint");
  }
  out.addresses = {m->jnt_qposadr[joint] + (m->jnt_type[joint] == mjJNT_FREE ? 3 : 0)};
  return {std::move(out)};
}

ResetOp read_choice(TableReader& reader, const Scope& scope, int depth) {
  const TomlNode& cases = reader.need("cases");
  if (cases.kind != TomlNode::Kind::kArray || cases.array.empty())
    fail_at(cases.position, "choice.cases: expected an array");
  Choice out;
  double sum = 0.0;
  for (const TomlNode& node : cases.array) {
    TableReader one(node, "choice.cases");
    const double p = one.number("p", 1.0);
    if (!(p >= 0.0) || !std::isfinite(p)) fail_at(node.position, "choice.cases.p: expected a probability");
    out.weights.push_back(sum += p);
    const TomlNode* ops = one.get("ops");
    out.branches.push_back(ops == nullptr ? std::vector<ResetOp>{} : read_ops(*ops, scope, depth + 1));
    one.finish();
  }
  if (!(sum > 0.0)) fail_at(cases.position, "choice.cases: probabilities sum to 0");
  for (double& weight : out.weights) weight /= sum;
  return {std::move(out)};
}

ResetOp read_until(TableReader& reader, const Scope& scope, int depth) {
  RepeatUntil out;
  out.ops = read_ops(reader.need("ops"), scope, depth + 1);
  out.slot = read_single(reader, scope, "when", 1, out.condition)[0];
  out.max_tries = static_cast<int>(reader.integer("max_tries", 10000, 1, kMaxTries));
  out.keep_last = reader.choice("give_up", "fail", {"fail", "keep"}) == "keep";
  return {std::move(out)};
}

ResetOp read_lift(TableReader& reader, const Scope& scope, int) {
  LiftUntilFree out;
  out.joint = one_joint(reader, scope, mjJNT_FREE);
  out.start = reader.number("start", 0.0);
  out.rise = reader.number("step", 0.01);
  if (!(out.rise > 0.0) || !std::isfinite(out.start)) {
    fail_at(reader.node().position, "lift_until_free: step must be positive");
  }
  out.max_tries = static_cast<int>(reader.integer("max_tries", 10000, 1, kMaxTries));
  return {out};
}

ResetOp read_settle(TableReader& reader, const Scope&, int) {
  return {Settle{static_cast<int>(reader.integer("steps", 100, 1, kMaxSettle))}};
}

ResetOp read_forward(TableReader&, const Scope&, int) { return {Forward{}}; }

using ReadOp = ResetOp (*)(TableReader& reader, const Scope& scope, int depth);

constexpr Named<ReadOp> kOps[] = {{"keyframe", read_keyframe},
                                  {"random_joints", read_random_joints},
                                  {"joint_noise", read_joint_noise},
                                  {"uniform", read_uniform},
                                  {"normal", read_normal},
                                  {"set", read_set},
                                  {"draw", read_draw},
                                  {"random_quat", read_quat},
                                  {"choice", read_choice},
                                  {"until", read_until},
                                  {"lift_until_free", read_lift},
                                  {"settle", read_settle},
                                  {"forward", read_forward}};

// "low = 'a', high = 'b'": what the operation computes.
std::string formulas_of(const TomlNode& node) {
  std::string out;
  for (const char* key : {"value", "low", "high", "mean", "std", "when"}) {
    const TomlNode* formula = node.find(key);
    if (formula == nullptr || formula->kind != TomlNode::Kind::kString) continue;
    out += fmt::format("{}{} = '{}'", out.empty() ? "" : ", ", key, formula->string);
  }
  return out;
}

ResetOp read_op(const TomlNode& node, const Scope& scope, int depth) {
  if (depth > kMaxNesting) fail_at(node.position, "reset: nested too deeply");
  const ReadOp read = TableReader(node, "reset").choice("op", "", kOps);
  TableReader args(node, node.find("op")->string);
  args.get("op");
  ResetOp op = read(args, scope, depth);
  args.finish();
  op.origin = {node.position, fmt::format("reset '{}'", args.what()), formulas_of(node)};
  return op;
}

std::vector<ResetOp> read_ops(const TomlNode& section, const Scope& scope, int depth) {
  if (section.kind != TomlNode::Kind::kArray)
    fail_at(section.position, "reset: expected an array of operations");
  std::vector<ResetOp> out;
  for (const TomlNode& node : section.array) out.push_back(read_op(node, scope, depth));
  return out;
}

void collect(const TomlNode& node, const Scope& scope, std::vector<NamedState>& out) {
  for (const TomlNode& item : node.array) collect(item, scope, out);
  const TomlNode* op = node.find("op");
  if (op != nullptr && op->string == "draw") {
    TableReader reader(node, "draw");
    NamedState draw;
    draw.name = reader.need_text("name");
    draw.size = static_cast<int>(reader.integer("size", 1, 1, kMaxDrawSize));
    const bool known =
        std::any_of(out.begin(), out.end(), [&](const NamedState& d) { return d.name == draw.name; });
    if (!known) {
      draw.offset = scope.layout->allocate(draw.size);
      out.push_back(std::move(draw));
    }
  }
  for (const auto& [key, value] : node.table) collect(value, scope, out);
}

}  // namespace

std::vector<NamedState> collect_draws(const TomlNode* section, const Scope& scope) {
  std::vector<NamedState> out;
  if (section != nullptr) collect(*section, scope, out);
  return out;
}

std::vector<ResetOp> read_reset(const TomlNode* section, const Scope& scope) {
  return section == nullptr ? std::vector<ResetOp>{} : read_ops(*section, scope, 0);
}

int reset_workspace(const std::vector<ResetOp>& ops, const mjModel* model) {
  int out = mj_stateSize(model, mjSTATE_INTEGRATION);  // what operations keep aside
  const auto add = [&](const Program& program) { out = std::max(out, program.slot_count()); };
  for (const ResetOp& op : ops) {
    if (const auto* random = std::get_if<RandomField>(&op.what)) add(random->numbers.program);
    if (const auto* set = std::get_if<SetField>(&op.what)) add(set->program);
    if (const auto* draw = std::get_if<DrawVariable>(&op.what)) add(draw->numbers.program);
    if (const auto* choice = std::get_if<Choice>(&op.what)) {
      for (const auto& branch : choice->branches) out = std::max(out, reset_workspace(branch, model));
    }
    if (const auto* until = std::get_if<RepeatUntil>(&op.what)) {
      add(until->condition);
      out = std::max(out, reset_workspace(until->ops, model));
    }
  }
  return out;
}

}  // namespace reverie::sim
