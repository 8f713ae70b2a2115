#include "sim/inspect/facts.h"

#include <fmt/format.h>

namespace reverie::sim {

std::string line(std::string_view name, std::string_view value) {
  return fmt::format("  {:<13} {}\n", name, value);
}

std::string range_text(bool limited, double low, double high) {
  return limited ? fmt::format("[{:.4g}, {:.4g}]", low, high) : "unlimited";
}

std::string warning_lines(const std::vector<std::string>& warnings) {
  std::string out;
  for (const std::string& warning : warnings) out += line("warning", warning);
  return out;
}

std::string text_of(const std::vector<Fact>& facts) {
  std::string out;
  for (const Fact& fact : facts) out += fact.text;
  return out;
}

nlohmann::json json_of(const std::vector<Fact>& facts) {
  nlohmann::json out = nlohmann::json::object();
  for (const Fact& fact : facts) out[fact.key] = fact.value;
  return out;
}

}  // namespace reverie::sim
