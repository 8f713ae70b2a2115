#include "interop/export_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "contract/mechanics.h"
#include "interop/graph.h"
#include "interop/model_graphs.h"
#include "interop/onnx.h"
#include "interop/torchscript.h"
#include "sim/controls.h"
#include "training/metrics.h"

namespace fs = std::filesystem;

namespace reverie::interop {
namespace {

// Of the last evaluation at the checkpoint or before it.
std::optional<double> simulated_return(const training::Run& run) {
  std::optional<double> found;
  for (const training::MetricRow& row : training::read_metrics(run.path)) {
    const auto value = row.values.find("eval/return");
    if (value != row.values.end() && row.step <= run.env_steps) found = value->second;
  }
  return found;
}

nlohmann::json observation_json(const contract::EnvSpec& spec) {
  nlohmann::json groups = nlohmann::json::array();
  for (const contract::ObservationGroup& group : spec.observation)
    groups.push_back({{"name", group.name}, {"offset", group.offset}, {"size", group.size}});
  return groups;
}

std::vector<std::string> joint_names(const contract::EnvSpec& spec) {
  std::vector<std::string> names;
  if (spec.mechanics)
    for (const contract::MechanicalJoint& joint : spec.mechanics->joints) names.push_back(joint.name);
  return names;
}

// Of all graphs in one file: their constants by their own names, their operations as text.
void write_safetensors(const std::vector<Graph>& graphs, std::map<std::string, std::string> metadata,
                       const fs::path& path) {
  base::SafeTensors content;
  for (const Graph& graph : graphs) {
    content.tensors.insert(graph.constants().begin(), graph.constants().end());
    metadata["graph." + graph.name()] = graph_text(graph);
  }
  content.metadata = std::move(metadata);
  base::save_safetensors(path, content);
}

std::vector<fs::path> write(const std::string& name, const std::vector<Graph>& graphs, Format format,
                            const std::map<std::string, std::string>& metadata, const fs::path& directory) {
  std::vector<fs::path> files;
  if (format == Format::kOnnx) {
    for (const Graph& graph : graphs) {
      files.push_back(directory / (graph.name() + ".onnx"));
      base::write_file_atomic(files.back(), onnx_bytes(graph, metadata));
    }
  } else if (format == Format::kTorchScript) {
    files.push_back(directory / (name + ".pt"));
    write_torchscript(graphs, metadata, files.back());
  } else {
    files.push_back(directory / (name + ".safetensors"));
    write_safetensors(graphs, metadata, files.back());
  }
  return files;
}

}  // namespace

std::vector<std::string> format_names() { return {"safetensors", "torchscript", "onnx"}; }

Format parse_format(const std::string& name) {
  const std::vector<std::string> names = format_names();
  const auto found = std::ranges::find(names, name);
  if (found == names.end())
    base::throw_user_error("--format: unknown format '{}'{}; there are {}", name,
                           base::did_you_mean(name, names), fmt::join(names, ", "));
  return static_cast<Format>(found - names.begin());
}

std::map<std::string, std::string> export_metadata(const training::Run& run) {
  const contract::EnvSpec& spec = run.task->spec();
  std::vector<std::string> actuators;
  for (const sim::Control& control : sim::list_controls(run.task->model())) actuators.push_back(control.name);
  const double seconds = spec.control_dt * run.agent->action_repeat();
  const nlohmann::json facts{{"reverie_version", REVERIE_VERSION},
                             {"task", spec.task},
                             {"task_hash", spec.hash},
                             {"checkpoint", run.checkpoint},
                             {"env_steps", run.env_steps},
                             {"model_kind", run.config.model.kind},
                             {"observation", observation_json(spec)},
                             {"observation_dim", spec.observation_dim},
                             {"action_dim", spec.action_dim},
                             {"action_low", spec.action_low},
                             {"action_high", spec.action_high},
                             {"actuators", actuators},
                             {"joints", joint_names(spec)},
                             {"control_dt", spec.control_dt},
                             {"action_repeat", run.agent->action_repeat()},
                             {"decisions_per_second", 1.0 / seconds},
                             {"history_length", 1}};
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : facts.items()) metadata[key] = value.dump();
  if (const std::optional<double> value = simulated_return(run))
    metadata["simulated_return"] = nlohmann::json(*value).dump();
  return metadata;
}

std::vector<fs::path> export_run(const training::Run& run, Format format, const fs::path& directory) {
  fs::create_directories(directory);
  const base::SafeTensors weights = run.agent->weights();
  const Networks networks{run.task->spec(), run.config.model, weights, run.agent->action_repeat()};
  const std::map<std::string, std::string> metadata = export_metadata(run);
  std::vector<fs::path> files = write("policy", {policy_graph(networks)}, format, metadata, directory);
  const std::vector<fs::path> model =
      write("world_model", world_model_graphs(networks), format, metadata, directory);
  files.insert(files.end(), model.begin(), model.end());
  return files;
}

}  // namespace reverie::interop
