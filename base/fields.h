// One list of fields serves TOML, `key=value` overrides, printing and checkpoints. A config is a plain struct
// with in-class defaults; its free function `fields(config, prefix)` lists every member once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reverie::base {

// A named, documented reference to one member of a config struct; valid as long as the struct is.
struct Field {
  std::string name;  // full dotted key, e.g. "model.latent_dim"
  std::variant<bool*, int64_t*, double*, std::string*> value;
  std::string help;                  // one line, with unit or range
  std::vector<std::string> choices;  // allowed strings, "cuda:N" for any N >= 0; empty = any
};

// The value as TOML text (strings quoted, doubles with 17 digits and shortest round trip).
std::string to_toml(const Field& field);

// Set one field from the text after `=`; throws UserError naming key, text and the expected type or choices.
void set_field(const Field& field, std::string_view text);

// Find `key` in `fields` and set it; throws UserError with the nearest valid key when it is unknown.
void set_field(const std::vector<Field>& fields, std::string_view key, std::string_view text);

// Apply one "key=value" word; throws UserError when it has no '='.
void apply_override(const std::vector<Field>& fields, std::string_view word);

// The resolved config as TOML: one `key = value` a line, dotted keys grouped in [tables], help as comment.
std::string dump_toml(const std::vector<Field>& fields, bool with_help);

// Read a TOML text written by dump_toml or by hand. Unknown keys and wrong types throw UserError as
// "<origin>:line:column: ...".
void load_toml(const std::vector<Field>& fields, std::string_view text, std::string_view origin);

}  // namespace reverie::base
