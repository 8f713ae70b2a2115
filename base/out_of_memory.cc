#include "base/out_of_memory.h"

#include <new>
#include <string_view>
#include <system_error>

namespace reverie::base {
namespace {

// "can't allocate memory", "Could not allocate memory", "Cannot allocate memory".
bool says_so(std::string_view text) {
  return text.find(" allocate memory") != std::string_view::npos ||
         text.find("out of memory") != std::string_view::npos;
}

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const OutOfMemory*>(&error) != nullptr) return true;
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (const auto* const system = dynamic_cast<const std::system_error*>(&error); system != nullptr)
    return system->code() == std::errc::not_enough_memory ||
           system->code() == std::errc::resource_unavailable_try_again;
  return says_so(error.what());
}

}  // namespace reverie::base
