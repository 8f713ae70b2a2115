// metrics.jsonl: one JSON object a line, {"step": N, "train/return": x, ...}; NaN and infinities are written as
// null.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "training/run.h"

namespace reverie::training {

// Appends rows to RUN/metrics.jsonl; every row is flushed, so a reader sees whole lines.
class MetricsWriter {
 public:
  // Opens for append. Throws std::runtime_error when the file cannot be written.
  explicit MetricsWriter(const std::filesystem::path& run);

  // One line; `step` as MetricRow has it.
  void write(int64_t step, const std::map<std::string, double>& values);

 private:
  std::filesystem::path path_;
  std::ofstream file_;
};

// Drop what a resumed training will write again: rows beyond `step` and an unfinished last line.
void truncate_metrics(const std::filesystem::path& run, int64_t step);

}  // namespace reverie::training
