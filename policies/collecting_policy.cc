#include "policies/collecting_policy.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace reverie::policies {
namespace {

class CollectingPolicy : public contract::Policy {
 public:
  CollectingPolicy(std::unique_ptr<contract::Policy> actor, std::unique_ptr<contract::Policy> planner,
                   double planned_share)
      : actor_(std::move(actor)), planner_(std::move(planner)), planned_share_(planned_share) {}

  void reset(int rows) override { actor_->reset(rows); }
  void reset_row(int row) override { actor_->reset_row(row); }
  bool reads_states() const override {
    return actor_->reads_states() || (planner_ != nullptr && planner_->reads_states());
  }

  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    const auto planned = [this](const contract::DrawKey& key) { return is_planned(key.episode); };
    if (!std::ranges::all_of(input.keys, planned)) actor_->act(input, actions);
    const size_t width = actions.size() / input.keys.size();
    for (size_t n = 0; n < input.keys.size(); ++n)
      if (planned(input.keys[n])) planner_->act(input.row(n), actions.subspan(n * width, width));
  }

 private:
  bool is_planned(uint64_t episode) const {
    if (planner_ == nullptr) return false;
    const auto planned_before = [this](uint64_t n) {
      return std::floor(static_cast<double>(n) * planned_share_);
    };
    return planned_before(episode + 1) > planned_before(episode);
  }

  std::unique_ptr<contract::Policy> actor_, planner_;
  double planned_share_;
};

}  // namespace

std::unique_ptr<contract::Policy> collecting_policy(std::unique_ptr<contract::Policy> actor,
                                                    std::unique_ptr<contract::Policy> planner,
                                                    double planned_share) {
  return std::make_unique<CollectingPolicy>(std::move(actor), std::move(planner), planned_share);
}

}  // namespace reverie::policies
