// Fields: the members of a configuration by name, meaning and range.
// One list serves TOML, `key=value` overrides, printing, checks and checkpoints.
//
// A config is a plain struct with in-class defaults; its free function `fields(config, prefix)` lists every
// member once, with its meaning and what it may be:
//
//   struct Config { int64_t seed = 1; double rate = 1e-3; };
//   std::vector<Field> fields(Config& c, const std::string& prefix) {
//     return with_prefix(prefix, {{"seed", &c.seed, "key of every draw", at_least(0)},
//                                 {"rate", &c.rate, "learning rate", from_to(0, 1)}});
//   }
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reverie::base {

// What a field takes beside the values of its type: numbers in a range, or words of a list.
struct Allowed {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool without_low = false;               // true: only values above `low`
  std::vector<std::string> choices = {};  // allowed words, "cuda:N" for any N >= 0; empty: any
};
Allowed at_least(double low);
Allowed above(double low);
Allowed from_to(double low, double high);        // both ends included
Allowed above_up_to(double low, double high);    // only the upper end included
Allowed one_of(std::vector<std::string> words);  // for a field that is a string

// A named, documented reference to one member of a config struct; valid as long as the struct is.
struct Field {
  std::string name;  // full dotted key, e.g. "model.latent_dim"
  std::variant<bool*, int64_t*, double*, std::string*> value;
  std::string help;  // one line, with the unit; what is allowed is printed after it
  Allowed allowed = {};
};

// `fields` with `prefix` before their names.
std::vector<Field> with_prefix(const std::string& prefix, std::vector<Field> fields);

// The value as TOML text (strings quoted, doubles with 17 digits and shortest round trip).
std::string to_toml(const Field& field);

// Set one field from the text after `=`; throws UserError naming key, text and the expected
// type, range or choices.
void set_field(const Field& field, std::string_view text);

// Find `key` in `fields` and set it; throws UserError with the nearest valid key when it is unknown.
void set_field(const std::vector<Field>& fields, std::string_view key, std::string_view text);

// Apply one "key=value" word; throws UserError when it has no '='.
void apply_override(const std::vector<Field>& fields, std::string_view word);

// The resolved config as TOML: one `key = value` a line, dotted keys grouped in [tables], help as comment.
std::string dump_toml(const std::vector<Field>& fields, bool with_help);

// Read a TOML text written by dump_toml or by hand. Unknown keys, wrong types and values that are not allowed
// throw UserError as "<origin>:line:column: ...".
void load_toml(const std::vector<Field>& fields, std::string_view text, std::string_view origin);

// For a config that was filled in by code. Throws UserError naming the first key whose value is not allowed,
// what was found and what was expected.
void check_fields(const std::vector<Field>& fields);

}  // namespace reverie::base
