// Metrics: rows of named numbers over a training.
// They go to sinks, metrics.jsonl is one, and are read back from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace reverie::training {

struct MetricRow {
  int64_t step = 0;  // environment steps (control steps); updates of a run that learns from a dataset
  std::map<std::string, double> values;
};

// Takes every row as it comes: a file format, a progress line, a test.
using MetricSink = std::function<void(const MetricRow&)>;

// The files that a training in `run` writes its rows to: metrics.jsonl, and what TrainConfig::log names. Another format
// is one more entry of this list and of log_choices().
std::vector<MetricSink> run_sinks(const std::filesystem::path& run, const std::string& log);
std::vector<std::string> log_choices();  // "none", "tensorboard"

// Appends one line to RUN/metrics.jsonl: {"step": N, "<name>": value, ...}, with null for NaN and infinities, and its
// seal (base/checksum.h). A reader sees whole lines. Throws UserError, or base::DiskFull, when it cannot be written.
void append_metrics(const std::filesystem::path& run, const MetricRow& row);

// The rows of RUN/metrics.jsonl, null read as NaN; none when nothing was written yet. Throws UserError naming
// file and line when it is damaged.
std::vector<MetricRow> read_metrics(const std::filesystem::path& run);

// Drops what a resumed training will write again: rows beyond `step` and an unfinished last line. Damaged lines go too;
// returns how many.
int64_t truncate_metrics(const std::filesystem::path& run, int64_t step);

}  // namespace reverie::training
