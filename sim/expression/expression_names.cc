// How names in expressions are resolved: objects of the model, params, signals, draws, components.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "sim/expression/expression_builder.h"
#include "sim/model.h"

namespace reverie::sim {
namespace {

std::vector<std::string> names_in(const Scope& scope) {
  std::vector<std::string> out = {"pi", "inf", "control_dt", "timestep", "true", "false"};
  for (const auto& [name, value] : scope.params) out.push_back(name);
  for (const auto& [name, node] : scope.signals) out.push_back(name);
  for (const auto& draw : scope.draws) out.push_back(draw.name);
  return out;
}

// Positions of the letters of a component name, e.g. "xz" -> {0, 2} for positions, {2} for matrices.
std::vector<int> component_indices(std::string_view text, int cols, size_t offset) {
  std::vector<int> out;
  if (cols == 9) {
    const size_t row = std::string_view("xyz").find(text.empty() ? '?' : text[0]);
    const size_t column = std::string_view("xyz").find(text.size() == 2 ? text[1] : '?');
    if (row != std::string_view::npos && column != std::string_view::npos) {
      out.push_back(static_cast<int>(3 * row + column));
    }
  } else if (cols == 3 || cols == 4) {
    for (const char letter : text) {
      const size_t found = std::string_view(cols == 3 ? "xyz" : "wxyz").find(letter);
      if (found == std::string_view::npos) {
        out.clear();
        break;
      }
      out.push_back(static_cast<int>(found));
    }
  }
  if (out.empty()) {
    const char* valid = cols == 9   ? "xx, xy, ... zz"
                        : cols == 3 ? "letters of xyz"
                        : cols == 4 ? "letters of wxyz"
                                    : "none: this is not a position, quaternion or matrix";
    throw ExpressionError(offset, fmt::format("no component '{}' here (components are {})", text, valid));
  }
  return out;
}

}  // namespace

// POSIX fnmatch would read brackets and backslashes, too, and its time may grow exponentially with the stars of
// a task file; this takes text * pattern steps at most.
bool matches_pattern(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<int> match_names(const mjModel* model, int object_type, std::string_view pattern) {
  std::vector<int> out;
  const std::vector<std::string> names = object_names(model, object_type);
  const bool glob = pattern.find_first_of("*?") != std::string_view::npos;
  for (size_t i = 0; i < names.size(); ++i) {
    if (glob && object_type == mjOBJ_BODY && i == 0) continue;
    if (glob ? matches_pattern(names[i], pattern) : (names[i] == pattern && !names[i].empty())) {
      out.push_back(static_cast<int>(i));
    }
  }
  if (out.empty()) {
    base::throw_user_error("the model has no {} {}'{}'{}", object_type_name(object_type),
                           glob ? "matching " : "", pattern, base::did_you_mean(pattern, names));
  }
  return out;
}

int find_keyframe(const mjModel* model, int64_t number) {
  if (number >= 0 && number < model->nkey) return static_cast<int>(number);
  if (model->nkey == 0) base::throw_user_error("the model has no keyframe {}; it has none", number);
  base::throw_user_error("the model has no keyframe {}; they are 0 to {}", number, model->nkey - 1);
}

// Many models have keyframes without names.
int find_keyframe(const mjModel* model, std::string_view name) {
  const std::vector<std::string> names = object_names(model, mjOBJ_KEY);
  const auto found = std::ranges::find(names, name);
  if (found != names.end() && !name.empty()) return static_cast<int>(found - names.begin());
  int64_t number = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size()) return find_keyframe(model, number);
  if (name.find_first_of("*?") != std::string_view::npos) return match_names(model, mjOBJ_KEY, name)[0];
  if (model->nkey == 0) base::throw_user_error("the model has no keyframe '{}'; it has none", name);
  base::throw_user_error("the model has no keyframe '{}'{}; a number from 0 to {} names one too", name,
                         base::did_you_mean(name, names), model->nkey - 1);
}

int read_keyframe_name(TableReader& reader, std::string_view key, const mjModel* model) {
  const TomlNode& node = reader.need(key);
  const bool number = node.kind == TomlNode::Kind::kInteger;
  if (!number && node.kind != TomlNode::Kind::kString) {
    fail_at(node.position, fmt::format("{}.{}: expected a keyframe's name or number, found {}", reader.what(),
                                       key, kind_name(node.kind)));
  }
  try {
    return number ? find_keyframe(model, node.integer) : find_keyframe(model, node.string);
  } catch (const base::UserError& error) {
    fail_at(node.position, fmt::format("{}.{}: {}", reader.what(), key, error.what()));
  }
}

std::vector<int> ProgramBuilder::resolve(int object_type, const SyntaxNode& pattern) {
  std::vector<int> out;
  if (pattern.kind == SyntaxNode::Kind::kList) {
    for (const SyntaxNode& item : pattern.children) {
      const std::vector<int> part = resolve(object_type, item);
      out.insert(out.end(), part.begin(), part.end());
    }
    return out;
  }
  if (pattern.kind != SyntaxNode::Kind::kString) {
    throw ExpressionError(pattern.offset,
                          fmt::format("expected the name of a {} in quotes", object_type_name(object_type)));
  }
  try {
    return match_names(scope_.model, object_type, pattern.text);
  } catch (const base::UserError& error) {
    throw ExpressionError(pattern.offset, error.what());
  }
}

Value ProgramBuilder::name_value(const SyntaxNode& node) {
  Value out;
  const std::string& name = node.text;
  for (const auto& [param, values] : scope_.params) {
    if (param != name) continue;
    out.rows = static_cast<int>(values.size());
    for (const double value : values) out.slots.push_back(constant(value));
    return out;
  }
  for (const auto& [signal_name, text] : scope_.signals) {
    if (signal_name == name) return signal(name);
  }
  for (const NamedState& draw : scope_.draws) {
    if (draw.name != name) continue;
    out.rows = draw.size;
    for (int i = 0; i < draw.size; ++i) out.slots.push_back(load(Source::kTaskState, draw.offset + i));
    return out;
  }
  const std::pair<const char*, double> constants[] = {
      {"pi", mjPI},
      {"inf", INFINITY},
      {"true", 1.0},
      {"false", 0.0},
      {"control_dt", scope_.control_dt},
      {"timestep", scope_.model == nullptr ? 0.0 : scope_.model->opt.timestep}};
  for (const auto& [constant_name, value] : constants) {
    if (name != constant_name) continue;
    out.slots = {constant(value)};
    return out;
  }
  if (is_function(name))
    throw ExpressionError(node.offset, fmt::format("'{}' is a function: write {}(...)", name, name));
  throw ExpressionError(node.offset,
                        fmt::format("unknown name '{}'{}", name, base::did_you_mean(name, names_in(scope_))));
}

Value ProgramBuilder::member(const Value& base, std::string_view components, size_t offset) {
  const std::vector<int> picks = component_indices(components, base.cols, offset);
  Value out;
  out.rows = base.rows * static_cast<int>(picks.size());
  for (int row = 0; row < base.rows; ++row) {
    for (const int pick : picks) out.slots.push_back(base.slots[row * base.cols + pick]);
  }
  return out;
}

}  // namespace reverie::sim
