#include "evaluation/progress.h"

#include <algorithm>
#include <utility>

namespace reverie::evaluation {

struct Progress::State {
  std::function<void(const ProgressNow&)> tell;
  double weight = 0.0;  // of all parts
  double before = 0.0;  // of the parts that are done
  double of_part = 0.0;
  ProgressNow now;

  void tell_share(double share) {
    now.of_part = share;
    now.of_all = weight > 0.0 ? std::min(1.0, (before + share * of_part) / weight) : 0.0;
    tell(now);
  }
};

Progress::Progress(std::function<void(const ProgressNow&)> tell, double weight) {
  if (!tell) return;
  state_ = std::make_shared<State>();
  state_->tell = std::move(tell);
  state_->weight = weight;
}

void Progress::begin(const std::string& name, double weight) const {
  if (!state_) return;
  state_->before += state_->of_part;
  state_->of_part = weight;
  state_->now.part = name;
  state_->tell_share(0.0);
}

void Progress::at(int64_t done, int64_t total) const {
  if (!state_ || total <= 0) return;
  const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
  state_->tell_share(from_ + share * (to_ - from_));
}

Progress Progress::between(double from, double to) const {
  Progress part = *this;
  part.from_ = from_ + from * (to_ - from_);
  part.to_ = from_ + to * (to_ - from_);
  return part;
}

}  // namespace reverie::evaluation
