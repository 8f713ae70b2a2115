// Rows and sentences of the section returns about several horizons, and where their differences come from.
#pragma once

#include <string>
#include <vector>

#include "evaluation/context.h"
#include "evaluation/section.h"

namespace reverie::evaluation {

// return_slope; bias, slope and correlation of returns after 50, 100, 200, 500 control steps and whole episodes; the terms of
// evaluation/return_terms.h at each, and with the critic at the end where there is one; a check that they add up.
void add_returns_by_horizon(Findings& findings, const Context& context);

std::vector<std::string> term_sentences(const Findings& findings);
report::Plot terms_plot(const Findings& findings);

// How the terms differ from those of the simulator as its own model, 0; empty when they do not.
std::string terms_fault(const Findings& findings);

// What of a discounted return may lie beyond the end of the record, at most, where a critic is held against it.
inline constexpr double kUnseenShare = 0.05;

}  // namespace reverie::evaluation
