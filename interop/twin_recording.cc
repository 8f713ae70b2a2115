#include "interop/twin_recording.h"

#include <algorithm>
#include <cmath>

#include "interop/scene_messages.h"
#include "sim/shapes.h"

namespace reverie::interop {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kPause = 1.0;  // s, between two episodes

Json state_example(const Json& observation, bool dream) {
  Json state = {
      {"episode", 0}, {"decision", 0}, {"observation", observation}, {"action", {0.0}}, {"reward", 0.0}};
  if (dream) state["uncertainty"] = 0.0;
  return state;
}

}  // namespace

TwinRecording::TwinRecording(const std::filesystem::path& path, const mjModel* model,
                             const contract::EnvSpec& spec, const Options& options)
    : spec_(spec),
      model_(model),
      data_(sim::make_data(model)),
      bodies_(sim::body_names(model)),
      seconds_(options.seconds),
      writer_(path, options.stop) {
  const auto channel = [&](const std::string& topic, const Json& schema) {
    return writer_.add_channel(topic, schema["title"], schema.dump());
  };
  writer_.add_metadata("reverie", options.metadata);
  const uint16_t scene = channel("/scene", scene_update_schema());
  const Json observation = groups(std::vector<float>(static_cast<size_t>(spec.observation_dim)));
  std::vector<std::string> names;
  for (const bool dream : {false, true}) {
    if (dream && !options.dream) break;
    World world{dream ? "dream" : "simulation", dream ? 2.0 * sim::model_extent(model) : 0.0};
    world.frames = channel("/" + world.name + "/tf", frame_transforms_schema());
    world.states =
        channel("/" + world.name + "/state",
                schema_of(dream ? "reverie.Dream" : "reverie.Simulation", state_example(observation, dream)));
    names.push_back(world.name);
    worlds_.push_back(std::move(world));
  }
  if (options.dream)
    difference_ = channel("/difference",
                          schema_of("reverie.Difference",
                                    {{"anchored", true}, {"observation_error", 0.0}, {"reward_error", 0.0}}));
  writer_.write(scene, 0, scene_update(names, bodies_, sim::list_shapes(model)).dump());
}

Json TwinRecording::groups(std::span<const float> observation) const {
  Json out = Json::object();
  for (const contract::ObservationGroup& group : spec_.observation) {
    const auto values =
        observation.subspan(static_cast<size_t>(group.offset), static_cast<size_t>(group.size));
    out[group.name] =
        group.size == 1 ? Json(values[0]) : Json(std::vector<float>(values.begin(), values.end()));
  }
  return out;
}

void TwinRecording::add_world(const World& world, const WorldMoment& shown, const TwinMoment& moment,
                              uint64_t time) {
  const std::vector<double> poses = sim::body_poses(model_, data_.get(), moment.physics, shown.positions);
  writer_.write(world.frames, time, frame_transforms(world.name, world.aside, bodies_, poses, time).dump());
  Json state = {{"episode", episode_}, {"decision", decision_}, {"observation", groups(shown.observation)}};
  if (!moment.action.empty())
    state["action"] = std::vector<float>(moment.action.begin(), moment.action.end());
  if (shown.reward) state["reward"] = *shown.reward;
  if (shown.uncertainty) state["uncertainty"] = *shown.uncertainty;
  writer_.write(world.states, time, state.dump());
}

void TwinRecording::add(const TwinMoment& moment) {
  const double seconds = start_ + static_cast<double>(decision_) * seconds_;
  const auto time = static_cast<uint64_t>(std::llround(seconds * 1e9));
  if (moment.simulation) add_world(worlds_.front(), *moment.simulation, moment, time);
  if (moment.dream) add_world(worlds_.at(1), *moment.dream, moment, time);
  if (moment.simulation && moment.dream) {
    Json difference = {{"anchored", moment.anchored}};
    if (std::isfinite(moment.observation_error)) difference["observation_error"] = moment.observation_error;
    if (moment.simulation->reward && moment.dream->reward)
      difference["reward_error"] = *moment.dream->reward - *moment.simulation->reward;
    writer_.write(difference_, time, difference.dump());
  }
  ++decision_;
}

void TwinRecording::end_episode() {
  start_ += static_cast<double>(std::max<int64_t>(decision_ - 1, 0)) * seconds_ + kPause;
  ++episode_;
  decision_ = 0;
}

void TwinRecording::finish() { writer_.finish(); }

}  // namespace reverie::interop
