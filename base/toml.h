// The TOML parser: toml++, from the library that the distribution has compiled.
#pragma once

#define TOML_HEADER_ONLY 0
#define TOML_SHARED_LIB 1
#include <toml++/toml.h>
