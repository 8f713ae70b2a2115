// Network policy: layers of weights from a file act from observations.
// So a policy that was trained by another program can be asked of a dream. docs/formats.md describes the file.
#pragma once

#include <filesystem>
#include <memory>

#include "contract/env_spec.h"
#include "contract/policy.h"

namespace reverie::contract {

// Throws UserError naming the file, the tensor and the shape expected, when it does not fit `spec` or holds a number that is
// not finite.
std::unique_ptr<Policy> network_policy(const std::filesystem::path& file, const EnvSpec& spec);

}  // namespace reverie::contract
