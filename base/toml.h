// The TOML parser: toml++, from the library that the distribution has compiled.
// Whoever parses a file of somebody else calls parse_toml(): it bounds how deep tables are nested, too.
#pragma once

#include <string_view>

#define TOML_HEADER_ONLY 0
#define TOML_SHARED_LIB 1
#include <toml++/toml.h>

namespace reverie::base {

// Throws toml::parse_error, also for a key of more than 16 parts: each part is a table in a table, and what walks along
// them by recursion would run out of stack. `name` is that of the file, for places in it.
toml::table parse_toml(std::string_view text, std::string_view name = {});

}  // namespace reverie::base
