#include "evaluation/policy_ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "contract/random_policy.h"
#include "contract/rng.h"
#include "contract/zero_policy.h"
#include "evaluation/closed_loop.h"
#include "report/ranking.h"

namespace reverie::evaluation {
namespace {

constexpr uint64_t kRankingDraw = 5;  // step of Stream::kEvaluation

class BlendedPolicy : public contract::Policy {
 public:
  BlendedPolicy(std::shared_ptr<contract::Policy> policy, double share, const contract::EnvSpec& spec)
      : policy_(std::move(policy)),
        random_(contract::random_policy(spec, contract::Stream::kEvaluation)),
        share_(static_cast<float>(share)) {}
  void reset(int rows) override { policy_->reset(rows); }
  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    policy_->act(input, actions);
    drawn_.resize(actions.size());
    random_->act(input, drawn_);
    for (size_t i = 0; i < actions.size(); ++i)
      actions[i] = (1.0f - share_) * actions[i] + share_ * drawn_[i];
  }

 private:
  std::shared_ptr<contract::Policy> policy_;
  std::unique_ptr<contract::Policy> random_;
  float share_;
  std::vector<float> drawn_;
};

// Rival p acts in rows p * count ... (p + 1) * count - 1.
class Panel : public contract::Policy {
 public:
  Panel(std::span<const Rival> rivals, size_t count) : rivals_(rivals), count_(count) {}
  void reset(int) override {
    for (const Rival& rival : rivals_) rival.policy->reset(static_cast<int>(count_));
  }
  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    const size_t width = actions.size() / input.keys.size(),
                 observation_dim = input.observations.size() / input.keys.size();
    for (size_t p = 0; p < rivals_.size(); ++p) {
      const size_t first = p * count_;
      const contract::PolicyInput own{
          .observations = input.observations.subspan(first * observation_dim, count_ * observation_dim),
          .latents = {},
          .keys = input.keys.subspan(first, count_),
          .states = {}};
      rivals_[p].policy->act(own, actions.subspan(first * width, count_ * width));
    }
  }

 private:
  std::span<const Rival> rivals_;
  size_t count_;
};

}  // namespace

std::shared_ptr<contract::Policy> blended_policy(std::shared_ptr<contract::Policy> policy, double share,
                                                 const contract::EnvSpec& spec) {
  return std::make_shared<BlendedPolicy>(std::move(policy), share, spec);
}

std::vector<Rival> make_rivals(const std::vector<Rival>& checkpoints, const contract::EnvSpec& spec) {
  std::vector<Rival> rivals;
  if (checkpoints.empty()) return rivals;
  const auto count = static_cast<int>(checkpoints.size());
  const int shares = (kFewestRivals - 2 + count - 1) / count;
  for (const Rival& checkpoint : checkpoints) {
    for (int s = 0; s < shares; ++s) {
      const std::string name =
          s == 0 ? checkpoint.name : fmt::format("{}, {}/{} random", checkpoint.name, s, shares);
      rivals.push_back({name, blended_policy(checkpoint.policy, static_cast<double>(s) / shares, spec)});
    }
  }
  rivals.push_back({"random", contract::random_policy(spec, contract::Stream::kEvaluation)});
  rivals.push_back({"zero", contract::zero_policy(spec)});
  return rivals;
}

RivalReturns play_rivals(contract::World& physics, contract::World& dream,
                         std::span<const contract::StartPoint> starts, std::span<const Rival> rivals,
                         const contract::EnvSpec& spec, uint64_t seed, int64_t control_steps,
                         const base::Stop* stop, const Progress& progress) {
  std::vector<contract::StartPoint> all;
  for (size_t p = 0; p < rivals.size(); ++p) all.insert(all.end(), starts.begin(), starts.end());
  Panel panel(rivals, starts.size());
  const auto means = [&](contract::World& world, const Progress& part) {
    const std::vector<double> returns =
        closed_loop_returns(world, all, panel, spec, seed, control_steps, stop, part);
    std::vector<double> out;
    for (size_t p = 0; p < rivals.size(); ++p)
      out.push_back(report::mean(std::span(returns).subspan(p * starts.size(), starts.size())));
    return out;
  };
  RivalReturns result;
  result.simulated = means(physics, progress.between(0.0, 0.7));
  result.imagined = means(dream, progress.between(0.7, 1.0));
  return result;
}

RankingScores score_ranking(const RivalReturns& returns, uint64_t seed) {
  contract::Rng rng(seed, 0, contract::Stream::kEvaluation, kRankingDraw);
  const auto score = [&](double (*statistic)(std::span<const double>, std::span<const double>)) {
    const auto of_cases = [&](std::span<const size_t> cases) {
      std::vector<double> simulated, imagined;
      for (const size_t p : cases) {
        simulated.push_back(returns.simulated[p]);
        imagined.push_back(returns.imagined[p]);
      }
      return statistic(simulated, imagined);
    };
    return report::bootstrap(returns.simulated.size(), of_cases, [&rng] { return rng.next_u64(); });
  };
  return {.pearson = score(report::pearson),
          .spearman = score(report::spearman),
          .kendall = score(report::kendall),
          .mmrv = score(report::mean_maximum_rank_violation),
          .regret = score(report::regret_at_one)};
}

}  // namespace reverie::evaluation
