#include "python/physics_env.h"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "python/arrays.h"
#include "python/check_actions.h"
#include "python/spec.h"
#include "sim/controls.h"

namespace nb = nanobind;

namespace reverie::python {

PhysicsBatch::PhysicsBatch(std::shared_ptr<const sim::Task> task, int count, int threads, int repeat)
    : repeat_(repeat),
      pool_(count > 0 ? std::min(threads, count) : threads),  // a thread takes whole environments
      envs_(task, count, 0, 0, pool_),
      truncated_(static_cast<size_t>(count)) {
  if (repeat < 1) base::throw_user_error("action_repeat: expected at least 1, found {}", repeat);
}

void PhysicsBatch::reset(uint64_t seed, uint64_t first_index) {
  const Owner::Hold hold(owner_, "this environment");
  envs_.reset(seed, first_index);
  std::ranges::fill(truncated_, uint8_t{0});
}

void PhysicsBatch::place(std::span<const double> qpos, std::span<const double> qvel) {
  const Owner::Hold hold(owner_, "this environment");
  const auto nq = static_cast<size_t>(spec().nq), nv = static_cast<size_t>(spec().nv);
  for (int i = 0; i < envs_.size(); ++i)
    envs_.place(i, qpos.subspan(static_cast<size_t>(i) * nq, nq),
                qvel.subspan(static_cast<size_t>(i) * nv, nv));
}

bool PhysicsBatch::step(std::span<const float> actions) {
  const Owner::Hold hold(owner_, "this environment");
  check_actions(spec(), actions);
  envs_.step(actions, repeat_);
  return end_step();
}

bool PhysicsBatch::step(std::span<const double> actions) {
  const Owner::Hold hold(owner_, "this environment");
  check_actions(spec(), actions);
  envs_.step_exact(actions, repeat_);
  return end_step();
}

bool PhysicsBatch::end_step() {
  bool any = false;
  for (size_t i = 0; i < truncated_.size(); ++i) {
    truncated_[i] = envs_.truncated()[i] | envs_.diverged()[i];
    any = any || truncated_[i] != 0 || envs_.terminated()[i] != 0;
  }
  return any;
}

PhysicsSingle::PhysicsSingle(std::shared_ptr<const sim::Task> task, int repeat)
    : repeat_(repeat), env_(std::move(task)), observation_(static_cast<size_t>(env_.spec().observation_dim)) {
  if (repeat < 1) base::throw_user_error("action_repeat: expected at least 1, found {}", repeat);
}

void PhysicsSingle::read() {
  std::ranges::transform(env_.observation(), observation_.begin(),
                         [](double x) { return static_cast<float>(x); });
}

void PhysicsSingle::reset(uint64_t seed, uint64_t index) {
  const Owner::Hold hold(owner_, "this environment");
  env_.reset(seed, index);
  read();
}

sim::StepResult PhysicsSingle::step(std::span<const float> action) {
  const Owner::Hold hold(owner_, "this environment");
  check_actions(spec(), action);
  return repeat([&] { return env_.step(action); });
}

sim::StepResult PhysicsSingle::step(std::span<const double> action) {
  const Owner::Hold hold(owner_, "this environment");
  check_actions(spec(), action);
  return repeat([&] { return env_.step_exact(action); });
}

template <typename Step>
sim::StepResult PhysicsSingle::repeat(const Step& step) {
  sim::StepResult result;
  double reward = 0.0;
  for (int k = 0; k < repeat_ && !result.terminated && !result.truncated && !result.diverged; ++k) {
    result = step();
    if (result.diverged) break;  // the last finite observation stands
    reward += static_cast<float>(result.reward);
    read();
  }
  result.reward = reward;
  return result;
}

namespace {

template <typename Rows>
bool step_batch(PhysicsBatch& batch, const Rows& actions) {
  const auto values = numbers(actions);
  const nb::gil_scoped_release released;
  return batch.step(values);
}

template <typename Rows>
nb::tuple step_single(PhysicsSingle& single, const Rows& action) {
  const sim::StepResult result = single.step(numbers(action));
  return nb::make_tuple(result.reward, result.terminated, result.truncated, result.diverged);
}

void add_batch(nb::module_& module) {
  nb::class_<PhysicsBatch>(module, "Batch")
      .def(nb::init<std::shared_ptr<const sim::Task>, int, int, int>(), nb::arg("task"), nb::arg("count"),
           nb::arg("threads"), nb::arg("repeat"))
      .def("reset", &PhysicsBatch::reset, nb::arg("seed"), nb::arg("first_index"),
           nb::call_guard<nb::gil_scoped_release>())
      .def(
          "place",
          [](PhysicsBatch& batch, const DoubleRows& qpos, const DoubleRows& qvel) {
            batch.place({qpos.data(), qpos.size()}, {qvel.data(), qvel.size()});
          },
          nb::arg("qpos"), nb::arg("qvel"))
      .def("step", &step_batch<FloatRows>, nb::arg("actions"))
      .def("step", &step_batch<DoubleRows>, nb::arg("actions"))
      .def(
          "steps",  // the batch without Python between the steps, for bench/python_vector.py
          [](PhysicsBatch& batch, const FloatRows& actions, int count) {
            const std::span<const float> values = numbers(actions);
            const nb::gil_scoped_release released;
            for (int k = 0; k < count; ++k) batch.step(values);
          },
          nb::arg("actions"), nb::arg("count"))
      .def("views", [](nb::handle self) {
        const PhysicsBatch& batch = nb::cast<const PhysicsBatch&>(self);
        const sim::VectorEnv& envs = batch.envs();
        const auto n = static_cast<size_t>(envs.size()), o = static_cast<size_t>(envs.spec().observation_dim);
        nb::dict views;
        views["observations"] = view<float>(envs.observations(), {n, o}, self);
        views["final_observations"] = view<float>(envs.final_observations(), {n, o}, self);
        views["rewards"] = view<float>(envs.rewards(), {n}, self);
        views["terminated"] = view<uint8_t>(envs.terminated(), {n}, self);
        views["truncated"] = view<uint8_t>(batch.truncated(), {n}, self);
        views["diverged"] = view<uint8_t>(envs.diverged(), {n}, self);
        views["episode_indices"] = view<uint64_t>(envs.episode_indices(), {n}, self);
        views["steps"] = view<int64_t>(envs.steps(), {n}, self);
        return views;
      });
}

void add_single(nb::module_& module) {
  nb::class_<PhysicsSingle>(module, "Single")
      .def(nb::init<std::shared_ptr<const sim::Task>, int>(), nb::arg("task"), nb::arg("repeat"))
      .def("reset", &PhysicsSingle::reset, nb::arg("seed"), nb::arg("index"),
           nb::call_guard<nb::gil_scoped_release>())
      .def("step", &step_single<FloatRows>, nb::arg("action"))
      .def("step", &step_single<DoubleRows>, nb::arg("action"))
      .def("observation", [](nb::handle self) {
        const std::span<const float> values = nb::cast<const PhysicsSingle&>(self).observation();
        return view<float>(values, {values.size()}, self);
      });
}

}  // namespace

void add_environments(nb::module_& module) {
  nb::class_<sim::Task> task(module, "Task");
  task.def_prop_ro("spec",
                   [](const sim::Task& task) {
                     nb::dict spec = spec_dict(task.spec());
                     std::vector<std::string> actuators;
                     for (const sim::Control& control : sim::list_controls(task.model()))
                       actuators.push_back(control.name);
                     spec["actuators"] = actuators;
                     return spec;
                   })
      .def_prop_ro("title", &sim::Task::title)
      .def_prop_ro("warnings", &sim::Task::warnings);
  module.def(
      "load_task",
      [](const std::string& task, const std::vector<std::string>& overrides) {
        return std::const_pointer_cast<sim::Task>(sim::Task::load(task, overrides));
      },
      nb::arg("task"), nb::arg("overrides"));
  module.def("task_ids", &sim::list_tasks);
  add_batch(module);
  add_single(module);
}

}  // namespace reverie::python
