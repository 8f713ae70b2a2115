#include "training/metrics.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
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

// A rename is there when a row behind it is.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    base::throw_disk_error(from.string(), fmt::format("rename to {}", to.filename().string()).c_str(), errno);
  base::sync_directory_of(to);
}

std::filesystem::path part_path(const std::filesystem::path& run, int64_t number) {
  return run / fmt::format("metrics.{}.jsonl", number);
}

// Makes room for `bytes` more.
void begin_part_when_full(const std::filesystem::path& run, size_t bytes, int64_t max_bytes) {
  const std::filesystem::path path = metrics_path(run);
  std::error_code none;
  const uintmax_t size = std::filesystem::file_size(path, none);
  if (none || size == 0 || size + bytes <= static_cast<uintmax_t>(max_bytes)) return;
  int64_t newest = 0;
  for (const std::filesystem::path& file : metrics_files(run)) newest = std::max(newest, metrics_part(file));
  rename_file(path, part_path(run, newest + 1));
}

// The rows of one file up to `step`, as lines; counts the damaged ones.
std::string lines_until(const std::filesystem::path& path, const std::string& text, const std::string& id,
                        int64_t step, int64_t& damaged) {
  std::string kept;
  for_each_line(text, [&](const std::string& line, size_t number) {
    try {
      const MetricRow row = parse_line(line, path, number, id);
      if (row.step <= step) kept += to_line(row, id);
    } catch (const base::UserError&) {
      ++damaged;
    }
  });
  return kept;
}

}  // namespace

std::vector<MetricSink> run_sinks(const std::filesystem::path& run, const std::string& log,
                                  int64_t max_bytes) {
  std::vector<MetricSink> sinks{
      [run, max_bytes](const MetricRow& row) { append_metrics(run, row, max_bytes); }};
  if (log == "tensorboard") sinks.push_back(event_sink(run));
  return sinks;
}

std::vector<std::string> log_choices() { return {"none", "tensorboard"}; }

void append_metrics(const std::filesystem::path& run, const MetricRow& row, int64_t max_bytes) {
  const std::string line = to_line(row, read_run_id(run));
  begin_part_when_full(run, line.size(), max_bytes);
  append_text(metrics_path(run), line);
}

int64_t metrics_part(const std::filesystem::path& file) {
  const std::string name = file.filename().string(), begin = "metrics.", end = ".jsonl";
  if (!name.starts_with(begin) || !name.ends_with(end) || name.size() <= begin.size() + end.size()) return 0;
  const char *first = name.data() + begin.size(), *last = name.data() + name.size() - end.size();
  int64_t number = 0;
  const auto read = std::from_chars(first, last, number);
  return *first >= '1' && *first <= '9' && read.ec == std::errc() && read.ptr == last ? number : 0;
}

std::vector<std::filesystem::path> metrics_files(const std::filesystem::path& run) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(run, none))
    if (metrics_part(entry.path()) > 0) files.push_back(entry.path());
  std::ranges::sort(files, {}, metrics_part);
  if (std::filesystem::exists(metrics_path(run))) files.push_back(metrics_path(run));
  return files;
}

std::vector<MetricRow> read_metrics_file(const std::filesystem::path& file) {
  std::vector<MetricRow> rows;
  const std::string id = read_run_id(file.parent_path());
  for_each_line(base::read_file(file), [&](const std::string& line, size_t number) {
    rows.push_back(parse_line(line, file, number, id));
  });
  return rows;
}

std::vector<MetricRow> read_metrics(const std::filesystem::path& run) {
  if (!std::filesystem::is_directory(run))
    return read_metrics_file(metrics_path(run));  // says what is missing
  for (;;) {
    const std::vector<std::filesystem::path> files = metrics_files(run);
    std::vector<MetricRow> rows;
    try {
      for (const std::filesystem::path& file : files) {
        std::vector<MetricRow> more = read_metrics_file(file);
        std::ranges::move(more, std::back_inserter(rows));
      }
    } catch (const base::UserError&) {
      if (metrics_files(run) == files) throw;
    }
    if (metrics_files(run) == files) return rows;  // no new one was begun meanwhile
  }
}

int64_t truncate_metrics(const std::filesystem::path& run, int64_t step) {
  std::vector<std::filesystem::path> files = metrics_files(run);
  const std::string id = read_run_id(run);
  int64_t damaged = 0;
  bool is_newest = true;
  for (; !files.empty(); files.pop_back()) {  // the newest first: a kill between leaves no gap
    const std::filesystem::path& file = files.back();
    const std::string text = base::read_file(file), kept = lines_until(file, text, id, step, damaged);
    if (kept.empty() && is_newest && files.size() > 1) {
      if (std::remove(file.c_str()) != 0) base::throw_disk_error(file.string(), "remove", errno);
      continue;
    }
    if (kept != text) base::write_file_atomic(file, kept);
    if (is_newest && file != metrics_path(run)) rename_file(file, metrics_path(run));
    is_newest = false;
  }
  return damaged;
}

}  // namespace reverie::training
