// Policies without an agent, by name: the list that commands offer.
#pragma once

#include <memory>
#include <string>

#include "contract/env_spec.h"
#include "contract/policy.h"
#include "contract/rng.h"

namespace reverie::contract {

bool is_scripted(const std::string& name);

// All names, for messages: "random, zero".
std::string scripted_names();

// The policy `name`; what it draws comes from `stream`. Throws std::invalid_argument when !is_scripted(name).
std::unique_ptr<Policy> scripted_policy(const std::string& name, const EnvSpec& spec, Stream stream);

}  // namespace reverie::contract
