#include "viewer/actors.h"

#include <algorithm>
#include <stdexcept>

#include "contract/scripted_policy.h"
#include "policies/actor_policy.h"
#include "policies/planner_policy.h"
#include "training/presets.h"

namespace reverie::viewer {

namespace {

class RecordedActions final : public contract::Policy {
 public:
  RecordedActions(std::shared_ptr<const std::vector<contract::Episode>> episodes, int control_steps)
      : episodes_(std::move(episodes)), control_steps_(control_steps) {}

  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    const contract::DrawKey& key = input.keys[0];
    const contract::Episode& episode = (*episodes_)[key.episode % episodes_->size()];
    if (episode.length() == 0) {
      std::ranges::fill(actions, 0.0f);
      return;
    }
    const auto t = static_cast<int64_t>(key.decision) * control_steps_;
    std::ranges::copy(episode.action(std::min(t, episode.length() - 1)), actions.begin());
  }

 private:
  std::shared_ptr<const std::vector<contract::Episode>> episodes_;
  int control_steps_;
};

}  // namespace

std::string actor_name(policies::Think think) {
  if (think == policies::Think::kActor) return "actor";
  return think == policies::Think::kAdaptive ? "adaptive" : "think " + policies::think_name(think);
}

std::vector<Actor> run_actors(const training::Run& run) {
  std::vector<Actor> actors;
  for (const std::string& word : policies::think_choices()) {
    const policies::Think think = policies::parse_think(word);
    actors.push_back({actor_name(think), [agent = run.agent, config = run.config, think]() -> PolicyPair {
                        if (think == policies::Think::kActor)
                          return {policies::actor_policy(agent), policies::actor_policy(agent)};
                        const policies::Planner planner(agent, think, training::default_planner(config),
                                                        config.learner.discount);
                        return {std::make_unique<policies::PlannerPolicy>(planner),
                                std::make_unique<policies::PlannerPolicy>(planner)};
                      }});
  }
  return actors;
}

std::vector<Actor> scripted_actors(const contract::EnvSpec& spec) {
  std::vector<Actor> actors;
  for (const char* name : {"random", "zero"}) {
    actors.push_back({name, [spec, name]() -> PolicyPair {
                        const auto make = [&] {
                          return contract::scripted_policy(name, spec, contract::Stream::kEvaluation);
                        };
                        return {make(), make()};
                      }});
  }
  return actors;
}

Actor recorded_actor(std::shared_ptr<const std::vector<contract::Episode>> episodes, int control_steps) {
  return {"recorded", [episodes = std::move(episodes), control_steps]() -> PolicyPair {
            return {std::make_unique<RecordedActions>(episodes, control_steps),
                    std::make_unique<RecordedActions>(episodes, control_steps)};
          }};
}

int find_actor(std::span<const Actor> actors, const std::string& name) {
  const auto at = std::ranges::find(actors, name, &Actor::name);
  if (at == actors.end()) throw std::invalid_argument("no actor '" + name + "'");
  return static_cast<int>(at - actors.begin());
}

}  // namespace reverie::viewer
