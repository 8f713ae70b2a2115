#include "sim/task/actuators.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "sim/expression/expression_builder.h"

namespace reverie::sim {
namespace {

struct Entry {
  std::string type;
  double kp = 1.0, kd = 0.0, gear = 1.0;
  std::vector<double> ctrlrange, forcerange;
};

std::vector<double> read_range(TableReader& reader, std::string_view key) {
  const TomlNode* node = reader.get(key);
  if (node == nullptr) return {};
  if (node->kind != TomlNode::Kind::kArray || node->array.size() != 2 || !node->array[0].is_number() ||
      !node->array[1].is_number() || !(node->array[0].number < node->array[1].number)) {
    fail_at(node->position, fmt::format("actuator.{}: expected [low, high]", key));
  }
  return {node->array[0].number, node->array[1].number};
}

struct Joint {
  std::string name;
  bool ranged = false;
  bool single = true;  // a hinge or slide: one number says where it is
};

std::vector<Joint> joints_of(mjSpec* spec) {
  std::vector<Joint> out;
  for (mjsElement* element = mjs_firstElement(spec, mjOBJ_JOINT); element != nullptr;
       element = mjs_nextElement(spec, element)) {
    const mjsJoint* joint = mjs_asJoint(element);
    out.push_back({mjs_getString(mjs_getName(element)), joint->range[0] < joint->range[1],
                   joint->type == mjJNT_HINGE || joint->type == mjJNT_SLIDE});
  }
  return out;
}

// A position servo takes its joint's range unless the entry gives one.
void add_one(mjSpec* spec, const Joint& joint, const Entry& entry) {
  mjsActuator* actuator = mjs_addActuator(spec, nullptr);
  mjs_setName(actuator->element, joint.name.c_str());
  mjs_setString(actuator->target, joint.name.c_str());
  actuator->trntype = mjTRN_JOINT;
  actuator->gear[0] = entry.gear;
  if (entry.type == "motor") mjs_setToMotor(actuator);
  if (entry.type == "velocity") mjs_setToVelocity(actuator, entry.kp);
  if (entry.type == "position") {
    double kv[1] = {entry.kd};
    mjs_setToPosition(actuator, entry.kp, kv, nullptr, nullptr, joint.ranged ? 1.0 : 0.0);
  }
  if (!entry.ctrlrange.empty()) {
    actuator->inheritrange = 0.0;
    actuator->ctrllimited = mjLIMITED_TRUE;
    actuator->ctrlrange[0] = entry.ctrlrange[0], actuator->ctrlrange[1] = entry.ctrlrange[1];
  }
  if (!entry.forcerange.empty()) {
    actuator->forcelimited = mjLIMITED_TRUE;
    actuator->forcerange[0] = entry.forcerange[0], actuator->forcerange[1] = entry.forcerange[1];
  }
}

}  // namespace

void add_actuators(const TomlNode& section, mjSpec* spec) {
  if (section.kind != TomlNode::Kind::kArray)
    fail_at(section.position, "actuator: expected [[actuator]] entries");
  const std::vector<Joint> joints = joints_of(spec);
  std::vector<std::string> names;
  names.reserve(joints.size());
  for (const Joint& joint : joints) names.push_back(joint.name);
  for (const TomlNode& node : section.array) {
    TableReader reader(node, "actuator");
    Entry entry;
    entry.type = reader.choice("type", "position", {"motor", "position", "velocity"});
    entry.kp = reader.number("kp", 1.0);
    entry.kd = reader.number("kd", 0.0);
    entry.gear = reader.number("gear", 1.0);
    entry.ctrlrange = read_range(reader, "ctrlrange");
    entry.forcerange = read_range(reader, "forcerange");
    reader.need("joints");
    const std::vector<std::string> patterns = reader.texts("joints");
    reader.finish();
    for (const std::string& pattern : patterns) {
      int found = 0;
      for (const Joint& joint : joints) {
        if (joint.name.empty() || !matches_pattern(joint.name, pattern)) continue;
        if (!joint.single && joint.name == pattern) {
          fail_at(node.find("joints")->position,
                  fmt::format("actuator: joint '{}' is no hinge or slide; the model itself can drive it",
                              pattern));
        }
        if (!joint.single) continue;  // a pattern means those that can be driven
        add_one(spec, joint, entry);
        ++found;
      }
      if (found == 0) {
        fail_at(node.find("joints")->position, fmt::format("actuator: the model has no joint '{}'{}", pattern,
                                                           base::did_you_mean(pattern, names)));
      }
    }
  }
}

}  // namespace reverie::sim
