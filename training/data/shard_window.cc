#include "training/data/shard_window.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "contract/rng.h"
#include "training/data/dataset_list.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

constexpr int64_t kEndless = std::numeric_limits<int64_t>::max();
constexpr double kMegabyte = 1024.0 * 1024.0;
constexpr uint64_t kEpisodesOfAShard = uint64_t{1} << 32;  // indices of a position in the order

}  // namespace

ShardWindow::ShardWindow(const contract::EnvSpec& spec, const TrainConfig& config, bool keep_between)
    : spec_(spec),
      action_repeat_(static_cast<int>(config.action_repeat)),
      keep_between_(keep_between),
      discount_(config.learner.discount),
      seed_(static_cast<uint64_t>(config.seed)),
      limit_(config.data_memory * kMegabyte),
      replay_(spec_, action_repeat_, kEndless, discount_, keep_between) {
  scan(config.data);
  plan(config);
}

ShardWindow::~ShardWindow() {
  if (next_.valid()) next_.wait();
}

void ShardWindow::scan(std::string_view data) {
  contract::Divergence divergence;
  std::string hashes;
  std::map<fs::path, DatasetList> lists;
  for (const fs::path& path : shards_of(data)) {
    const fs::path directory = path.parent_path();
    if (!lists.contains(directory)) lists[directory] = load_dataset_list(directory).value_or(DatasetList());
    check_listed(lists[directory], path);
    shards_.push_back(examine(path, divergence));
    hashes += shards_.back().hash;
  }
  hash_ = base::content_hash(hashes);
  if (episodes_ > 0) return;
  if (divergence.diverged > 0)
    base::throw_user_error("data={}: nothing to learn from: {}", data, contract::divergence_text(divergence));
  base::throw_user_error("data={}: expected episodes with steps, found none", data);
}

ShardWindow::Shard ShardWindow::examine(const fs::path& path, contract::Divergence& divergence) {
  const ShardContent content = load_shard(path, {spec_, action_repeat_});
  ReplayBuffer alone(spec_, action_repeat_, kEndless, discount_, keep_between_);
  for (const contract::Episode& episode : content.episodes) {
    divergence.add(episode);
    if (!is_learnable(episode)) continue;
    alone.add_whole(static_cast<uint64_t>(alone.episodes()), episode);
    if (holds_all()) replay_.add_whole(static_cast<uint64_t>(episodes_), episode);
    ++episodes_;
  }
  rewards_.add(alone.rewards());
  if (holds_all() && static_cast<double>(replay_.bytes()) > limit_) {
    held_ = 1;  // plan() says how many
    replay_.forget_before(std::numeric_limits<uint64_t>::max());
  }
  Shard shard{path, content.hash, alone.decisions(), alone.bytes(), alone.row_statistics()};
  shard.statistics.sample = shard.statistics.sample_next = {};
  return shard;
}

void ShardWindow::plan(const TrainConfig& config) {
  int64_t decisions = 0, largest = 0;
  for (const Shard& shard : shards_) {
    decisions += shard.decisions;
    largest = std::max(largest, shard.bytes);
  }
  if (decisions < config.learner.batch_size) {
    base::throw_user_error(
        "data={}: {} decisions are too few to learn from, expected at least {} (learner.batch_size)",
        config.data, decisions, config.learner.batch_size);
  }
  if (holds_all()) return;
  held_ = static_cast<int64_t>(limit_ / static_cast<double>(largest));
  if (held_ < 1) {
    base::throw_user_error("data_memory={:g}: expected at least {:.3g} MB, its largest shard, for data={}",
                           config.data_memory,
                           std::ceil(static_cast<double>(largest) / kMegabyte * 100.0) / 100.0, config.data);
  }
  // In an epoch every decision is the start of one sequence on average.
  updates_a_shard_ = std::max<int64_t>(
      1, std::llround(static_cast<double>(decisions) / static_cast<double>(std::ssize(shards_)) /
                      static_cast<double>(config.learner.batch_size)));
}

int64_t ShardWindow::shard_at(int64_t position) {
  const auto count = static_cast<int64_t>(shards_.size());
  if (const int64_t epoch = position / count; epoch != epoch_) {
    epoch_ = epoch;
    order_.resize(shards_.size());
    std::iota(order_.begin(), order_.end(), 0);
    contract::Rng rng(seed_, static_cast<uint64_t>(epoch), contract::Stream::kShards);
    for (int64_t i = count - 1; i > 0; --i)
      std::swap(order_[static_cast<size_t>(i)], order_[static_cast<size_t>(rng.below(i + 1))]);
  }
  return order_[static_cast<size_t>(position % count)];
}

std::vector<contract::Episode> ShardWindow::read(int64_t shard) const {
  const Shard& known = shards_[static_cast<size_t>(shard)];
  return load_shard(known.path, {spec_, action_repeat_}, known.hash).episodes;
}

std::vector<contract::Episode> ShardWindow::fetch(int64_t position) {
  if (next_.valid() && ahead_ == position) return next_.get();
  return read(shard_at(position));
}

void ShardWindow::read_ahead(int64_t position) {
  if (next_.valid()) next_.wait();
  ahead_ = position;
  next_ = std::async(std::launch::async, [this, shard = shard_at(position)] { return read(shard); });
}

void ShardWindow::move_to(int64_t updates) {
  if (holds_all()) return;
  const int64_t begin = updates / updates_a_shard_, end = begin + held_;
  if (begin == begin_ && end == end_) return;
  replay_.forget_before(static_cast<uint64_t>(begin) * kEpisodesOfAShard);
  for (int64_t position = std::max(begin, end_); position < end; ++position) {
    uint64_t index = static_cast<uint64_t>(position) * kEpisodesOfAShard;
    for (const contract::Episode& episode : fetch(position)) {
      if (is_learnable(episode)) replay_.add_whole(index++, episode);
    }
  }
  begin_ = begin;
  end_ = end;
  read_ahead(end);
}

// Joined from those of the shards.
policies::RowStatistics ShardWindow::row_statistics() const {
  if (holds_all()) return replay_.row_statistics();
  policies::RowStatistics out = replay_.row_statistics();
  double count = 0.0;
  for (const Shard& shard : shards_) count += static_cast<double>(shard.decisions);
  for (size_t k = 0; k < out.mean.size(); ++k) {
    double mean = 0.0, squares = 0.0, changes = 0.0;
    for (const Shard& shard : shards_)
      mean += static_cast<double>(shard.decisions) / count * shard.statistics.mean[k];
    for (const Shard& shard : shards_) {
      const policies::RowStatistics& s = shard.statistics;
      const double share = static_cast<double>(shard.decisions) / count;
      const double offset = s.mean[k] - mean;
      squares += share * (static_cast<double>(s.deviation[k]) * s.deviation[k] + offset * offset);
      changes += share * s.change[k] * s.change[k];
      if (shard.decisions == 0) continue;
      out.low[k] = std::min(out.low[k], s.low[k]);
      out.high[k] = std::max(out.high[k], s.high[k]);
    }
    out.mean[k] = static_cast<float>(mean);
    out.deviation[k] = static_cast<float>(std::sqrt(squares));
    out.change[k] = static_cast<float>(std::sqrt(changes));
  }
  return out;
}

}  // namespace reverie::training
