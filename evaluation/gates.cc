#include "evaluation/gates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "evaluation/section.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

bool take_suffix(std::string& name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.resize(name.size() - suffix.size());
  return true;
}

// Whether a gate may call the row of `section` so.
bool is_called(const std::string& name, const std::string& section, const std::string& row) {
  if (name == row || name == section + "." + row) return true;
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return false;
  const std::string first = name.substr(0, dot), second = name.substr(dot + 1);
  return row == first + "_" + second || row == second + "_" + first;
}

// Rows that the gate names, of whatever horizon.
std::vector<Row> rows_called(const std::string& name, std::span<const SectionResult> sections) {
  std::vector<Row> rows;
  for (const SectionResult& section : sections)
    for (const Row& row : section.findings.rows)
      if (is_called(name, section.section.name, row.name)) rows.push_back(row);
  return rows;
}

[[noreturn]] void throw_no_row(const Gate& gate, std::span<const SectionResult> sections) {
  const bool dotted = gate.row.find('.') != std::string::npos;
  std::vector<std::string> names;
  for (const SectionResult& section : sections)
    for (const Row& row : section.findings.rows)
      names.push_back(dotted ? section.section.name + "." + row.name : row.name);
  base::throw_user_error("--gate '{}': no row '{}' was measured{}", gate.text, gate.row,
                         base::did_you_mean(gate.row, names));
}

Row row_of(const Gate& gate, std::span<const SectionResult> sections) {
  const std::vector<Row> rows = rows_called(gate.row, sections);
  if (rows.empty()) throw_no_row(gate, sections);
  const auto found = std::ranges::find(rows, gate.horizon, &Row::horizon);
  if (found != rows.end()) return *found;
  if (!rows.front().horizon)
    base::throw_user_error("--gate '{}': '{}' is one number, without horizons", gate.text, gate.row);
  std::vector<int64_t> horizons;
  for (const Row& row : rows) horizons.push_back(row.horizon.value_or(0));
  base::throw_user_error(
      "--gate '{}': '{}' is a curve: expected {}@STEPS with one of its {} horizons, {} to {}", gate.text,
      gate.row, gate.row, horizons.size(), horizons.front(), horizons.back());
}

bool holds(double value, const std::string& comparison, double bound) {
  if (!std::isfinite(value)) return false;
  if (comparison == ">=") return value >= bound;
  if (comparison == "<=") return value <= bound;
  if (comparison == ">") return value > bound;
  if (comparison == "<") return value < bound;
  return value == bound;
}

}  // namespace

Gate parse_gate(std::string_view text) {
  const auto fail = [&] {
    base::throw_user_error(
        "--gate '{}': expected NAME>=NUMBER (or <=, >, <, ==), e.g. 'simulated_return>=800', "
        "'return_bias.high<=20' or 'imagined_error@50<=0.3'",
        text);
  };
  Gate gate;
  gate.text = text;
  const size_t at = text.find_first_of("<>=");
  if (at == std::string_view::npos) fail();
  const size_t end = text.find_first_not_of("<>=", at);
  gate.comparison = text.substr(at, end == std::string_view::npos ? end : end - at);
  constexpr std::string_view kKnown[] = {">=", "<=", ">", "<", "=="};
  if (std::ranges::find(kKnown, gate.comparison) == std::end(kKnown)) fail();
  const auto bound = number<double>(trimmed(end == std::string_view::npos ? "" : text.substr(end)));
  gate.row = trimmed(text.substr(0, at));
  if (take_suffix(gate.row, ".low"))
    gate.part = Gate::Part::kLow;
  else if (take_suffix(gate.row, ".high"))
    gate.part = Gate::Part::kHigh;
  if (const size_t sign = gate.row.find('@'); sign != std::string::npos) {
    gate.horizon = number<int64_t>(std::string_view(gate.row).substr(sign + 1));
    if (!gate.horizon) fail();
    gate.row.resize(sign);
  }
  if (gate.row.empty() || !bound || std::isnan(*bound)) fail();
  gate.bound = bound.value_or(0.0);
  return gate;
}

std::vector<GateOutcome> check_gates(std::span<const Gate> gates, std::span<const SectionResult> sections) {
  std::vector<GateOutcome> outcomes;
  for (const Gate& gate : gates) {
    const Row row = row_of(gate, sections);
    const double value = gate.part == Gate::Part::kValue ? row.value
                         : gate.part == Gate::Part::kLow ? row.low
                                                         : row.high;
    outcomes.push_back({gate.text, value, holds(value, gate.comparison, gate.bound)});
  }
  return outcomes;
}

std::string gates_text(std::span<const GateOutcome> outcomes) {
  std::string text;
  for (const GateOutcome& outcome : outcomes)
    text +=
        fmt::format("{:4} {}: {}\n", outcome.held ? "ok" : "FAIL", outcome.gate, number_text(outcome.value));
  return text;
}

}  // namespace reverie::evaluation
