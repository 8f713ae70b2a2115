#include "sim/task/toml_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/toml.h"

namespace reverie::sim {
namespace {

TomlPosition to_position(const toml::source_region& region, const std::shared_ptr<const TomlSource>& source) {
  return {source, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

TomlNode convert(const toml::node& node, const std::shared_ptr<const TomlSource>& source);

void convert_table(const toml::table& table, const std::shared_ptr<const TomlSource>& source, TomlNode& out) {
  out.kind = TomlNode::Kind::kTable;
  for (const auto& [key, value] : table) {
    TomlNode child = convert(value, source);
    child.key_position = to_position(key.source(), source);
    out.table.push_back({std::string(key.str()), std::move(child)});
  }
  std::stable_sort(out.table.begin(), out.table.end(), [](const auto& a, const auto& b) {
    return std::pair(a.value.key_position.line, a.value.key_position.column) <
           std::pair(b.value.key_position.line, b.value.key_position.column);
  });
}

TomlNode convert(const toml::node& node, const std::shared_ptr<const TomlSource>& source) {
  TomlNode out;
  out.position = to_position(node.source(), source);
  if (const auto* table = node.as_table()) {
    convert_table(*table, source, out);
  } else if (const auto* array = node.as_array()) {
    out.kind = TomlNode::Kind::kArray;
    for (const toml::node& item : *array) out.array.push_back(convert(item, source));
  } else if (const auto* text = node.as_string()) {
    out.kind = TomlNode::Kind::kString;
    out.string = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.kind = TomlNode::Kind::kInteger;
    out.integer = integer->get();
    out.number = static_cast<double>(integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    out.kind = TomlNode::Kind::kFloat;
    out.number = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = TomlNode::Kind::kBool;
    out.boolean = boolean->get();
  } else {
    fail_at(out.position, "dates and times mean nothing in a task file");
  }
  return out;
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view key) const {
  for (const auto& [name, value] : table) {
    if (name == key) return &value;
  }
  return nullptr;
}

TomlNode parse_toml(std::string text, std::string name) {
  auto source = std::make_shared<TomlSource>(TomlSource{std::move(name), std::move(text)});
  try {
    const toml::table table = base::parse_toml(source->text, source->name);
    TomlNode out;
    out.position = {source, 1, 1};
    convert_table(table, source, out);
    return out;
  } catch (const toml::parse_error& error) {
    fail_at(to_position(error.source(), source), error.description());
  }
}

TomlNode parse_toml_file(const std::filesystem::path& path) {
  return parse_toml(base::read_file(path, base::kMostText), path.string());
}

void merge_toml(TomlNode& base, const TomlNode& over) {
  for (const auto& [key, value] : over.table) {
    auto found = std::find_if(base.table.begin(), base.table.end(),
                              [&key = key](const auto& item) { return item.key == key; });
    if (found == base.table.end()) {
      base.table.push_back({key, value});
    } else if (found->value.kind == TomlNode::Kind::kTable && value.kind == TomlNode::Kind::kTable) {
      merge_toml(found->value, value);
    } else {
      found->value = value;
    }
  }
}

std::string canonical_toml(const TomlNode& node) {
  switch (node.kind) {
    case TomlNode::Kind::kBool:
      return node.boolean ? "true" : "false";
    case TomlNode::Kind::kInteger:
    case TomlNode::Kind::kFloat:
      return fmt::format("{:.17g}", node.number);
    case TomlNode::Kind::kString:
      return fmt::format("'{}'", node.string);
    case TomlNode::Kind::kArray: {
      std::string out = "[";
      for (const TomlNode& item : node.array) out += canonical_toml(item) + ",";
      return out + "]";
    }
    case TomlNode::Kind::kTable:
      break;
  }
  std::string out = "{";
  for (const auto& [key, value] : node.table) out += key + "=" + canonical_toml(value) + ",";
  return out + "}";
}

std::string toml_string(std::string_view text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  const bool plain = text.find_first_of("\"\\") == std::string_view::npos;
  const bool control = std::ranges::any_of(text, is_control);
  if (plain && !control) return fmt::format("\"{}\"", text);
  if (!control && text.find('\'') == std::string_view::npos) return fmt::format("'{}'", text);
  std::string out;
  for (const char c : text) {
    if (is_control(static_cast<unsigned char>(c))) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return fmt::format("\"{}\"", out);
}

std::string toml_number(double value) {
  for (int digits = 1; digits < 17; ++digits) {
    std::string text = fmt::format("{:.{}g}", value, digits);
    if (std::abs(std::strtod(text.c_str(), nullptr) - value) <= 1e-10 * std::abs(value)) return text;
  }
  return fmt::format("{:.17g}", value);
}

std::string place_of(const TomlPosition& position) {
  const std::string name = position.source ? position.source->name : "task";
  return fmt::format("{}:{}:{}", name, position.line, position.column);
}

void fail_at(const TomlPosition& position, std::string_view message) {
  throw base::UserError(fmt::format("{}: {}", place_of(position), message));
}

TomlPosition position_in_string(const TomlNode& node, size_t offset) {
  TomlPosition out = node.position;
  if (!out.source) return out;
  const std::string& text = out.source->text;
  size_t at = 0;
  for (int line = 1; line < out.line && at != std::string::npos && at < text.size(); ++line) {
    at = text.find('\n', at);
    at = at == std::string::npos ? text.size() : at + 1;
  }
  at = std::min(text.size(), at + static_cast<size_t>(std::max(0, out.column - 1)));
  const std::string_view open = std::string_view(text).substr(at, 3);
  size_t skip = 1;
  if (open == "'''" || open == "\"\"\"") {
    skip = 3;
    if (text.compare(at + 3, 1, "\n") == 0) skip = 4;
    if (text.compare(at + 3, 2, "\r\n") == 0) skip = 5;
  }
  const size_t end = std::min(text.size(), at + skip + offset);
  for (size_t i = at; i < end; ++i) {
    out.column = text[i] == '\n' ? 1 : out.column + 1;
    out.line += text[i] == '\n';
  }
  return out;
}

const char* kind_name(TomlNode::Kind kind) {
  switch (kind) {
    case TomlNode::Kind::kBool:
      return "a boolean";
    case TomlNode::Kind::kInteger:
      return "an integer";
    case TomlNode::Kind::kFloat:
      return "a number";
    case TomlNode::Kind::kString:
      return "a string";
    case TomlNode::Kind::kArray:
      return "an array";
    case TomlNode::Kind::kTable:
      break;
  }
  return "a table";
}

TableReader::TableReader(const TomlNode& table, std::string what) : table_(table), what_(std::move(what)) {
  if (table.kind != TomlNode::Kind::kTable) {
    fail_at(table.position, fmt::format("{}: expected a table, found {}", what_, kind_name(table.kind)));
  }
}

const TomlNode* TableReader::get(std::string_view key) {
  known_.emplace_back(key);
  return table_.find(key);
}

const TomlNode& TableReader::need(std::string_view key) {
  const TomlNode* node = get(key);
  if (node == nullptr) fail_at(table_.position, fmt::format("{}: '{}' is missing", what_, key));
  return *node;
}

std::string TableReader::text(std::string_view key, std::string fallback) {
  const TomlNode* node = get(key);
  if (node == nullptr) return fallback;
  if (node->kind != TomlNode::Kind::kString) {
    fail_at(node->position,
            fmt::format("{}.{}: expected a string, found {}", what_, key, kind_name(node->kind)));
  }
  return node->string;
}

std::string TableReader::need_text(std::string_view key) {
  need(key);
  return text(key, "");
}

double TableReader::number(std::string_view key, double fallback) {
  const TomlNode* node = get(key);
  if (node == nullptr) return fallback;
  if (!node->is_number() || std::isnan(node->number)) {
    fail_at(node->position, fmt::format("{}.{}: expected a number, found {}", what_, key,
                                        node->is_number() ? "nan" : kind_name(node->kind)));
  }
  return node->number;
}

int64_t TableReader::integer(std::string_view key, int64_t fallback, int64_t low, int64_t high) {
  const TomlNode* node = get(key);
  if (node == nullptr) return fallback;
  if (node->kind != TomlNode::Kind::kInteger) {
    fail_at(node->position,
            fmt::format("{}.{}: expected an integer, found {}", what_, key, kind_name(node->kind)));
  }
  if (node->integer < low || node->integer > high) {
    fail_at(node->position, fmt::format("{}.{}: {} is outside {}..{}", what_, key, node->integer, low, high));
  }
  return node->integer;
}

bool TableReader::boolean(std::string_view key, bool fallback) {
  const TomlNode* node = get(key);
  if (node == nullptr) return fallback;
  if (node->kind != TomlNode::Kind::kBool) {
    fail_at(node->position,
            fmt::format("{}.{}: expected true or false, found {}", what_, key, kind_name(node->kind)));
  }
  return node->boolean;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  const TomlNode* node = get(key);
  if (node == nullptr) return {};
  if (node->kind == TomlNode::Kind::kString) return {node->string};
  std::vector<std::string> out;
  if (node->kind != TomlNode::Kind::kArray || node->array.empty()) {
    fail_at(node->position, fmt::format("{}.{}: expected a string or an array of strings", what_, key));
  }
  for (const TomlNode& item : node->array) {
    if (item.kind != TomlNode::Kind::kString) {
      fail_at(item.position,
              fmt::format("{}.{}: expected a string, found {}", what_, key, kind_name(item.kind)));
    }
    out.push_back(item.string);
  }
  return out;
}

std::string TableReader::choice(std::string_view key, std::string fallback,
                                const std::vector<std::string>& choices) {
  std::string value = text(key, std::move(fallback));
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  const TomlNode* node = table_.find(key);
  fail_at(node ? node->position : table_.position,
          fmt::format("{}.{}: '{}' is none of {}{}", what_, key, value, fmt::join(choices, ", "),
                      base::did_you_mean(value, choices)));
}

void TableReader::finish() const {
  for (const auto& [key, value] : table_.table) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      fail_at(value.key_position,
              fmt::format("{}: unknown key '{}'{}", what_, key, base::did_you_mean(key, known_)));
    }
  }
}

}  // namespace reverie::sim
