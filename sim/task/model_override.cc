#include "sim/task/model_override.h"

#include <fmt/format.h>

#include "sim/model.h"
#include "sim/task/model_field.h"
#include "sim/task/orientations.h"

namespace reverie::sim {

void apply_model_overrides(const TomlNode& section, const Scope& scope, mjModel* model) {
  if (section.kind != TomlNode::Kind::kArray)
    fail_at(section.position, "override: expected [[override]] entries");
  bool derived = false;
  for (const TomlNode& node : section.array) {
    TableReader reader(node, "override");
    const ModelField field = read_model_field(reader, model);
    const Change change = read_change(reader, "set");
    const TomlNode& value_node = reader.need("value");
    std::vector<double> values = constant_values(scope, value_node, "override.value");
    if (values.size() != 1 && values.size() != field.addresses.size()) {
      fail_at(value_node.position,
              fmt::format("override.value: expected 1 or {} numbers", field.addresses.size()));
    }
    reader.finish();
    double* array = model_array(model, field.name);
    for (size_t i = 0; i < field.addresses.size(); ++i) {
      double& target = array[field.addresses[i]];
      target = changed(change, target, values[values.size() == 1 ? 0 : i]);
    }
    derived = derived || field.derived;
  }
  normalise_reference_orientations(model, "override");
  if (derived) mj_setConst(model, make_data(model).get());
}

}  // namespace reverie::sim
