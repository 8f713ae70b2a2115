// Gates: conditions on rows of an evaluation that a script can fail on.
//
//   returns.simulated_return>=800      a row of a section
//   simulated_return>=800              a row by its name alone: it is unique among all sections
//   return.simulated>=800              the same row, its words turned round
//   return_bias.high<=20               the end of its interval: .low or .high
//   imagined_error@50<=0.3             a point of a curve: after 50 control steps
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::evaluation {

struct SectionResult;  // evaluation/section.h

struct Gate {
  std::string text;                // as it was given
  std::string row;                 // name as it was given, without "@horizon", ".low" and ".high"
  std::optional<int64_t> horizon;  // control steps
  enum class Part { kValue, kLow, kHigh } part = Part::kValue;
  std::string comparison;  // ">=", "<=", ">", "<" or "=="
  double bound = 0.0;
};

// Throws UserError when `text` has not the form NAME[@STEPS][.low|.high] COMPARISON NUMBER.
Gate parse_gate(std::string_view text);

struct GateOutcome {
  std::string gate;    // Gate::text
  double value = 0.0;  // what was found; a number that is not finite passes no gate
  bool held = false;
};

// In the order of `gates`. Throws UserError with the nearest name when there is no such row among `sections`, and with
// the horizons that there are when the curve has no such point.
std::vector<GateOutcome> check_gates(std::span<const Gate> gates, std::span<const SectionResult> sections);

// "ok   return_bias<=20: 12.5", a line for each, ended.
std::string gates_text(std::span<const GateOutcome> outcomes);

}  // namespace reverie::evaluation
