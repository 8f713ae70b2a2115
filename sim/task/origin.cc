#include "sim/task/origin.h"

#include <utility>

namespace reverie::sim {

Origin origin_of(const TomlNode& node, std::string what) {
  const bool is_text = node.kind == TomlNode::Kind::kString;
  return {is_text ? position_in_string(node, 0) : node.position, std::move(what), node.string};
}

}  // namespace reverie::sim
