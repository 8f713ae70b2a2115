#include "python/train.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "evaluation/dream_figures.h"
#include "python/interrupt.h"
#include "tensor/device.h"
#include "training/presets.h"
#include "training/run_directory.h"
#include "training/trainer.h"

namespace nb = nanobind;

namespace reverie::python {
namespace {

using Job = std::function<training::TrainResult(const training::TrainHooks&)>;

// `on_progress(step, total, updates, row)` and `on_warning(line)` are functions of Python.
nb::tuple run_job(const nb::callable& on_progress, const nb::callable& on_warning, const Job& job) {
  std::map<std::string, double> row;
  const Interrupt interrupt;
  training::TrainHooks hooks{.on_progress = {}, .stop = &interrupt.stop()};
  hooks.measure_dream = [](const training::DreamQuestion& question) {
    return evaluation::measure_dream(question);
  };
  hooks.sinks = {[&row](const training::MetricRow& written) { row = written.values; }};
  hooks.on_warning = [&on_warning](const std::string& line) {
    const nb::gil_scoped_acquire held;
    on_warning(line);
  };
  hooks.on_progress = [&](const training::TrainProgress& now) {
    const nb::gil_scoped_acquire held;
    on_progress(now.step, now.total, now.updates, row);
    row.clear();
  };
  training::TrainResult result;
  {
    const nb::gil_scoped_release released;
    result = job(hooks);
  }
  return nb::make_tuple(result.interrupted, result.env_steps, result.updates, result.seconds);
}

training::TrainConfig config_of(const std::string& task, const std::vector<std::string>& words) {
  training::TrainConfig config = training::resolve_config({[&](training::TrainConfig& c) {
    if (!task.empty()) c.task = task;
    for (const std::string& word : words) training::apply_setting(c, word);
  }});
  training::check_config(config);
  return config;
}

}  // namespace

void add_training(nb::module_& module) {
  module.def(
      "train",
      [](const std::string& task, const std::vector<std::string>& words, const std::filesystem::path& run,
         const nb::callable& on_progress, const nb::callable& on_warning) {
        const training::TrainConfig config = config_of(task, words);
        return run_job(on_progress, on_warning, [&](const training::TrainHooks& hooks) {
          return training::train(config, run, hooks);
        });
      },
      nb::arg("task"), nb::arg("words"), nb::arg("run"), nb::arg("on_progress"), nb::arg("on_warning"));
  module.def(
      "resume",
      [](const std::filesystem::path& run, int64_t total, const nb::callable& on_progress,
         const nb::callable& on_warning) {
        return run_job(on_progress, on_warning, [&](const training::TrainHooks& hooks) {
          return training::resume_training(run, hooks, total);
        });
      },
      nb::arg("run"), nb::arg("total"), nb::arg("on_progress"), nb::arg("on_warning"));
  module.def(
      "fresh_run_path",
      [](const std::filesystem::path& folder, const std::string& task) {
        return training::fresh_run_path(folder, task);
      },
      nb::arg("folder"), nb::arg("task"));
}

}  // namespace reverie::python
