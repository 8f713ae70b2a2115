#include "python/run.h"

#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "contract/env_spec.h"
#include "evaluation/evaluate.h"
#include "evaluation/report.h"
#include "evaluation/sections/sections.h"
#include "interop/export_run.h"
#include "python/arrays.h"
#include "python/check_actions.h"
#include "python/interrupt.h"
#include "python/spec.h"
#include "tensor/device.h"

namespace nb = nanobind;

namespace reverie::python {

OpenRun::OpenRun(const std::filesystem::path& path, const std::string& checkpoint, const std::string& device)
    : run(training::open_run(path, checkpoint, device)), model(run.agent) {}

namespace {

// An array of `columns`, or of rows alone when it is 0.
nb::object owned(std::vector<float> values, size_t rows, size_t columns) {
  if (columns == 0) return python::owned(std::move(values), {rows});
  return python::owned(std::move(values), {rows, columns});
}

nb::object act(OpenRun& open, const FloatRows& observations) {
  std::vector<float> actions(observations.shape(0) * static_cast<size_t>(open.run.agent->spec().action_dim));
  {
    const std::span<const float> seen = numbers(observations);
    const nb::gil_scoped_release released;
    open.owner.check("this run");
    open.run.agent->act(seen, actions);
  }
  const size_t n = observations.shape(0);
  return owned(std::move(actions), n, static_cast<size_t>(open.run.agent->spec().action_dim));
}

nb::object encode(OpenRun& open, const FloatRows& observations, const DoubleRows& physics) {
  std::vector<float> latents;
  {
    const std::span<const float> seen = numbers(observations);
    const std::span<const double> states(physics.data(), physics.size());
    const nb::gil_scoped_release released;
    open.owner.check("this run");
    std::vector<float> features;
    if (open.run.agent->reads_states())
      contract::physics_to_features(open.run.agent->spec(), states, features);
    latents = open.model.encode(seen, features);
  }
  return owned(std::move(latents), observations.shape(0), static_cast<size_t>(open.model.latent_width()));
}

nb::object step(OpenRun& open, const FloatRows& latents, const FloatRows& actions) {
  const size_t n = latents.shape(0);
  std::vector<float> next, uncertainty(n);
  {
    const std::span<const float> from = numbers(latents), under = numbers(actions);
    const nb::gil_scoped_release released;
    open.owner.check("this run");
    next = open.model.step(from, under, uncertainty);
  }
  return nb::make_tuple(owned(std::move(next), n, static_cast<size_t>(open.model.latent_width())),
                        owned(std::move(uncertainty), n, 0));
}

using OfDecision = std::vector<float> (policies::ModelFunctions::*)(std::span<const float>,
                                                                    std::span<const float>) const;

template <OfDecision Function>
nb::object of_decision(OpenRun& open, const FloatRows& latents, const FloatRows& actions) {
  std::vector<float> values;
  {
    const std::span<const float> from = numbers(latents), under = numbers(actions);
    const nb::gil_scoped_release released;
    open.owner.check("this run");
    values = (open.model.*Function)(from, under);
  }
  return owned(std::move(values), latents.shape(0), 0);
}

nb::object decode(OpenRun& open, const FloatRows& latents) {
  std::vector<float> known;
  {
    const std::span<const float> from = numbers(latents);
    const nb::gil_scoped_release released;
    open.owner.check("this run");
    known = open.model.decode(from);
  }
  return owned(std::move(known), latents.shape(0), static_cast<size_t>(open.model.known_width()));
}

// A function of Python, observations [N, O] -> actions [N, A], as a policy.
class PythonPolicy : public contract::Policy {
 public:
  PythonPolicy(nb::callable function, const contract::EnvSpec& spec)
      : function_(std::move(function)), spec_(spec) {}

  void act(const contract::PolicyInput& input, std::span<float> actions) override {
    const nb::gil_scoped_acquire held;
    const auto width = static_cast<size_t>(spec_.observation_dim);
    const std::vector<float> seen(input.observations.begin(), input.observations.end());
    const nb::object answer = function_(owned(seen, seen.size() / width, width));
    const std::span<const float> chosen = numbers(nb::cast<FloatRows>(answer));
    if (chosen.size() != actions.size())
      base::throw_user_error("policy: expected {} numbers, found {}", actions.size(), chosen.size());
    check_actions(spec_, chosen);
    std::ranges::copy(chosen, actions.begin());
  }

