// A run's dream as a batch of environments.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "contract/episode.h"
#include "contract/world_episodes.h"
#include "python/errors.h"
#include "training/run.h"

namespace reverie::python {

class Dream {
 public:
  // Episodes begin at rows of `episodes`, `every` control steps apart (0: at their first row only), as far as a decision
  // was recorded there, and last `horizon` decisions.
  Dream(const training::Run& run, std::vector<contract::Episode> episodes, int64_t every, int count,
        int64_t horizon);

  const contract::EnvSpec& spec() const { return agent_->spec(); }
  const contract::WorldEpisodes& rows() const { return rows_; }
  void reset(uint64_t seed, uint64_t first_index);
  bool step(std::span<const float> actions);

 private:
  Owner owner_;
  std::shared_ptr<policies::Agent> agent_;
  std::vector<contract::Episode> episodes_;
  contract::WorldEpisodes rows_;
};

// Adds Dream to the module.
void add_dream(nanobind::module_& module);

}  // namespace reverie::python
