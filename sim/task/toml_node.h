// TomlNode: a TOML file as an ordered tree with the position of every value.
// toml++ sorts keys and forgets positions on copy. Task files need both: signals refer to earlier ones, and
// errors name file:line:column.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie::sim {

// The text a node came from; shared by all its nodes.
struct TomlSource {
  std::string name;  // path, or "override 'params.x=1'"
  std::string text;
};

struct TomlPosition {
  std::shared_ptr<const TomlSource> source;
  int line = 0, column = 0;  // 1-based
};

struct TomlEntry;

struct TomlNode {
  enum class Kind { kBool, kInteger, kFloat, kString, kArray, kTable };
  Kind kind = Kind::kTable;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0.0;  // also set for integers
  std::string string;
  std::vector<TomlNode> array;
  std::vector<TomlEntry> table;  // in source order
  TomlPosition position, key_position;

  const TomlNode* find(std::string_view key) const;  // nullptr when absent or not a table
  bool is_number() const { return kind == Kind::kInteger || kind == Kind::kFloat; }
};

struct TomlEntry {
  std::string key;
  TomlNode value;
};

// Throws UserError "<file>:line:column: ..." when the text is not TOML.
TomlNode parse_toml(std::string text, std::string name);
TomlNode parse_toml_file(const std::filesystem::path& path);

// Tables merge key by key, everything else in `over` replaces what `base` had; new keys come last.
void merge_toml(TomlNode& base, const TomlNode& over);

// The tree as canonical text (no comments, no positions): what the task hash covers.
std::string canonical_toml(const TomlNode& node);

// How a task file writes a text, with TOML's escapes where it needs them, e.g. "a" or 'say "a"'.
std::string toml_string(std::string_view text);
// A number in as few digits as name it to 1e-10 of itself.
std::string toml_number(double value);

std::string place_of(const TomlPosition& position);  // "<file>:line:column"
// "<file>:line:column: message" as a UserError.
[[noreturn]] void fail_at(const TomlPosition& position, std::string_view message);

// The position of character `offset` of the string value `node` inside its file.
TomlPosition position_in_string(const TomlNode& node, size_t offset);

const char* kind_name(TomlNode::Kind kind);  // "a string", "a table", ...

// One of the values that a key may name.
template <typename T>
struct Named {
  const char* name;
  T value;
};

// Reads a table key by key; every access names the expected type in its error, and finish() rejects keys that
// nobody asked for, with the nearest one that exists.
class TableReader {
 public:
  TableReader(const TomlNode& table, std::string what);

  const TomlNode* get(std::string_view key);  // nullptr when absent
  const TomlNode& need(std::string_view key);
  std::string text(std::string_view key, std::string fallback);
  std::string need_text(std::string_view key);
  double number(std::string_view key, double fallback);
  int64_t integer(std::string_view key, int64_t fallback, int64_t low, int64_t high);
  bool boolean(std::string_view key, bool fallback);
  std::vector<std::string> texts(std::string_view key);  // a string or an array of strings; empty when absent
  std::string choice(std::string_view key, std::string fallback, const std::vector<std::string>& choices);
  // The value that the name at `key` stands for.
  template <typename T, size_t N>
  T choice(std::string_view key, std::string fallback, const Named<T> (&choices)[N]) {
    std::vector<std::string> names;
    for (const Named<T>& one : choices) names.emplace_back(one.name);
    const std::string chosen = choice(key, std::move(fallback), names);
    for (const Named<T>& one : choices)
      if (chosen == one.name) return one.value;
    throw std::logic_error("TableReader::choice: the fallback is none of the choices");
  }
  void finish() const;
  const TomlNode& node() const { return table_; }
  const std::string& what() const { return what_; }

 private:
  const TomlNode& table_;
  std::string what_;
  std::vector<std::string> known_;
};

}  // namespace reverie::sim
