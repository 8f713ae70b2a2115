#include "contract/pushed_policy.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "contract/random_policy.h"
#include "contract/rng.h"

namespace reverie::contract {
namespace {

// The pushes of one row, decision after decision.
class Pushes {
 public:
  // The action [A] of the push at the decision of `rng`; null when there is none.
  const std::vector<float>* next(Rng rng, const EnvSpec& spec) {
    if (left_ == 0 && rng.below(50) == 0) {
      left_ = 5 + rng.below(41);
      action_.resize(spec.action_low.size());
      draw_action(rng, spec.action_low, spec.action_high, action_);
    }
    if (left_ == 0) return nullptr;
    --left_;
    return &action_;
  }

 private:
  int64_t left_ = 0;  // decisions
  std::vector<float> action_;
};

Rng rng_of(const DrawKey& key, Stream stream) { return {key.seed, key.episode, stream, key.decision}; }

class PushedPolicy : public Policy {
 public:
  PushedPolicy(Policy& policy, const EnvSpec& spec) : policy_(policy), spec_(spec) {}

  void reset(int rows) override {
    policy_.reset(rows);
    pushes_.assign(static_cast<size_t>(rows), {});
  }
  void reset_row(int row) override {
    policy_.reset_row(row);
    pushes_.at(static_cast<size_t>(row)) = {};
  }
  bool reads_states() const override { return policy_.reads_states(); }

  void act(const PolicyInput& input, std::span<float> actions) override {
    policy_.act(input, actions);
    for (size_t n = 0; n < input.keys.size(); ++n) {
      const auto* push = pushes_.at(n).next(rng_of(input.keys[n], Stream::kEvaluation), spec_);
      if (push != nullptr) std::ranges::copy(*push, actions.subspan(n * push->size()).begin());
    }
  }

 private:
  Policy& policy_;
  EnvSpec spec_;
  std::vector<Pushes> pushes_;  // one a row
};

class PushedInSomeEpisodes : public Policy {
 public:
  PushedInSomeEpisodes(std::unique_ptr<Policy> policy, const EnvSpec& spec, double share)
      : policy_(std::move(policy)), spec_(spec), share_(share) {}

  void reset(int rows) override { policy_->reset(rows); }
  void reset_row(int row) override { policy_->reset_row(row); }
  bool reads_states() const override { return policy_->reads_states(); }

  void act(const PolicyInput& input, std::span<float> actions) override {
    policy_->act(input, actions);
    rows_.resize(input.keys.size());
    for (size_t n = 0; n < input.keys.size(); ++n) {
      const auto* push = push_at(rows_[n], input.keys[n]);
      if (push != nullptr) std::ranges::copy(*push, actions.subspan(n * push->size()).begin());
    }
  }

 private:
  struct Row {
    DrawKey next;  // the decision that `pushes` has come to
    bool is_pushed = false;
    Pushes pushes;
  };

  Row row_at_start(const DrawKey& key) const {
    const DrawKey start{key.seed, key.episode, 0};
    return {start, Rng(key.seed, key.episode, Stream::kPush, kWhich).uniform() < share_, {}};
  }

  // Pushes from the episode's start are made again where `row` has not come to `key`.
  const std::vector<float>* push_at(Row& row, const DrawKey& key) const {
    const bool follows = row.next.seed == key.seed && row.next.episode == key.episode &&
                         row.next.decision <= key.decision && row.next.decision > 0;
    if (!follows) row = row_at_start(key);
    if (!row.is_pushed) return nullptr;
    while (row.next.decision < key.decision) advance(row);
    return advance(row);
  }

  const std::vector<float>* advance(Row& row) const {
    const auto* push = row.pushes.next(rng_of(row.next, Stream::kPush), spec_);
    ++row.next.decision;
    return push;
  }

  static constexpr uint64_t kWhich =
      (uint64_t{1} << 40) - 1;  // the step that draws whether an episode is pushed

  std::unique_ptr<Policy> policy_;
  EnvSpec spec_;
  double share_;
  std::vector<Row> rows_;
};

}  // namespace

std::unique_ptr<Policy> pushed_policy(Policy& policy, const EnvSpec& spec) {
  return std::make_unique<PushedPolicy>(policy, spec);
}

std::unique_ptr<Policy> pushed_in_some_episodes(std::unique_ptr<Policy> policy, const EnvSpec& spec,
                                                double share) {
  if (share <= 0.0) return policy;
  return std::make_unique<PushedInSomeEpisodes>(std::move(policy), spec, share);
}

}  // namespace reverie::contract
