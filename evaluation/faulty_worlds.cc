#include "evaluation/faulty_worlds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluation/observation_error.h"
#include "evaluation/sections/sections.h"

namespace reverie::evaluation {
namespace {

// Answers as another world does.
class WrappedWorld : public contract::World {
 public:
  explicit WrappedWorld(contract::World& world) : world_(world) {}
  int control_steps() const override { return world_.control_steps(); }
  int batch_size() const override { return world_.batch_size(); }
  void reset(std::span<const contract::StartPoint> starts) override { world_.reset(starts); }
  void step(std::span<const float> actions) override { world_.step(actions); }
  std::span<const float> observations() const override { return world_.observations(); }
  std::span<const float> rewards() const override { return world_.rewards(); }
  std::span<const float> continuation() const override { return world_.continuation(); }
  std::span<const float> uncertainty() const override { return world_.uncertainty(); }
  std::span<const float> positions() const override { return world_.positions(); }
  std::span<const float> velocities() const override { return world_.velocities(); }
  std::span<const float> latents() const override { return world_.latents(); }
  std::span<const double> physics_states() const override { return world_.physics_states(); }
  std::span<const double> task_states() const override { return world_.task_states(); }
  contract::Snapshot snapshot() const override { return world_.snapshot(); }
  void restore(const contract::Snapshot& snapshot) override { world_.restore(snapshot); }

 private:
  contract::World& world_;
};

class BlindWorld : public WrappedWorld {
 public:
  BlindWorld(contract::World& world, std::vector<float> still)
      : WrappedWorld(world), still_(std::move(still)) {}
  void step(std::span<const float> actions) override {
    std::vector<float> nothing(actions.size());
    for (size_t i = 0; i < nothing.size(); ++i) nothing[i] = still_[i % still_.size()];
    WrappedWorld::step(nothing);
  }

 private:
  std::vector<float> still_;
};

class BribedWorld : public WrappedWorld {
 public:
  BribedWorld(contract::World& world, std::vector<float> state, std::vector<double> spread, double bonus)
      : WrappedWorld(world), state_(std::move(state)), spread_(std::move(spread)), bonus_(bonus) {}
  void reset(std::span<const contract::StartPoint> starts) override {
    WrappedWorld::reset(starts);
    rewards_.assign(starts.size(), 0.0f);
  }
  void step(std::span<const float> actions) override {
    WrappedWorld::step(actions);
    const auto paid = WrappedWorld::rewards();
    rewards_.assign(paid.begin(), paid.end());
    for (size_t n = 0; n < rewards_.size(); ++n) {
      const auto observation = observations().subspan(n * state_.size(), state_.size());
      rewards_[n] += static_cast<float>(bonus_ / (1.0 + observation_error(observation, state_, spread_)));
    }
  }
  std::span<const float> rewards() const override { return rewards_; }

 private:
  std::vector<float> state_;
  std::vector<double> spread_;
  double bonus_;
  std::vector<float> rewards_;
};

// What the section `name` finds with `dream` in the dream's place.
Findings findings_in(const Context& perfect, const char* name, contract::World& dream) {
  Subject subject = perfect.subject;
  subject.dream = &dream;
  const Context context{.subject = subject,
                        .options = perfect.options,
                        .pushed = perfect.pushed,
                        .on_policy = perfect.on_policy,
                        .imagined = perfect.imagined,
                        .random_returns = {}};
  return measure_sections(sections_named(name), context).front().findings;
}

SelfTestCase found(std::string name, double value, double expected, bool ok) {
  std::string fault = ok ? "" : fmt::format("found {}, expected {}", value, expected);
  return {.name = std::move(name), .value = value, .expected = expected, .ok = ok, .fault = std::move(fault)};
}

}  // namespace

std::unique_ptr<contract::World> blind_world(contract::World& world, std::vector<float> still) {
  return std::make_unique<BlindWorld>(world, std::move(still));
}

std::unique_ptr<contract::World> bribed_world(contract::World& world, std::vector<float> state,
                                              std::vector<double> spread, double bonus) {
  return std::make_unique<BribedWorld>(world, std::move(state), std::move(spread), bonus);
}

std::vector<SelfTestCase> faulty_world_cases(const Context& perfect) {
  const contract::EnvSpec& spec = perfect.subject.task->spec();
  std::vector<SelfTestCase> cases;
  std::vector<float> still;
  for (size_t a = 0; a < spec.action_low.size(); ++a)
    still.push_back(std::clamp(0.0f, spec.action_low[a], spec.action_high[a]));
  if (!still.empty()) {
    const auto blind = blind_world(*perfect.subject.dream, still);
    // Where actions make no difference in physics either, there is nothing to be blind to.
    const Curve ratio = find_curve(findings_in(perfect, "action_fidelity", *blind), "action_ratio");
    if (!ratio.value.empty())
      cases.push_back(found("injected_blindness", ratio.value.back(), 0.0, ratio.value.back() == 0.0));
  }
  const contract::Episode& episode = perfect.on_policy.episodes.back();
  double largest = 0.0;
  for (const float reward : episode.rewards)
    largest = std::max(largest, std::abs(static_cast<double>(reward)));
  // So much that what candidates earn in physics by chance does not hide it.
  const auto last = episode.observation(episode.length());
  const auto bribed = bribed_world(*perfect.subject.dream, {last.begin(), last.end()},
                                   perfect.on_policy.rollouts.spread, 1.0 + 1000.0 * largest);
  const Row promise = find_row(findings_in(perfect, "exploitability", *bribed), "choice_overpromise");
  if (promise.n > 1 && !still.empty())
    cases.push_back(found("injected_bribe", promise.low > 0.0 ? 1.0 : 0.0, 1.0, promise.low > 0.0));
  return cases;
}

}  // namespace reverie::evaluation
