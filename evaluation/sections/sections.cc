#include "evaluation/sections/sections.h"

#include <vector>

namespace reverie::evaluation {

// Each in the file of its name.
Section fidelity_section();
Section fidelity_on_policy_section();
Section reward_section();
Section returns_section();
Section closed_loop_section();
Section long_dream_section();
Section probe_section();
Section planning_section();

std::span<const Section> all_sections() {
  static const std::vector<Section> sections{
      fidelity_section(),    fidelity_on_policy_section(), reward_section(), returns_section(),
      closed_loop_section(), long_dream_section(),         probe_section(),  planning_section(),
  };
  return sections;
}

}  // namespace reverie::evaluation
