#include "evaluation/faulty_worlds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluation/observation_error.h"
#include "evaluation/sections/sections.h"
#include "evaluation/tampered_world.h"

namespace reverie::evaluation {
namespace {

class BlindWorld : public TamperedWorld {
 public:
  BlindWorld(contract::World& world, std::vector<float> still)
      : TamperedWorld(world, [](Answers&) {}), still_(std::move(still)) {}
  void step(std::span<const float> actions) override {
    std::vector<float> nothing(actions.size());
    for (size_t i = 0; i < nothing.size(); ++i) nothing[i] = still_[i % still_.size()];
    TamperedWorld::step(nothing);
  }

 private:
  std::vector<float> still_;
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
  return std::make_unique<TamperedWorld>(world, [state = std::move(state), spread = std::move(spread),
                                                 bonus](Answers& answers) {
    if (answers.is_reset) return;
    for (size_t n = 0; n < answers.rewards.size(); ++n) {
      const auto observation = std::span(answers.observations).subspan(n * state.size(), state.size());
      answers.rewards[n] += static_cast<float>(bonus / (1.0 + observation_error(observation, state, spread)));
    }
  });
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
