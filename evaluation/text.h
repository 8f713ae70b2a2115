// Numbers and tables as text, for the page and the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evaluation/section.h"

namespace reverie::evaluation {

std::string number_text(double value);               // three digits; "–" when not finite
std::string interval_text(double low, double high);  // "1.20 to 3.40"; "–" when there is none

// The head, then the lines.
using TextTable = std::vector<std::vector<std::string>>;

// One line a row that has no horizon: name, value, interval, n, unit. Empty when there is none.
TextTable single_table(const Findings& findings);

// One line a round horizon (0, one decision, then about 5, 10, 25, 50, ... control steps and the last), one
// column a curve. Empty when there is no curve.
TextTable curve_table(const Findings& findings, double control_dt);

// One line a check: "ok" or "FAIL", name, what was found. Empty when there is none.
TextTable check_table(const Findings& findings);

// Those of the three tables that are not empty.
std::vector<TextTable> tables(const Findings& findings, double control_dt);

// Columns aligned with spaces, the first to the left; every line is ended.
std::string aligned(const TextTable& table);

}  // namespace reverie::evaluation
