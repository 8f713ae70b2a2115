#include "contract/scripted_policy.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "contract/random_policy.h"
#include "contract/zero_policy.h"

namespace reverie::contract {
namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Policy> (*make)(const EnvSpec& spec, Stream stream);
};

constexpr std::array kEntries{
    Entry{"random", random_policy},
    Entry{"zero", [](const EnvSpec& spec, Stream) { return zero_policy(spec); }},
};

const Entry* find(const std::string& name) {
  const auto found = std::ranges::find(kEntries, name, &Entry::name);
  return found == kEntries.end() ? nullptr : &*found;
}

}  // namespace

bool is_scripted(const std::string& name) { return find(name) != nullptr; }

std::string scripted_names() {
  std::string names;
  for (const Entry& entry : kEntries) names += (names.empty() ? "" : ", ") + std::string(entry.name);
  return names;
}

std::unique_ptr<Policy> scripted_policy(const std::string& name, const EnvSpec& spec, Stream stream) {
  const Entry* entry = find(name);
  if (entry == nullptr)
    throw std::invalid_argument("policy '" + name + "', expected one of " + scripted_names());
  return entry->make(spec, stream);
}

}  // namespace reverie::contract
