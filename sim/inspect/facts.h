// Facts of an inspection: one list gives both its text and its JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::sim {

struct Fact {
  const char* key;  // in the JSON object
  nlohmann::json value;
  std::string text;  // whole lines; empty where another fact's lines tell it
};

// "  <name>        <value>\n", values one below the other.
std::string line(std::string_view name, std::string_view value);
// "[low, high]", or "unlimited".
std::string range_text(bool limited, double low, double high);
// A line for each warning.
std::string warning_lines(const std::vector<std::string>& warnings);

std::string text_of(const std::vector<Fact>& facts);
nlohmann::json json_of(const std::vector<Fact>& facts);

}  // namespace reverie::sim
