#include "sim/task/task.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "sim/model_guard.h"
#include "sim/task/task_impl.h"
#include "sim/task/task_source.h"

namespace reverie::sim {

double Task::Impl::reward_of(std::span<const double> slots) const {
  double sum = 0.0;
  for (const RewardTerm& term : reward) sum += term.weight * slots[static_cast<size_t>(term.slot)];
  return sum;
}

Task::Task(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Task::~Task() = default;

std::shared_ptr<const Task> Task::load(std::string_view id_or_path, std::span<const std::string> overrides) {
  const TaskSource source = read_task_source(id_or_path, overrides);
  check_in_child(source.model_path, [&] { exercise(build_task(source, overrides)->model.get()); });
  try {
    return std::shared_ptr<const Task>(new Task(build_task(source, overrides)));
  } catch (const PhysicsError& error) {
    base::throw_user_error("{}: {}", id_or_path, error.what());
  }
}

const contract::EnvSpec& Task::spec() const { return impl_->spec; }
const mjModel* Task::model() const { return impl_->model.get(); }
const std::string& Task::title() const { return impl_->title; }
const std::vector<std::string>& Task::warnings() const { return impl_->warnings; }

const std::vector<DriveControl>& Task::drive() const { return impl_->drive; }
const std::vector<TrainingSetting>& Task::training() const { return impl_->training; }

double Task::reward(const mjData* data, std::span<const double> task_state) const {
  std::vector<double> slots(static_cast<size_t>(impl_->program.slot_count()));
  impl_->program.initialise(slots);
  impl_->program.run({impl_->model.get(), data, task_state.empty() ? nullptr : task_state.data()}, slots);
  return impl_->reward_of(slots);
}

}  // namespace reverie::sim
