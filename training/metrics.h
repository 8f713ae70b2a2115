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

// From so many bytes on a new metrics.jsonl begins, unless TrainConfig::log_max_bytes says otherwise.
inline constexpr int64_t kLogBytes = int64_t{64} << 20;

// The files that a training in `run` writes its rows to: metrics.jsonl, and what TrainConfig::log names. Another format
// is one more entry of this list and of log_choices().
std::vector<MetricSink> run_sinks(const std::filesystem::path& run, const std::string& log,
                                  int64_t max_bytes = kLogBytes);
std::vector<std::string> log_choices();  // "none", "tensorboard"

// Appends one line to RUN/metrics.jsonl: {"step": N, "<name>": value, ...}, with null for NaN and infinities, and its
// seal (base/checksum.h). A reader sees whole lines. A file that would have more than `max_bytes` with it is renamed to
// metrics.<n>.jsonl first, and a new one begins. Throws UserError, or base::DiskFull, when it cannot be written.
void append_metrics(const std::filesystem::path& run, const MetricRow& row, int64_t max_bytes = kLogBytes);

// The files of a run's rows that are there, the oldest first: metrics.1.jsonl, metrics.2.jsonl, ..., metrics.jsonl.
std::vector<std::filesystem::path> metrics_files(const std::filesystem::path& run);
// n of metrics.<n>.jsonl, 0 of any other name.
int64_t metrics_part(const std::filesystem::path& file);

// The rows of all these files, null read as NaN; none when nothing was written yet. Throws UserError naming
// file and line when one is damaged. A training may write and rename meanwhile.
std::vector<MetricRow> read_metrics(const std::filesystem::path& run);
// Those of one of them.
std::vector<MetricRow> read_metrics_file(const std::filesystem::path& file);

// Drops what a resumed training will write again: rows beyond `step` and an unfinished last line. Damaged lines go too;
// returns how many. A part that loses what came behind it is metrics.jsonl again.
int64_t truncate_metrics(const std::filesystem::path& run, int64_t step);

}  // namespace reverie::training
