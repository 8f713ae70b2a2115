#include "base/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "base/toml.h"

namespace reverie::base {
namespace {

std::string double_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  std::string text(buffer, end);
  // TOML reads a number without point or exponent as an integer.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A choice that ends with ":N" stands for all whose end is a number.
bool is_choice(std::string_view choice, std::string_view text) {
  if (!choice.ends_with(":N")) return choice == text;
  const std::string_view stem = choice.substr(0, choice.size() - 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.starts_with(stem) && text.size() > stem.size() &&
         std::ranges::all_of(text.substr(stem.size()), is_digit);
}

void check_choice(const Field& field, std::string_view text) {
  const auto is_text = [&](const std::string& choice) { return is_choice(choice, text); };
  const std::vector<std::string>& choices = field.allowed.choices;
  if (choices.empty() || std::ranges::any_of(choices, is_text)) return;
  throw_user_error("{}: expected one of {}, found '{}'{}", field.name, fmt::join(choices, ", "), text,
                   did_you_mean(text, choices));
}

// The range in words, "" when every number is allowed.
std::string range_text(const Allowed& a) {
  if (std::isfinite(a.high)) {
    return a.without_low ? fmt::format("above {} and at most {}", a.low, a.high)
                         : fmt::format("from {} to {}", a.low, a.high);
  }
  if (!std::isfinite(a.low)) return "";
  return fmt::format("{} {}", a.without_low ? "above" : "at least", a.low);
}

// `Number` is int64_t or double: an error shows the value as the user wrote it.
template <typename Number>
void check_range(const Field& field, Number value) {
  const Allowed& a = field.allowed;
  const auto number = static_cast<double>(value);
  const bool unbounded = std::isinf(a.low) && std::isinf(a.high);
  const bool inside = unbounded || ((a.without_low ? number > a.low : number >= a.low) && number <= a.high);
  if (inside && std::isfinite(number)) return;
  if (inside) throw_user_error("{}: expected a finite number, found {}", field.name, value);
  throw_user_error("{}: expected {}{}, found {}", field.name, std::isfinite(a.high) ? "a value " : "",
                   range_text(a), value);
}

// What is allowed, as help shows it: " [at least 1]", " [auto | cpu]", or "".
std::string allowed_text(const Allowed& allowed) {
  if (!allowed.choices.empty()) return fmt::format(" [{}]", fmt::join(allowed.choices, " | "));
  const std::string range = range_text(allowed);
  return range.empty() ? "" : fmt::format(" [{}]", range);
}

template <typename Number>
void assign_number(const Field& field, Number& target, Number value) {
  check_range(field, value);
  target = value;
}

std::vector<std::string> names_of(const std::vector<Field>& fields) {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const Field& field : fields) names.push_back(field.name);
  return names;
}

const Field* find_field(const std::vector<Field>& fields, std::string_view key) {
  const auto found = std::ranges::find(fields, key, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

const char* expected_type(const Field& field) {
  constexpr const char* kNames[] = {"true or false", "an integer", "a number", "a string"};
  return kNames[field.value.index()];
}

// Copies one TOML value into a field; false when its type is another.
bool assign(const Field& field, const toml::node& node) {
  if (auto* const* target = std::get_if<bool*>(&field.value)) {
    if (!node.is_boolean()) return false;
    **target = **node.as_boolean();
  } else if (auto* const* target = std::get_if<int64_t*>(&field.value)) {
    if (!node.is_integer()) return false;
    assign_number(field, **target, **node.as_integer());
  } else if (auto* const* target = std::get_if<double*>(&field.value)) {
    if (!node.is_number()) return false;
    assign_number(field, **target,
                  node.is_integer() ? static_cast<double>(**node.as_integer()) : **node.as_floating_point());
  } else {
    if (!node.is_string()) return false;
    check_choice(field, **node.as_string());
    *std::get<std::string*>(field.value) = **node.as_string();
  }
  return true;
}

std::string position(std::string_view origin, const toml::source_region& source) {
  return fmt::format("{}:{}:{}", origin, source.begin.line, source.begin.column);
}

// Every key in full, and the tables on the way to them.
std::vector<std::string> names_and_tables(const std::vector<Field>& fields) {
  std::vector<std::string> names = names_of(fields);
  for (const Field& field : fields) {
    for (size_t dot = field.name.find('.'); dot != std::string::npos; dot = field.name.find('.', dot + 1)) {
      names.push_back(field.name.substr(0, dot));
    }
  }
  return names;
}

bool is_table_name(const std::vector<Field>& fields, const std::string& name) {
  return std::ranges::any_of(fields, [&](const Field& field) { return field.name.starts_with(name + "."); });
}

std::string type_name(const toml::node& node) {
  std::ostringstream out;
  out << node.type();
  return out.str();
}

void load_value(const Field& field, const toml::node& node, const std::string& where) {
  try {
    if (assign(field, node)) return;
  } catch (const UserError& error) {
    throw UserError(fmt::format("{}: {}", where, error.what()));
  }
  throw_user_error("{}: {}: expected {}, found {}", where, field.name, expected_type(field), type_name(node));
}

void load_table(const std::vector<Field>& fields, const toml::table& table, const std::string& prefix,
                std::string_view origin) {
  // The parser sorts keys by name; the first wrong one of the text is the one to report.
  std::vector<std::pair<const toml::key*, const toml::node*>> entries;
  for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
  std::ranges::sort(entries, {}, [](const auto& entry) {
    const toml::source_position begin = entry.first->source().begin;
    return std::pair(begin.line, begin.column);
  });
  for (const auto& [key, node] : entries) {
    const std::string name = prefix + std::string(key->str());
    const std::string where = position(origin, key->source());
    if (const Field* field = find_field(fields, name)) {
      load_value(*field, *node, where);
    } else if (!is_table_name(fields, name)) {
      throw_user_error("{}: unknown key '{}'{}", where, name, did_you_mean(name, names_and_tables(fields)));
    } else if (!node->is_table()) {
      throw_user_error("{}: {}: expected a table, found {}", where, name, type_name(*node));
    } else {
      load_table(fields, *node->as_table(), name + ".", origin);
    }
  }
}

}  // namespace

Allowed at_least(double low) { return {.low = low}; }
Allowed above(double low) { return {.low = low, .without_low = true}; }
Allowed from_to(double low, double high) { return {.low = low, .high = high}; }
Allowed above_up_to(double low, double high) { return {.low = low, .high = high, .without_low = true}; }
Allowed one_of(std::vector<std::string> words) { return {.choices = std::move(words)}; }

std::vector<Field> with_prefix(const std::string& prefix, std::vector<Field> fields) {
  for (Field& field : fields) field.name = prefix + field.name;
  return fields;
}

std::string to_toml(const Field& field) {
  if (auto* const* value = std::get_if<bool*>(&field.value)) return **value ? "true" : "false";
  if (auto* const* value = std::get_if<int64_t*>(&field.value)) return fmt::format("{}", **value);
  if (auto* const* value = std::get_if<double*>(&field.value)) return double_text(**value);
  return quoted(*std::get<std::string*>(field.value));
}

void set_field(const Field& field, std::string_view text) {
  if (auto* const* target = std::get_if<std::string*>(&field.value)) {
    check_choice(field, text);
    **target = text;
    return;
  }
  if (auto* const* target = std::get_if<bool*>(&field.value)) {
    if (text == "true" || text == "false") {
      **target = text == "true";
      return;
    }
  } else if (auto* const* target = std::get_if<int64_t*>(&field.value)) {
    if (const auto value = parse_number<int64_t>(text)) {
      return assign_number(field, **target, *value);
    }
  } else if (const auto value = parse_number<double>(text)) {
    return assign_number(field, *std::get<double*>(field.value), *value);
  }
  throw_user_error("{}: expected {}, found '{}'", field.name, expected_type(field), text);
}

void set_field(const std::vector<Field>& fields, std::string_view key, std::string_view text) {
  const Field* field = find_field(fields, key);
  if (field == nullptr) throw_user_error("unknown key '{}'{}", key, did_you_mean(key, names_of(fields)));
  set_field(*field, text);
}

void apply_override(const std::vector<Field>& fields, std::string_view word) {
  const size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw_user_error("'{}': expected key=value", word);
  }
  set_field(fields, word.substr(0, equals), word.substr(equals + 1));
}

std::string dump_toml(const std::vector<Field>& fields, bool with_help) {
  // Top-level keys first (TOML would put them in the table above them), then one [table] a
  // prefix, in order of listing.
  std::vector<std::string> tables{""};
  std::map<std::string, std::string> text;
  for (const Field& field : fields) {
    const size_t dot = field.name.rfind('.');
    const std::string table = dot == std::string::npos ? "" : field.name.substr(0, dot);
    const std::string key = dot == std::string::npos ? field.name : field.name.substr(dot + 1);
    if (std::ranges::find(tables, table) == tables.end()) tables.push_back(table);
    std::string line = fmt::format("{} = {}", key, to_toml(field));
    if (with_help && !field.help.empty())
      line += fmt::format("  # {}{}", field.help, allowed_text(field.allowed));
    text[table] += line + "\n";
  }
  std::string out = text[""];
  for (size_t i = 1; i < tables.size(); ++i) {
    if (!out.empty()) out += "\n";
    out += fmt::format("[{}]\n{}", tables[i], text[tables[i]]);
  }
  return out;
}

void load_toml(const std::vector<Field>& fields, std::string_view text, std::string_view origin) {
  toml::table table;
  try {
    table = parse_toml(text);
  } catch (const toml::parse_error& error) {
    throw_user_error("{}: {}", position(origin, error.source()), error.description());
  }
  load_table(fields, table, "", origin);
}

void check_fields(const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    if (auto* const* value = std::get_if<int64_t*>(&field.value)) {
      check_range(field, **value);
    } else if (auto* const* value = std::get_if<double*>(&field.value)) {
      check_range(field, **value);
    } else if (auto* const* value = std::get_if<std::string*>(&field.value)) {
      check_choice(field, **value);
    }
  }
}

}  // namespace reverie::base
