#include "training/metrics.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "base/files.h"
#include "training/tensorboard.h"

namespace reverie::training {
namespace {

std::filesystem::path metrics_path(const std::filesystem::path& run) { return run / "metrics.jsonl"; }

std::string to_line(const MetricRow& row) {
  nlohmann::ordered_json line{{"step", row.step}};
  for (const auto& [name, value] : row.values) {
    if (std::isfinite(value)) {
      line[name] = value;
    } else {
      line[name] = nullptr;
    }
  }
  return line.dump() + "\n";
}

MetricRow parse_line(const std::string& text, const std::filesystem::path& path, size_t number) {
  const auto line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object() || !line.contains("step") || !line["step"].is_number_integer()) {
    base::throw_user_error("{}:{}: expected a JSON object with an integer \"step\"", path.string(), number);
  }
  MetricRow row{.step = line["step"].get<int64_t>(), .values = {}};
  for (const auto& [name, value] : line.items()) {
    if (name == "step") continue;
    if (!value.is_number() && !value.is_null()) {
      base::throw_user_error("{}:{}: \"{}\": expected a number or null", path.string(), number, name);
    }
    row.values[name] = value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  }
  return row;
}

}  // namespace

std::vector<MetricSink> run_sinks(const std::filesystem::path& run, const std::string& log) {
  std::vector<MetricSink> sinks{[run](const MetricRow& row) { append_metrics(run, row); }};
  if (log == "tensorboard") sinks.push_back(event_sink(run));
  return sinks;
}

std::vector<std::string> log_choices() { return {"none", "tensorboard"}; }

void append_metrics(const std::filesystem::path& run, const MetricRow& row) {
  std::ofstream file(metrics_path(run), std::ios::app);
  file << to_line(row) << std::flush;
  if (!file) {
    base::throw_user_error("{}: cannot write: {}", metrics_path(run).string(), std::strerror(errno));
  }
}

std::vector<MetricRow> read_metrics(const std::filesystem::path& run) {
  const std::filesystem::path path = metrics_path(run);
  if (std::filesystem::is_directory(run) && !std::filesystem::exists(path)) return {};  // nothing written yet
  const std::string text = base::read_file(path);
  std::vector<MetricRow> rows;
  size_t number = 1;
  // A last line without its newline is still being written: not yet a row.
  for (size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos;
       start = end + 1, ++number) {
    rows.push_back(parse_line(text.substr(start, end - start), path, number));
  }
  return rows;
}

void truncate_metrics(const std::filesystem::path& run, int64_t step) {
  if (!std::filesystem::exists(metrics_path(run))) return;
  std::string kept;
  for (const MetricRow& row : read_metrics(run)) {
    if (row.step <= step) kept += to_line(row);
  }
  base::write_file_atomic(metrics_path(run), kept);
}

}  // namespace reverie::training
