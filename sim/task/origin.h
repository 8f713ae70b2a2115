// Origin: where a value of the task file was written, for what is said about it later.
// A task is compiled once and runs for hours: what an expression gives is known only then.
#pragma once

#include <string>

#include "sim/task/toml_node.h"

namespace reverie::sim {

struct Origin {
  TomlPosition position;   // of the expression
  std::string what;        // "reward term 'near'", "observation 'bearing'", "signal 'far'"
  std::string expression;  // as written; empty for what is no text
};

// Of the expression in `node`.
Origin origin_of(const TomlNode& node, std::string what);

}  // namespace reverie::sim
