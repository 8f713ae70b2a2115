// DiskFull: there is no room for what was to be written.
// It is told as a UserError is, with a status of its own: with room the same command goes on.
#pragma once

#include "base/error.h"

namespace reverie::base {

// A disk or a quota that is full, or a file that may not grow.
class DiskFull : public UserError {
 public:
  using UserError::UserError;
};

// Throws DiskFull when `error` (an errno) says so and UserError otherwise: "<path>: cannot <what>: <reason>".
[[noreturn]] void throw_disk_error(const std::string& path, const char* what, int error);

}  // namespace reverie::base
