// Errors that a user can correct, and the name that was probably meant.
// Everything that the user can get wrong throws UserError (exit 2 in apps/). What a disk, a display or
// a device refuses is told in the same way. Any other exception is our bug (exit 3).
#pragma once

#include <fmt/format.h>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie::base {

// The user's input is wrong. what() is one line: the thing, what was found, what was expected.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// throw_user_error("{}: expected {} columns, found {}", path, n, m). Throws UserError.
template <typename... Args>
[[noreturn]] void throw_user_error(fmt::format_string<Args...> format, Args&&... args) {
  throw UserError(fmt::format(format, std::forward<Args>(args)...));
}

// The candidate with the smallest edit distance to `name`; empty when none is near (distance > 1/2 of the
// name's length, at least 2) or there are no candidates.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

// " (did you mean 'x'?)" for the nearest candidate, or "" when none is near.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace reverie::base
