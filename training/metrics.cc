#include "training/metrics.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/checksum.h"
#include "base/disk_full.h"
#include "base/error.h"
#include "base/files.h"
#include "training/run_directory.h"
#include "training/tensorboard.h"

namespace reverie::training {
namespace {

constexpr const char* kRunKey = "run";

std::filesystem::path metrics_path(const std::filesystem::path& run) { return run / "metrics.jsonl"; }

std::string to_line(const MetricRow& row, const std::string& run_id) {
  nlohmann::ordered_json line{{"step", row.step}};
  for (const auto& [name, value] : row.values) {
    if (std::isfinite(value)) {
      line[name] = value;
    } else {
      line[name] = nullptr;
    }
  }
  if (!run_id.empty()) line[kRunKey] = run_id;
  line[base::kSealKey] = base::kOpenSeal;
  std::string text = line.dump();
  base::seal(text);
  return text + "\n";
}

MetricRow parse_line(const std::string& text, const std::filesystem::path& path, size_t number,
                     const std::string& run_id) {
  base::check_seal(text, fmt::format("{}:{}", path.string(), number));
  const auto line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object() || !line.contains("step") || !line["step"].is_number_integer()) {
    base::throw_user_error("{}:{}: expected a JSON object with an integer \"step\"", path.string(), number);
  }
  MetricRow row{.step = line["step"].get<int64_t>(), .values = {}};
  for (const auto& [name, value] : line.items()) {
    if (name == "step" || name == base::kSealKey) continue;
    if (name == kRunKey && value.is_string()) {
      if (!is_same_run(value.get<std::string>(), run_id))
        base::throw_user_error("{}:{}: damaged: it is of run {}, and config.toml of run {}", path.string(),
                               number, value.get<std::string>(), run_id);
      continue;
    }
    if (!value.is_number() && !value.is_null()) {
      base::throw_user_error("{}:{}: \"{}\": expected a number or null", path.string(), number, name);
    }
    row.values[name] = value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  }
  return row;
}

// Calls `use` with every whole line and its number, from 1. A last line without its newline is still being written: not
// yet a row.
template <typename F>
void for_each_line(const std::string& text, F use) {
  size_t number = 1;
  for (size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos; start = end + 1)
    use(text.substr(start, end - start), number++);
}

// All of `text`, or nothing: what was begun is taken back.
void append_text(const std::filesystem::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) base::throw_disk_error(path.string(), "write", errno);
  const off_t before = ::lseek(file, 0, SEEK_END);
  size_t done = 0;
  int error = 0;
  while (done < text.size() && error == 0) {
    const ssize_t n = ::write(file, text.data() + done, text.size() - done);
    if (n >= 0) done += static_cast<size_t>(n);
    if (n < 0 && errno != EINTR) error = errno;
  }
  if (error == 0 && ::fdatasync(file) != 0 && errno != EINVAL)
    error = errno;                                             // a row is there when its checkpoint is
  if (error != 0 && ::ftruncate(file, before) != 0) done = 0;  // the next reader leaves half a line out
  ::close(file);
  if (error != 0) base::throw_disk_error(path.string(), "write", error);
}

}  // namespace

std::vector<MetricSink> run_sinks(const std::filesystem::path& run, const std::string& log) {
  std::vector<MetricSink> sinks{[run](const MetricRow& row) { append_metrics(run, row); }};
  if (log == "tensorboard") sinks.push_back(event_sink(run));
  return sinks;
}

std::vector<std::string> log_choices() { return {"none", "tensorboard"}; }

void append_metrics(const std::filesystem::path& run, const MetricRow& row) {
  append_text(metrics_path(run), to_line(row, read_run_id(run)));
}

std::vector<MetricRow> read_metrics(const std::filesystem::path& run) {
  const std::filesystem::path path = metrics_path(run);
  if (std::filesystem::is_directory(run) && !std::filesystem::exists(path)) return {};  // nothing written yet
  std::vector<MetricRow> rows;
  const std::string id = read_run_id(run);
  for_each_line(base::read_file(path), [&](const std::string& line, size_t number) {
    rows.push_back(parse_line(line, path, number, id));
  });
  return rows;
}

int64_t truncate_metrics(const std::filesystem::path& run, int64_t step) {
  const std::filesystem::path path = metrics_path(run);
  if (!std::filesystem::exists(path)) return 0;
  std::string kept;
  const std::string id = read_run_id(run);
  int64_t damaged = 0;
  for_each_line(base::read_file(path), [&](const std::string& line, size_t number) {
    try {
      const MetricRow row = parse_line(line, path, number, id);
      if (row.step <= step) kept += to_line(row, id);
    } catch (const base::UserError&) {
      ++damaged;
    }
  });
  base::write_file_atomic(path, kept);
  return damaged;
}

}  // namespace reverie::training
