#include "evaluation/sections/sections.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>
#include <string>
#include <vector>

#include "base/error.h"

namespace reverie::evaluation {

// Each in the file of its name.
Section fidelity_section();
Section fidelity_on_policy_section();
Section fidelity_parts_section();
Section reward_section();
Section reward_audit_section();
Section continuation_section();
Section value_section();
Section returns_section();
Section closed_loop_section();
Section long_dream_section();
Section admissibility_section();
Section optimism_section();
Section action_fidelity_section();
Section probe_section();
Section planning_section();
Section calibration_section();
Section ranking_section();
Section exploitability_section();
Section usefulness_section();
Section start_sets_section();
Section cost_section();

std::span<const Section> all_sections() {
  static const std::vector<Section> sections{
      fidelity_section(),
      fidelity_on_policy_section(),
      fidelity_parts_section(),
      reward_section(),
      reward_audit_section(),
      continuation_section(),
      value_section(),
      returns_section(),
      closed_loop_section(),
      long_dream_section(),
      admissibility_section(),
      optimism_section(),
      action_fidelity_section(),
      probe_section(),
      planning_section(),
      calibration_section(),
      ranking_section(),
      exploitability_section(),
      usefulness_section(),
      start_sets_section(),
      cost_section(),
  };
  return sections;
}

std::vector<Section> sections_named(std::string_view names) {
  std::vector<std::string> known, wanted;
  for (const Section& section : all_sections()) known.push_back(section.name);
  for (const auto part : std::views::split(names, ','))
    wanted.emplace_back(std::string_view(part.begin(), part.end()));
  for (const std::string& name : wanted)
    if (std::ranges::find(known, name) == known.end())
      base::throw_user_error("--sections: unknown section '{}'{}; there are {}", name,
                             base::did_you_mean(name, known), fmt::join(known, ", "));
  std::vector<Section> chosen;
  for (const Section& section : all_sections())
    if (std::ranges::find(wanted, section.name) != wanted.end()) chosen.push_back(section);
  return chosen;
}

std::vector<Section> quick_sections() {
  std::vector<Section> chosen;
  for (const Section& section : all_sections())
    if (!section.is_dear) chosen.push_back(section);
  return chosen;
}

}  // namespace reverie::evaluation
