// Records what physics and dream did as an MCAP file for viewers that people already have.
// Topics and messages are listed in docs/interop.md. Log time is simulated time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "contract/env_spec.h"
#include "interop/mcap.h"
#include "sim/model.h"

namespace reverie::interop {

// What a world shows at a decision, and what the decision that follows brought it.
struct WorldMoment {
  std::span<const float> positions = {};    // [nq] in the place of those of the physics state; empty: none
  std::span<const float> observation = {};  // [O]
  std::optional<double> reward = {}, uncertainty = {};  // none at an episode's last moment
};

// Both worlds at one decision. A world that was not there is left out.
struct TwinMoment {
  std::span<const double> physics = {};  // [P], of the simulator at this moment or the last one before it
  std::span<const float> action = {};    // [A]; none at an episode's last moment
  std::optional<WorldMoment> simulation = {}, dream = {};
  double observation_error = 0.0;  // of both at once, in standard deviations; not finite: unknown
  bool anchored = false;           // the dream began here
};

class TwinRecording {
 public:
  struct Options {
    double seconds = 0.0;  // simulated, between two moments
    bool dream = true;     // false: physics alone
    std::map<std::string, std::string> metadata = {};
    const base::Stop* stop = nullptr;
  };

  // `model` must outlive the recording. The file is there after finish(); nothing is left behind without it. Throws what
  // McapWriter throws, here and below.
  TwinRecording(const std::filesystem::path& path, const mjModel* model, const contract::EnvSpec& spec,
                const Options& options);

  void add(const TwinMoment& moment);
  void end_episode();  // the next moment is the first one of another episode, a second later
  void finish();

 private:
  struct World {
    std::string name;
    double aside = 0.0;               // m
    uint16_t frames = 0, states = 0;  // channels
  };

  void add_world(const World& world, const WorldMoment& shown, const TwinMoment& moment, uint64_t time);
  nlohmann::ordered_json groups(std::span<const float> observation) const;

  contract::EnvSpec spec_;
  const mjModel* model_;
  sim::DataPtr data_;
  std::vector<std::string> bodies_;  // names of frames
  double seconds_;
  McapWriter writer_;
  std::vector<World> worlds_;  // simulation, and the dream where there is one
  uint16_t difference_ = 0;
  int64_t episode_ = 0, decision_ = 0;
  double start_ = 0.0;  // s, of the episode
};

}  // namespace reverie::interop
