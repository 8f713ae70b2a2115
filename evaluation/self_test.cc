#include "evaluation/self_test.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/temporary_directory.h"
#include "contract/divergence.h"
#include "contract/episode_store.h"
#include "contract/random_policy.h"
#include "contract/recorded_policy.h"
#include "evaluation/context.h"
#include "evaluation/faulty_worlds.h"
#include "evaluation/injected_faults.h"
#include "evaluation/returns.h"
#include "sim/simulated_world.h"

namespace reverie::evaluation {
namespace {

std::vector<contract::Episode> through_disk(const std::vector<contract::Episode>& episodes) {
  const base::TemporaryDirectory directory;
  const std::filesystem::path shard = directory.path() / "shard-000000.safetensors";
  contract::save_episodes(shard, episodes);
  return contract::load_episodes(shard);
}

constexpr double kRewardBias = 0.5;  // of a decision
constexpr double kNoise = 0.125;     // sd
constexpr int64_t kStarts = 64;      // of the sections

SelfTestCase injected(std::string name, double value, double expected, const std::string& elsewhere) {
  const bool is_found = std::abs(value - expected) <= 1e-4 * expected;
  std::string fault = is_found ? elsewhere : fmt::format("found {}, expected {}", value, expected);
  const bool ok = fault.empty();
  return {.name = std::move(name), .value = value, .expected = expected, .ok = ok, .fault = std::move(fault)};
}

// A known bias of the reward and a known noise of the observation, put into the perfect answers of `set`: each must appear
// in its own size, and the bias nowhere else.
void add_injected_cases(std::vector<SelfTestCase>& cases, const HeldOut& set, double control_dt,
                        double threshold) {
  PairedRollouts biased = set.rollouts;
  for (float& reward : biased.world.rewards) reward += static_cast<float>(kRewardBias);
  const Fidelity with_bias = compare_rollouts(biased, control_dt, threshold);
  cases.push_back(injected("injected_reward_bias", with_bias.reward_drift.back(),
                           kRewardBias * static_cast<double>(biased.truth.decisions),
                           with_bias.largest_error == 0.0 ? "" : "observations differ too"));
  PairedRollouts noisy = set.rollouts;
  const size_t width = noisy.spread.size();
  for (size_t i = 0; i < noisy.world.observations.size(); ++i)
    noisy.world.observations[i] += static_cast<float>((i / width + i) % 2 == 0 ? kNoise : -kNoise) *
                                   static_cast<float>(noisy.spread[i % width]);
  const Fidelity with_noise = compare_rollouts(noisy, control_dt, threshold);
  cases.push_back(injected("injected_observation_noise", with_noise.world.median.back(), kNoise,
                           with_noise.largest_reward_error == 0.0 ? "" : "rewards differ too"));
}

// What the sections find when the simulator itself is the world under test. Takes its own copy of `episodes`.
std::vector<SelfTestCase> section_cases(const std::shared_ptr<const sim::Task>& task,
                                        std::vector<contract::Episode> episodes,
                                        const SelfTestOptions& options, base::ThreadPool& pool) {
  std::erase_if(episodes, [](const contract::Episode& e) { return e.diverged; });
  const contract::EnvSpec& spec = task->spec();
  const std::unique_ptr<contract::World> world =
      sim::make_simulated_world(task, pool, {.action_repeat = options.action_repeat});
  Subject subject;
  subject.task = task;
  subject.action_repeat = options.action_repeat;
  subject.dream = world.get();
  Context context{
      .subject = subject, .options = {}, .pushed = {}, .on_policy = {}, .imagined = {}, .random_returns = {}};
  context.options.seed = options.seed;
  context.options.stop = options.stop;
  context.options.starts = kStarts;
  context.on_policy.episodes = std::move(episodes);
  FidelityOptions fidelity = options.fidelity;
  fidelity.stop = options.stop;
  HeldOut& set = context.on_policy;
  const std::vector<contract::StartPoint> starts = first_rows(set.episodes);
  const auto recorded = contract::recorded_policy(starts, options.action_repeat);
  measure_dream_of(context, *world, *recorded, pool);
  set.rollouts = pair_rollouts(*world, nullptr, set.episodes, fidelity);
  set.fidelity = compare_rollouts(set.rollouts, spec.control_dt, fidelity.threshold, options.stop);
  context.pushed.missing = "the self-test records no pushed episodes";
  std::vector<SelfTestCase> cases;
  for (const SectionResult& result : measure_sections(all_sections(), context)) {
    if (!result.section.fault || result.findings.rows.empty()) continue;
    const std::string fault = result.section.fault(result.findings, context);
    cases.push_back({.name = result.section.name,
                     .value = fault.empty() ? 0.0 : 1.0,
                     .expected = 0.0,
                     .ok = fault.empty(),
                     .fault = fault});
  }
  add_injected_cases(cases, set, spec.control_dt, fidelity.threshold);
  add_injected_faults(cases, context, *world, *recorded);
  for (SelfTestCase& faulty : faulty_world_cases(context)) cases.push_back(std::move(faulty));
  return cases;
}

}  // namespace

SelfTest self_test(std::shared_ptr<const sim::Task> task, const SelfTestOptions& options,
                   base::ThreadPool& pool) {
  const contract::EnvSpec& spec = task->spec();
  const RecordOptions record{.count = options.episodes,
                             .seed = options.seed,
                             .action_repeat = options.action_repeat,
                             .policy_name = "random",
                             .stop = options.stop};
  const auto random = contract::random_policy(spec, contract::Stream::kEvaluation);
  const std::vector<contract::Episode> episodes = through_disk(record_episodes(task, *random, record, pool));
  contract::Divergence divergence;
  for (const contract::Episode& episode : episodes) divergence.add(episode);
  if (divergence.diverged == divergence.episodes)
    base::throw_user_error("{}: nothing to test: {}", spec.task, contract::divergence_text(divergence));
  FidelityOptions fidelity = options.fidelity;
  fidelity.stop = options.stop;
  const auto measure = [&](const sim::SimulatedWorldOptions& world_options) {
    const std::unique_ptr<contract::World> world = sim::make_simulated_world(task, pool, world_options);
    return measure_fidelity(*world, nullptr, episodes, spec.control_dt, fidelity);
  };

  SelfTest result;
  result.task = spec.task;
  result.same = measure({.action_repeat = options.action_repeat});
  result.wrong_world = fmt::format("gravity x {:g}", options.gravity_scale);
  result.wrong = measure({.action_repeat = options.action_repeat, .gravity_scale = options.gravity_scale});
  if (result.wrong.largest_error == 0.0) {
    result.wrong_world =
        fmt::format("start moved by {:g} (gravity does no work in this task)", options.perturbation);
    result.wrong = measure({.action_repeat = options.action_repeat,
                            .perturbation = options.perturbation,
                            .perturbation_seed = options.seed});
  }
  result.cases = section_cases(task, episodes, options, pool);
  result.same_is_perfect =
      result.same.largest_error == 0.0 && result.same.largest_reward_error == 0.0 && result.faults().empty();
  result.wrong_is_found_out = result.wrong.largest_error > 0.0;
  return result;
}

std::vector<std::string> SelfTest::faults() const {
  std::vector<std::string> lines;
  for (const SelfTestCase& c : cases)
    if (!c.ok) lines.push_back(c.name + ": " + c.fault);
  return lines;
}

nlohmann::ordered_json self_test_json(const SelfTest& result) {
  nlohmann::ordered_json sections = nlohmann::ordered_json::object();
  for (const SelfTestCase& c : result.cases) {
    sections[c.name] = {{"value", c.value}, {"expected", c.expected}, {"ok", c.ok}};
    if (!c.ok) sections[c.name]["fault"] = c.fault;
  }
  return {{"task", result.task},
          {"passed", result.passed()},
          {"same_is_perfect", result.same_is_perfect},
          {"wrong_world", result.wrong_world},
          {"wrong_is_found_out", result.wrong_is_found_out},
          {"sections", sections},
          {"ok", result.passed()}};
}

std::string self_test_text(const SelfTest& result) {
  const auto line = [&](const std::string& world, const Fidelity& f, bool good) {
    return fmt::format(
        "{:4} {}: largest error {:.3g} σ, largest reward error {:.3g} over {} starts and {} steps",
        good ? "ok" : "FAIL", world, f.largest_error, f.largest_reward_error, f.starts, f.horizon.back());
  };
  std::string text =
      line(result.task + ", the simulator as its own world model", result.same, result.same_is_perfect) +
      "\n" + line(result.task + ", " + result.wrong_world, result.wrong, result.wrong_is_found_out);
  for (const std::string& fault : result.faults()) text += "\nFAIL " + fault;
  return text;
}

}  // namespace reverie::evaluation
