#include "sim/action_controls.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <utility>

#include "sim/task/task.h"
#include "sim/task/task_impl.h"

namespace reverie::sim {

ActionControls::ActionControls(std::shared_ptr<const Task> task)
    : task_(std::move(task)),
      data_(make_data(task_->model())),
      task_state_(static_cast<size_t>(task_->spec().task_dim)) {}

void ActionControls::begin(std::span<const double> task_state) {
  std::ranges::copy(task_state, task_state_.begin());
}

void ActionControls::apply(std::span<const float> action, std::span<double> physics) {
  action_.assign(action.begin(), action.end());
  apply_action(task_->impl().action, task_->model(), data_.get(), action_, task_state_);
  const auto at = mj_stateSize(task_->model(), mjSTATE_INTEGRATION & (mjSTATE_CTRL - 1));
  std::copy_n(data_->ctrl, task_->model()->nu, physics.begin() + at);
}

}  // namespace reverie::sim
