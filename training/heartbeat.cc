#include "training/heartbeat.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/checksum.h"
#include "base/error.h"
#include "base/files.h"
#include "training/memory_plan.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

fs::path file_of(const fs::path& run) { return run / "heartbeat.json"; }

double seconds_between(std::chrono::steady_clock::time_point a, std::chrono::steady_clock::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Heartbeat::Heartbeat(fs::path run, int64_t total, std::function<void(const std::string&)> on_warning,
                     double seconds, double stalled)
    : run_(std::move(run)),
      run_id_(read_run_id(run_)),
      total_(total),
      on_warning_(std::move(on_warning)),
      seconds_(seconds),
      stalled_(stalled),
      thread_([this] { work(); }) {}

Heartbeat::~Heartbeat() {
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void Heartbeat::enter(const char* phase) {
  if (phase == phase_.load()) return;
  entered_ = Clock::now();
  phase_ = phase;
}

void Heartbeat::reach(int64_t step, int64_t updates) {
  if (first_step_ < 0) {
    first_at_ = Clock::now();
    first_step_ = step;
  }
  if (step != step_ || updates != updates_) stepped_ = Clock::now();
  step_ = step;
  updates_ = updates;
}

void Heartbeat::work() {
  for (bool ended = false; !ended;) {
    write(phase_);
    warn_of_stall();
    const Clock::time_point before = Clock::now();
    {
      std::unique_lock lock(mutex_);
      ended = ended_.wait_for(lock, std::chrono::duration<double>(seconds_), [this] { return ends_; });
    }
    leave_out(before, Clock::now());
  }
  write("ended");
}

// Nobody waits much longer than seconds_ unless the whole process stood still. What the training has set in the meantime
// stays.
void Heartbeat::leave_out(Clock::time_point before, Clock::time_point now) {
  const auto late =
      now - before - std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_));
  if (late < std::chrono::seconds(1)) return;
  for (std::atomic<Clock::time_point>* const time : {&entered_, &stepped_, &first_at_}) {
    Clock::time_point was = *time;
    time->compare_exchange_strong(was, std::min(now, was + late));
  }
}

void Heartbeat::warn_of_stall() {
  const double idle = seconds_between(stepped_, Clock::now());
  if (idle < stalled_) warned_ = false;
  if (idle < stalled_ || warned_ || !on_warning_) return;
  warned_ = true;
  on_warning_(fmt::format("no step for {:.0f} s: it waits for '{}'", idle, phase_.load()));
}

// A disk that refuses is for the training to tell.
void Heartbeat::write(const char* phase) const {
  const Clock::time_point now = Clock::now();
  const double seconds = seconds_between(first_at_, now);
  const int64_t step = std::max<int64_t>(step_, 0), first = std::max<int64_t>(first_step_, 0);
  const nlohmann::ordered_json object{
      {"schema", 1},
      {"run", run_id_},
      {"pid", ::getpid()},
      {"written", unix_seconds()},
      {"phase", phase},
      {"phase_seconds", seconds_between(entered_, now)},
      {"idle_seconds", seconds_between(stepped_, now)},
      {"step", step},
      {"total", total_},
      {"updates", updates_.load()},
      {"steps_per_second", seconds > 0.0 ? static_cast<double>(step - first) / seconds : 0.0},
      {"memory_mb", resident_mb()},
      {base::kSealKey, base::kOpenSeal}};
  try {
    std::string text = object.dump(1) + "\n";
    base::seal(text);
    base::write_file_atomic(file_of(run_), text);
  } catch (const std::exception&) {
    return;
  }
}

Beat read_heartbeat(const fs::path& run) {
  const std::string text = base::read_file(file_of(run), base::kMostText), name = file_of(run).string();
  base::check_seal(text, name);
  try {
    const auto object = nlohmann::json::parse(text);
    if (const std::string id = read_run_id(run), own = object.value("run", ""); !is_same_run(own, id))
      base::throw_user_error("{}: damaged: it is of run {}, and config.toml of run {}", name, own, id);
    return {.pid = object.at("pid"),
            .phase = object.at("phase"),
            .phase_seconds = object.at("phase_seconds"),
            .idle_seconds = object.at("idle_seconds"),
            .step = object.at("step"),
            .total = object.at("total"),
            .updates = object.at("updates"),
            .steps_per_second = object.at("steps_per_second"),
            .memory_mb = object.at("memory_mb"),
            .age_seconds = std::max(0.0, unix_seconds() - object.at("written").get<double>())};
  } catch (const nlohmann::json::exception& error) {
    base::throw_user_error("{}: damaged: {}", name, error.what());
  }
}

}  // namespace reverie::training
