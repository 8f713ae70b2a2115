// Which starts a section measures from.
#pragma once

#include <span>
#include <vector>

#include "evaluation/context.h"

namespace reverie::evaluation {

inline constexpr size_t kFewStarts = 64;

// The pushed episodes; without them, as in the self-test, the undisturbed ones.
const HeldOut& disturbed(const Context& context);

// At most `count` of `all`, evenly spread over them.
std::vector<contract::StartPoint> spread_evenly(std::span<const contract::StartPoint> all, size_t count);

}  // namespace reverie::evaluation
