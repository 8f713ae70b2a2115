#include "contract/world_episodes.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "contract/rng.h"

namespace reverie::contract {

WorldEpisodes::WorldEpisodes(std::unique_ptr<World> world, std::unique_ptr<World> spare,
                             std::vector<StartPoint> starts, int count, int64_t horizon, bool may_terminate)
    : world_(std::move(world)),
      spare_(std::move(spare)),
      starts_(std::move(starts)),
      horizon_(horizon),
      may_terminate_(may_terminate) {
  if (count < 1) base::throw_user_error("envs: expected at least 1, found {}", count);
  if (horizon < 1) base::throw_user_error("horizon: expected at least 1 decision, found {}", horizon);
  if (starts_.empty())
    base::throw_user_error("starts: expected at least one point of an episode, found none");
  const auto n = static_cast<size_t>(count);
  indices_.resize(n);
  decisions_.resize(n);
  terminated_.resize(n);
  truncated_.resize(n);
  rewards_.resize(n);
  uncertainty_.resize(n);
  observations_.resize(n * static_cast<size_t>(starts_.front().episode->observation_dim));
  final_observations_.resize(observations_.size());
}

StartPoint WorldEpisodes::drawn_start(uint64_t index) const {
  Rng rng(seed_, index, Stream::kEvaluation);
  return starts_[static_cast<size_t>(rng.below(static_cast<int64_t>(starts_.size())))];
}

// Step 0 of the stream drew the start.
bool WorldEpisodes::draws_end(size_t row) const {
  Rng rng(seed_, indices_[row], Stream::kEvaluation, static_cast<uint64_t>(decisions_[row]));
  return rng.uniform() >= static_cast<double>(world_->continuation()[row]);
}

void WorldEpisodes::reset(uint64_t seed, uint64_t first_index) {
  seed_ = seed;
  std::vector<StartPoint> starts;
  for (size_t i = 0; i < indices_.size(); ++i) {
    indices_[i] = first_index + i;
    starts.push_back(drawn_start(indices_[i]));
  }
  world_->reset(starts);
  std::ranges::copy(world_->observations(), observations_.begin());
  final_observations_ = observations_;
  std::ranges::fill(decisions_, int64_t{0});
  std::ranges::fill(rewards_, 0.0F);
  std::ranges::fill(uncertainty_, 0.0F);
  std::ranges::fill(terminated_, uint8_t{0});
  std::ranges::fill(truncated_, uint8_t{0});
  started_ = true;
}

bool WorldEpisodes::step(std::span<const float> actions) {
  if (!started_) throw std::logic_error("WorldEpisodes::step before reset");
  world_->step(actions);
  std::ranges::copy(world_->observations(), observations_.begin());
  std::ranges::copy(world_->observations(), final_observations_.begin());
  std::ranges::copy(world_->rewards(), rewards_.begin());
  std::ranges::copy(world_->uncertainty(), uncertainty_.begin());
  std::vector<int> ended;
  for (size_t i = 0; i < indices_.size(); ++i) {
    ++decisions_[i];
    terminated_[i] = may_terminate_ && draws_end(i);
    truncated_[i] = terminated_[i] == 0 && decisions_[i] >= horizon_;
    if (terminated_[i] != 0 || truncated_[i] != 0) ended.push_back(static_cast<int>(i));
  }
  if (!ended.empty()) begin_again(ended);
  return !ended.empty();
}

// The others go on from the records of their present.
void WorldEpisodes::begin_again(const std::vector<int>& rows) {
  std::vector<StartPoint> starts;
  for (const int row : rows) {
    indices_[row] += indices_.size();
    decisions_[row] = 0;
    starts.push_back(drawn_start(indices_[row]));
  }
  spare_->reset(starts);
  const Snapshot fresh = spare_->snapshot();
  Snapshot present = world_->snapshot();
  const size_t width = spare_->observations().size() / rows.size();
  for (size_t k = 0; k < rows.size(); ++k) {
    const auto row = static_cast<std::ptrdiff_t>(rows[k]);
    std::ranges::copy(fresh.record(static_cast<int>(k)),
                      present.records.begin() + row * static_cast<std::ptrdiff_t>(present.record_bytes));
    std::ranges::copy(spare_->observations().subspan(k * width, width),
                      observations_.begin() + row * static_cast<std::ptrdiff_t>(width));
  }
  world_->restore(present);
}

}  // namespace reverie::contract