 private:
  nb::callable function_;
  const contract::EnvSpec& spec_;
};

struct EvaluateWords {
  int episodes;
  int64_t starts, horizon, seed;
  std::string sections;  // "": all, "quick": the cheap ones
};

// report.json as text; with `directory` also the files of a report. `on_progress(part, share)` is a function or None.
std::string evaluate(OpenRun& open, const nb::object& policy, const std::string& name,
                     const EvaluateWords& words, const std::filesystem::path& directory,
                     const nb::object& on_progress) {
  evaluation::EvaluationOptions options = evaluation::fresh_options(open.run, words.seed);
  options.episodes = words.episodes;
  options.starts = words.starts;
  options.horizon = words.horizon;
  std::vector<evaluation::Section> sections(evaluation::all_sections().begin(),
                                            evaluation::all_sections().end());
  if (words.sections == "quick") {
    sections = evaluation::quick_sections();
  } else if (!words.sections.empty()) {
    sections = evaluation::sections_named(words.sections);
  }
  const Interrupt interrupt;
  options.stop = &interrupt.stop();
  if (!on_progress.is_none()) {
    options.on_progress = [&on_progress](const evaluation::ProgressNow& now) {
      const nb::gil_scoped_acquire held;
      on_progress(now.part, now.of_all);
    };
  }
  std::optional<PythonPolicy> foreign;
  if (!policy.is_none()) foreign.emplace(nb::cast<nb::callable>(policy), open.run.task->spec());
  evaluation::ActingPolicy acting;
  if (foreign) acting = {.policy = &*foreign, .name = name};
  const nb::gil_scoped_release released;
  open.owner.check("this run");
  tensor::set_learner_threads(static_cast<int>(open.run.config.learner_threads));
  evaluation::EvaluationResult result = evaluation::evaluate_run(open.run, options, sections, acting);
  result.options.on_progress = {};  // it refers to this call
  if (!directory.empty()) evaluation::write_report(result, directory);
  return evaluation::report_json(result).dump();
}

}  // namespace

void add_runs(nb::module_& module) {
  nb::class_<OpenRun>(module, "OpenRun")
      .def(nb::init<const std::filesystem::path&, const std::string&, const std::string&>(), nb::arg("path"),
           nb::arg("checkpoint"), nb::arg("device"))
      .def_prop_ro("path", [](const OpenRun& open) { return open.run.path; })
      .def_prop_ro("checkpoint", [](const OpenRun& open) { return open.run.checkpoint; })
      .def_prop_ro("env_steps", [](const OpenRun& open) { return open.run.env_steps; })
      .def_prop_ro("updates", [](const OpenRun& open) { return open.run.updates; })
      .def_prop_ro("action_repeat", [](const OpenRun& open) { return open.run.agent->action_repeat(); })
      .def_prop_ro("task_path", [](const OpenRun& open) { return open.run.config.task; })
      .def_prop_ro("task_overrides",
                   [](const OpenRun& open) { return training::task_overrides(open.run.config); })
      .def_prop_ro("kind", [](const OpenRun& open) { return open.run.config.model.kind; })
      .def_prop_ro("reads_states", [](const OpenRun& open) { return open.run.agent->reads_states(); })
      .def_prop_ro("latent_width", [](const OpenRun& open) { return open.model.latent_width(); })
      .def_prop_ro("spec",
                   [](const OpenRun& open) {
                     nb::dict spec = spec_dict(open.run.task->spec());
                     spec["physics_dim"] = open.run.task->spec().physics_dim;
                     return spec;
                   })
      .def("act", &act)
      .def("encode", &encode)
      .def("step", &step)
      .def("reward", &of_decision<&policies::ModelFunctions::reward>)
      .def("continuation", &of_decision<&policies::ModelFunctions::continuation>)
      .def("decode", &decode);
  module.def(
      "export_run",
      [](OpenRun& open, const std::string& format, const std::filesystem::path& directory) {
        return interop::export_run(open.run, interop::parse_format(format), directory);
      },
      nb::arg("run"), nb::arg("format"), nb::arg("directory"));
  module.def(
      "evaluate",
      [](OpenRun& open, const nb::object& policy, const std::string& name, int episodes, int64_t starts,
         int64_t horizon, int64_t seed, const std::string& sections, const std::filesystem::path& directory,
         const nb::object& on_progress) {
        return evaluate(open, policy, name, {episodes, starts, horizon, seed, sections}, directory,
                        on_progress);
      },
      nb::arg("run"), nb::arg("policy").none(), nb::arg("name"), nb::arg("episodes"), nb::arg("starts"),
      nb::arg("horizon"), nb::arg("seed"), nb::arg("sections"), nb::arg("directory"),
      nb::arg("on_progress").none());
}

}  // namespace reverie::python
