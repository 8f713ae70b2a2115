// reverie status: how far trainings are, and whether they live.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "training/checkpoint.h"
#include "training/heartbeat.h"
#include "training/metrics.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kMegabyte = 1024.0 * 1024.0;
constexpr double kSilent =
    30.0;  // seconds without a heartbeat after which a living process is told to be silent
constexpr double kWaiting = 60.0;  // seconds without a step after which it is said what is waited for

struct Status {
  fs::path run;
  bool alive = false;
  int64_t step = 0, total = 0;
  std::optional<training::Beat> beat;
  double last_return = kNone;
  int64_t return_step = 0;
  double seconds = kNone;  // of training so far, by the metrics
  int64_t checkpoints = 0;
  int64_t bytes = 0;
  std::vector<std::string> damaged;  // files that could not be read

  bool finished() const { return !alive && total > 0 && step >= total; }
  double seconds_left() const {
    if (!alive || !beat || beat->steps_per_second <= 0.0) return kNone;
    return static_cast<double>(total - step) / beat->steps_per_second;
  }
};

// What `read` reads, unless it is damaged: the rest is told all the same.
template <typename F>
void unless_damaged(Status& status, F read) {
  try {
    read();
  } catch (const base::UserError& error) {
    status.damaged.emplace_back(error.what());
  }
}

Status status_of(const fs::path& run) {
  Status status;
  status.run = run;
  status.alive = training::is_locked(run);
  training::TrainConfig config = training::read_run_config(run);
  status.total = training::total_steps(config);
  const std::vector<std::string> names = training::list_checkpoints(run);
  status.checkpoints = std::ssize(names);
  if (!names.empty())
    unless_damaged(status, [&] { status.step = training::load_state(run, names.back()).step(); });
  if (fs::exists(run / "heartbeat.json"))
    unless_damaged(status, [&] {
      status.beat = training::read_heartbeat(run);
      if (status.alive) status.step = std::max(status.step, status.beat->step);
    });
  unless_damaged(status, [&] {
    for (const training::MetricRow& row : training::read_metrics(run)) {
      if (const auto found = row.values.find("time/seconds"); found != row.values.end())
        status.seconds = found->second;
      const auto found = row.values.find("eval/return");
      if (found == row.values.end()) continue;
      status.last_return = found->second;
      status.return_step = row.step;
    }
  });
  status.bytes = training::disk_bytes(run);
  return status;
}

std::string duration(double seconds) {
  if (seconds < 120.0) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200.0) return fmt::format("{:.0f} min", seconds / 60.0);
  return seconds < 172800.0 ? fmt::format("{:.1f} h", seconds / 3600.0)
                            : fmt::format("{:.1f} days", seconds / 86400.0);
}

const char* word(const Status& status) {
  if (!status.alive) return status.finished() ? "finished" : "not running";
  if (!status.beat) return "starting";
  return status.beat->age_seconds > kSilent ? "silent" : "running";
}

std::string text(const Status& status) {
  std::string line = fmt::format(
      "{}: {}, step {} of {} ({:.0f}%)", shown(status.run), word(status), status.step, status.total,
      100.0 * static_cast<double>(status.step) / static_cast<double>(std::max<int64_t>(1, status.total)));
  if (status.alive && status.beat) {
    const training::Beat& beat = *status.beat;
    line += fmt::format(", {:.3g} steps/s", beat.steps_per_second);
    if (std::isfinite(status.seconds_left()))
      line += fmt::format(", {} left", duration(status.seconds_left()));
    line +=
        fmt::format("; {}{}", beat.phase,
                    beat.idle_seconds > kWaiting ? fmt::format(" for {}", duration(beat.idle_seconds)) : "");
    line += fmt::format("; heartbeat {} ago, process {}, {:.0f} MB of memory", duration(beat.age_seconds),
                        beat.pid, beat.memory_mb);
  }
  if (std::isfinite(status.last_return))
    line += fmt::format("; last return {:.5g} at step {}", status.last_return, status.return_step);
  line += fmt::format("; {} checkpoints, {:.1f} MB on disk", status.checkpoints,
                      static_cast<double>(status.bytes) / kMegabyte);
  if (!status.alive && !status.finished())
    line += fmt::format("; go on with: reverie train --resume {}", shown(status.run));
  for (const std::string& damage : status.damaged) line += "\n  " + damage;
  return line;
}

nlohmann::ordered_json json_of(const Status& status) {
  nlohmann::ordered_json object{{"run", shown(status.run)},
                                {"state", word(status)},
                                {"alive", status.alive},
                                {"step", status.step},
                                {"total", status.total},
                                {"seconds", status.seconds},
                                {"seconds_left", status.seconds_left()},
                                {"last_return", status.last_return},
                                {"last_return_step", status.return_step},
                                {"checkpoints", status.checkpoints},
                                {"disk_bytes", status.bytes},
                                {"damaged", status.damaged}};
  if (!status.beat) return object;
  const training::Beat& beat = *status.beat;
  object["heartbeat"] = {{"pid", beat.pid},
                         {"age_seconds", beat.age_seconds},
                         {"phase", beat.phase},
                         {"phase_seconds", beat.phase_seconds},
                         {"idle_seconds", beat.idle_seconds},
                         {"updates", beat.updates},
                         {"steps_per_second", beat.steps_per_second},
                         {"memory_mb", beat.memory_mb}};
  return object;
}

}  // namespace

void add_status(CommandLine& line, Shell& shell) {
  Command command = line.add("status", "how far trainings are, and whether they live");
  auto runs = std::make_shared<std::vector<std::string>>();
  command.option("runs", runs.get(), "RUN ...: run directories", {.required = true});
  command.footer("Examples:\n  reverie status runs/demo-seed1\n  reverie status runs/* --json");
  command.action([&shell, runs] {
    auto rows = nlohmann::ordered_json::array();
    for (const std::string& run : *runs) {
      const Status status = status_of(run);
      if (shell.json) {
        rows.push_back(json_of(status));
      } else {
        fmt::print("{}\n", text(status));
      }
    }
    if (shell.json) fmt::print("{}\n", nlohmann::ordered_json{{"runs", rows}}.dump());
    return kDone;
  });
}

}  // namespace reverie::apps
