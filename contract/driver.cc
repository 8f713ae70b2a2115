#include "contract/driver.h"

namespace reverie::contract {

Driver::Driver(Rows& rows, Policy& policy)
    : rows_(&rows), actions_(static_cast<size_t>(rows.size()) * static_cast<size_t>(rows.action_dim())) {
  begin(policy);
}

void Driver::begin(Policy& policy) {
  policy_ = &policy;
  policy.reset(rows_->size());
}

void Driver::step() {
  policy_->act(rows_->input(policy_->reads_states()), actions_);
  rows_->step(actions_);
  const std::span<const uint8_t> ended = rows_->ended();
  for (size_t n = 0; n < ended.size(); ++n)
    if (ended[n] != 0) policy_->reset_row(static_cast<int>(n));
}

}  // namespace reverie::contract
