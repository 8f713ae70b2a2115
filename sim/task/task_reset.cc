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
const std::vector<std::string> kOpNames = {
    "keyframe",    "random_joints", "uniform", "normal",          "set",    "draw",
    "random_quat", "choice",        "until",   "lift_until_free", "settle", "forward"};

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

// Two formulas of one operation, e.g. low and high, with what they are when left out.
void read_pair(ResetOp& op, TableReader& reader, const Scope& scope, const std::array<std::string, 2>& keys,
               const std::array<double, 2>& fallback, int size) {
  ProgramBuilder builder(scope);
  for (size_t k = 0; k < 2; ++k) {
    const TomlNode* node = reader.get(keys[k]);
    std::vector<int>& slots = k == 0 ? op.first : op.second;
    if (node == nullptr) {
      slots.assign(static_cast<size_t>(size), builder.constant(fallback[k]));
    } else {
      slots = read_formula(builder, *node, fmt::format("{}.{}", reader.what(), keys[k]), size);
    }
  }
  op.program = builder.take();
}

void read_single(ResetOp& op, TableReader& reader, const Scope& scope, const std::string& key, int size) {
  ProgramBuilder builder(scope);
  op.first = read_formula(builder, reader.need(key), fmt::format("{}.{}", reader.what(), key), size);
  op.program = builder.take();
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
void read_target(ResetOp& op, TableReader& reader, const Scope& scope) {
  const mjModel* m = scope.model;
  const std::string field =
      reader.choice("field", "qpos", {"qpos", "qvel", "act", "mocap_pos", "mocap_quat"});
  std::vector<int>& out = op.addresses;
  if (field == "mocap_pos" || field == "mocap_quat") {
    op.field = field == "mocap_pos" ? Source::kMocapPos : Source::kMocapQuat;
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
    op.field = Source::kAct;
    for (int i = 0; i < m->na; ++i) out.push_back(i);
  } else {
    const bool position = field == "qpos";
    op.field = position ? Source::kQpos : Source::kQvel;
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
  op.add = reader.boolean("add", false);
}

std::vector<ResetOp> read_ops(const TomlNode& section, const Scope& scope, int depth);

void read_draw(ResetOp& op, TableReader& reader, const Scope& scope) {
  const std::string name = reader.need_text("name");
  for (const NamedState& draw : scope.draws) {
    if (draw.name == name) op.state_offset = draw.offset, op.state_size = draw.size;
  }
  reader.get("size");
  if (const TomlNode* values = reader.get("values")) {
    op.values = constant_values(scope, *values, reader.what() + ".values");
  } else if (reader.get("std") != nullptr) {
    op.normal = true;
    read_pair(op, reader, scope, {"mean", "std"}, {0.0, 1.0}, op.state_size);
  } else {
    read_pair(op, reader, scope, {"low", "high"}, {0.0, 1.0}, op.state_size);
  }
}

void read_choice(ResetOp& op, TableReader& reader, const Scope& scope, int depth) {
  const TomlNode& cases = reader.need("cases");
  if (cases.kind != TomlNode::Kind::kArray || cases.array.empty())
    fail_at(cases.position, "choice.cases: expected an array");
  double sum = 0.0;
  for (const TomlNode& node : cases.array) {
    TableReader one(node, "choice.cases");
    const double p = one.number("p", 1.0);
    if (!(p >= 0.0) || !std::isfinite(p)) fail_at(node.position, "choice.cases.p: expected a probability");
    op.weights.push_back(sum += p);
    const TomlNode* ops = one.get("ops");
    op.branches.push_back(ops == nullptr ? std::vector<ResetOp>{} : read_ops(*ops, scope, depth + 1));
    one.finish();
  }
  if (!(sum > 0.0)) fail_at(cases.position, "choice.cases: probabilities sum to 0");
  for (double& weight : op.weights) weight /= sum;
}

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

void read_quat(ResetOp& op, TableReader& reader, const Scope& scope) {
  const mjModel* m = scope.model;
  op.positive_orthant =
      reader.choice("distribution", "uniform", {"uniform", "positive_orthant"}) == "positive_orthant";
  if (reader.get("body") != nullptr) {
    for (const int body : matched(reader, "body", mjOBJ_BODY, scope)) {
      if (m->body_mocapid[body] < 0)
        fail_at(reader.node().position, "random_quat.body: expected a mocap body");
      op.addresses.push_back(4 * m->body_mocapid[body]);
    }
    op.field = Source::kMocapQuat;
    return;
  }
  const int joint = one_joint(reader, scope, mjJNT_FREE);
  if (m->jnt_type[joint] != mjJNT_FREE && m->jnt_type[joint] != mjJNT_BALL) {
    fail_at(reader.node().position, "random_quat.joint: expected a free or ball joint");
  }
  op.addresses = {m->jnt_qposadr[joint] + (m->jnt_type[joint] == mjJNT_FREE ? 3 : 0)};
}

void read_lift(ResetOp& op, TableReader& reader, const Scope& scope) {
  op.joints = {one_joint(reader, scope, mjJNT_FREE)};
  op.start = reader.number("start", 0.0);
  op.rise = reader.number("step", 0.01);
  if (!(op.rise > 0.0) || !std::isfinite(op.start)) {
    fail_at(reader.node().position, "lift_until_free: step must be positive");
  }
  op.max_tries = static_cast<int>(reader.integer("max_tries", 10000, 1, kMaxTries));
}

ResetOp read_op(const TomlNode& node, const Scope& scope, int depth) {
  if (depth > kMaxNesting) fail_at(node.position, "reset: nested too deeply");
  TableReader reader(node, "reset");
  const std::string name = reader.choice("op", "", kOpNames);
  TableReader args(node, name);
  args.get("op");
  ResetOp op;
  op.kind = static_cast<ResetOp::Kind>(std::find(kOpNames.begin(), kOpNames.end(), name) - kOpNames.begin());
  switch (op.kind) {
    case ResetOp::Kind::kKeyframe: {
      args.need("name");
      op.key = matched(args, "name", mjOBJ_KEY, scope)[0];
      break;
    }
    case ResetOp::Kind::kRandomJoints:
      op.joints = matched(args, "joints", mjOBJ_JOINT, scope);
      for (int i = 0; args.get("joints") == nullptr && i < scope.model->njnt; ++i) op.joints.push_back(i);
      break;
    case ResetOp::Kind::kUniform:
    case ResetOp::Kind::kNormal: {
      read_target(op, args, scope);
      const bool normal = op.kind == ResetOp::Kind::kNormal;
      const int size = static_cast<int>(op.addresses.size());
      if (normal) read_pair(op, args, scope, {"mean", "std"}, {0.0, 1.0}, size);
      if (!normal) read_pair(op, args, scope, {"low", "high"}, {0.0, 1.0}, size);
      break;
    }
    case ResetOp::Kind::kSet:
      read_target(op, args, scope);
      read_single(op, args, scope, "value", static_cast<int>(op.addresses.size()));
      break;
    case ResetOp::Kind::kDraw:
      read_draw(op, args, scope);
      break;
    case ResetOp::Kind::kRandomQuat:
      read_quat(op, args, scope);
      break;
    case ResetOp::Kind::kChoice:
      read_choice(op, args, scope, depth);
      break;
    case ResetOp::Kind::kUntil:
      op.branches.push_back(read_ops(args.need("ops"), scope, depth + 1));
      read_single(op, args, scope, "when", 1);
      op.max_tries = static_cast<int>(args.integer("max_tries", 10000, 1, kMaxTries));
      op.keep_last = args.choice("give_up", "fail", {"fail", "keep"}) == "keep";
      break;
    case ResetOp::Kind::kLiftUntilFree:
      read_lift(op, args, scope);
      break;
    case ResetOp::Kind::kSettle:
      op.steps = static_cast<int>(args.integer("steps", 100, 1, kMaxSettle));
      break;
    case ResetOp::Kind::kForward:
      break;
  }
  args.finish();
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
  int out = static_cast<int>(model->nq + 7 * model->nmocap);  // what lift_until_free keeps aside
  for (const ResetOp& op : ops) {
    out = std::max(out, op.program.slot_count());
    for (const auto& branch : op.branches) out = std::max(out, reset_workspace(branch, model));
  }
  return out;
}

}  // namespace reverie::sim
