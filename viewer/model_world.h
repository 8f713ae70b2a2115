// A bare model as a world: physics alone, without any task.
// Observations are qpos and qvel, there is no reward, and an episode starts at the model's first keyframe or its
// reference pose.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "contract/episode.h"
#include "contract/world.h"
#include "sim/model.h"

namespace reverie::viewer {

inline constexpr double kModelEpisodeSeconds = 300;  // an episode of a bare model

// What a learner would know of `model`: actions are its controls [nu] within their ranges, and a control step is the
// number of its time steps that comes nearest to 0.02 s.
contract::EnvSpec model_spec(const mjModel* model, const std::filesystem::path& path);

// One rollout of `model`. A rollout that diverges stays where it is, with continuation 0.
std::unique_ptr<contract::World> make_model_world(std::shared_ptr<const mjModel> model,
                                                  const contract::EnvSpec& spec);

// The start of any episode of `model`, which must outlive the function: row 0 alone.
std::function<contract::Episode(uint64_t index)> model_starts(const mjModel* model,
                                                              const contract::EnvSpec& spec);

}  // namespace reverie::viewer
