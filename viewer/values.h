// Values: named numbers of what the viewer shows, for scripts.
// A script's `expect` and `print` read them. docs/viewer.md has the same list; a test compares the two.
#pragma once

#include <span>
#include <string>
#include <variant>

namespace reverie::viewer {

struct ViewerContext;

using Value = std::variant<double, std::string>;  // yes and no are 1 and 0

struct NamedValue {
  const char* name;  // "physics.time"
  const char* what;  // one line, with the unit
  Value (*read)(const ViewerContext& context);
};

// In the order in which the documentation has them.
std::span<const NamedValue> named_values();

// Null when there is none of that name.
const NamedValue* find_value(const std::string& name);

// Six significant digits, or the text itself.
std::string to_text(const Value& value);

}  // namespace reverie::viewer
