#include "training/verify.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/checksum.h"
#include "base/error.h"
#include "base/files.h"
#include "base/safetensors.h"
#include "contract/episode_store.h"
#include "training/checkpoint.h"
#include "training/data/dataset_list.h"
#include "training/heartbeat.h"
#include "training/metrics.h"
#include "training/recovery.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

constexpr const char* kNoChecksum = "it has no checksum; it can be read";

// Collects what is found below one directory.
class Verifier {
 public:
  Verifier(fs::path root, const base::Stop* stop) : root_(std::move(root)), stop_(stop) {}

  // `look` reads a file and says whether it had a checksum; what it throws is the damage.
  void look(const fs::path& path, const std::function<bool()>& look) {
    base::check_stop(stop_);
    try {
      const bool sealed = look();
      add(path, sealed ? FileState::kOk : FileState::kNotChecked, sealed ? "" : kNoChecksum);
    } catch (const base::UserError& error) {
      add(path, FileState::kDamaged, error.what());
    } catch (const nlohmann::json::exception& error) {
      add(path, FileState::kDamaged, error.what());
    }
  }

  void add(const fs::path& path, FileState state, std::string why) {
    std::string name = path.lexically_relative(root_).string();
    if (why.starts_with(path.string() + ": ")) why.erase(0, path.string().size() + 2);
    out_.files.push_back({std::move(name), state, std::move(why)});
  }

  Verification& out() { return out_; }
  const fs::path& root() const { return root_; }

 private:
  fs::path root_;
  const base::Stop* stop_;
  Verification out_;
};

bool is_sealed(const fs::path& safetensors) {
  return base::SafeTensorsFile(safetensors).metadata().contains(base::kSealKey);
}

// The list of a dataset: its shards must be those in it.
std::optional<DatasetList> look_at_list(Verifier& verifier, const fs::path& directory) {
  std::optional<DatasetList> list;
  const fs::path file = directory / "dataset.json";
  if (!fs::exists(file)) return list;
  verifier.look(file, [&] {
    list = load_dataset_list(directory);
    return true;
  });
  if (!list) return list;
  for (const auto& [name, checksum] : *list)
    if (!fs::exists(directory / name)) verifier.add(directory / name, FileState::kDamaged, "it is missing");
  return list;
}

// Every shard of `directory`, and whether one is missing between them.
void look_at_shards(Verifier& verifier, const fs::path& directory) {
  if (!fs::is_directory(directory)) return;
  const std::optional<DatasetList> list = look_at_list(verifier, directory);
  int64_t number = 0;
  for (const fs::path& path : contract::episode_shards(directory)) {
    for (; !list && path.filename() > shard_path("", number).filename(); ++number)
      verifier.add(directory / shard_path("", number).filename(), FileState::kDamaged, "it is missing");
    if (list && !list->contains(path.filename().string())) {
      verifier.add(path, FileState::kNotChecked, "dataset.json does not name it");
      continue;
    }
    verifier.look(path, [&] {
      if (list) check_listed(*list, path);
      contract::load_episodes(path);
      return list || is_sealed(path);
    });
    ++number;
  }
}

void look_at_checkpoint(Verifier& verifier, const fs::path& directory) {
  const fs::path run = directory.parent_path().parent_path();
  std::optional<Checkpoint> state;
  verifier.look(directory / "state.json", [&] {
    state = load_state(run, directory.filename().string());
    return !state->files.empty();
  });
  const auto written = [&](const char* name) -> std::string {
    if (!state || !state->files.contains(name)) return "";
    return state->files.at(name);
  };
  for (const char* name : {"model.safetensors", "optimizer.safetensors", "running.safetensors"}) {
    const fs::path path = directory / name;
    const bool belongs = name != std::string("running.safetensors") || !state || state->has_environment();
    if (!belongs || (!state && !fs::exists(path))) continue;
    verifier.look(path, [&] {
      const std::string found = base::file_checksum(path);
      if (!written(name).empty() && found != written(name))
        base::throw_user_error("damaged: its bytes have the checksum {}, state.json has {}", found,
                               written(name));
      base::load_safetensors(path);
      return !written(name).empty();
    });
  }
}

// Which of the shards are not those that the checkpoints count.
void look_at_order_of_shards(Verifier& verifier, const fs::path& run, const std::vector<std::string>& names) {
  ShardChecks shards(run);
  int64_t fitting = 0;
  for (const std::string& name : names) {
    std::optional<std::string> fault;
    int64_t count = 0;
    try {
      const Checkpoint state = load_state(run, name);
      if (!state.has_environment()) continue;
      count = state.shards;
      fault = shards.fault(count, state.shards_checksum);
    } catch (const base::UserError&) {
      continue;  // told of already
    }
    if (!fault) {
      fitting = std::max(fitting, count);
      continue;
    }
    verifier.add(run / "episodes", FileState::kDamaged,
                 fmt::format("shards {} to {} are not those that checkpoint {} counts: {}", fitting,
                             count - 1, name, *fault));
    return;
  }
}

// Rows are written whenever the training comes to a multiple of log_every: up to `step` none may be missing.
void expect_rows_until(int64_t step, int64_t last, const fs::path& run) {
  const int64_t every = read_run_config(run).log_every, due = step / every * every;
  if (due > last)
    base::throw_user_error("damaged: its rows end at step {}, expected one of step {} or after it", last,
                           due);
}

// What the newest checkpoint counts on.
void expect_all_rows(int64_t last, const fs::path& run) {
  const std::vector<std::string> names = list_checkpoints(run);
  if (names.empty()) return;
  const Checkpoint state = load_state(run, names.back());
  expect_rows_until(state.owed_row ? state.step() - 1 : state.step(), last, run);
}

// The first row of a file goes on from the last one of the file before: a row is due whenever a round of all environments
// has come to a multiple of log_every.
void expect_to_go_on(int64_t first, const std::optional<int64_t>& last, const fs::path& run) {
  if (!last) return;
  if (first < *last)
    base::throw_user_error("damaged: it begins at step {}, behind the file before it, which ends at {}",
                           first, *last);
  const TrainConfig config = read_run_config(run);
  const int64_t round = config.envs * config.action_repeat;
  const int64_t due = std::max<int64_t>(0, first - round) / config.log_every * config.log_every;
  if (due > *last)
    base::throw_user_error(
        "damaged: it begins at step {} and the file before it ends at {}, expected a row of step {} between",
        first, *last, due);
}

void look_at_metrics(Verifier& verifier, const fs::path& run) {
  std::vector<fs::path> files = metrics_files(run);
  if (files.empty() && !has_checkpoint(run)) return;
  if (files.empty()) files.push_back(run / "metrics.jsonl");
  std::optional<int64_t> last;  // step of the row before
  int64_t number = 1;
  for (const fs::path& file : files) {
    for (; number < metrics_part(file); ++number) {
      last.reset();
      verifier.add(run / fmt::format("metrics.{}.jsonl", number), FileState::kDamaged, "it is missing");
    }
    ++number;
    verifier.look(file, [&] {
      const bool exists = fs::exists(file);
      const std::vector<MetricRow> rows = exists ? read_metrics_file(file) : std::vector<MetricRow>();
      const std::string text = exists ? base::read_file(file) : "";
      const bool sealed = text.find(fmt::format("\"{}\":", base::kSealKey)) != std::string::npos;
      const std::optional<int64_t> before = std::exchange(last, std::nullopt);  // unless this one is whole
      if (rows.empty() && metrics_part(file) > 0) base::throw_user_error("damaged: it has no rows");
      if (!rows.empty()) expect_to_go_on(rows.front().step, before, run);
      last = rows.empty() ? before : rows.back().step;
      if (file == files.back() && (sealed || rows.empty())) expect_all_rows(last.value_or(0), run);
      return sealed;
    });
  }
}

void look_at_links(Verifier& verifier, const fs::path& run) {
  for (const char* name : {"last", "best", "most_faithful"}) {
    const fs::path link = run / "checkpoints" / name;
    if (fs::is_symlink(link) && !fs::exists(link / "state.json"))
      verifier.add(link, FileState::kDamaged,
                   fmt::format("it names {}, which is not there", fs::read_symlink(link).string()));
  }
}

void look_at_report(Verifier& verifier, const fs::path& directory) {
  nlohmann::json report;
  verifier.look(directory / "report.json", [&] {
    const std::string text = base::read_file(directory / "report.json");
    const bool sealed = base::check_seal(text, (directory / "report.json").string());
    report = nlohmann::json::parse(text);
    if (!report.is_object() || !report.contains("schema"))
      base::throw_user_error("expected a report of reverie evaluate");
    return sealed;
  });
  if (!report.is_object() || !report.contains("files") || !report["files"].is_object()) return;
  for (const auto& [name, written] : report["files"].items()) {
    const fs::path path = directory / fs::path(name).filename();
    verifier.look(path, [&, &written = written] {
      if (const std::string found = base::file_checksum(path); found != written.get<std::string>())
        base::throw_user_error("damaged: its bytes have the checksum {}, report.json has {}", found,
                               written.get<std::string>());
      return true;
    });
  }
}

void say_what_resumes(Verification& out, const fs::path& run) {
  try {
    read_run_config(run);
    if (!has_checkpoint(run)) {
      out.resume = "it has no checkpoint yet: --resume begins anew";
    } else {
      const Recovered found = find_whole(run, Use::kResume);
      out.resume = found.passed.empty()
                       ? fmt::format("it can be resumed from its last checkpoint, {}", found.name)
                       : recovery_text(found);
    }
    out.resumes = true;
  } catch (const base::UserError& error) {
    out.resume = fmt::format("it cannot be resumed: {}", error.what());
  }
}

// A config.toml that no checkpoint names is that of another run.
void look_at_config(Verifier& verifier, const fs::path& run, const std::vector<std::string>& names) {
  verifier.look(run / "config.toml", [&] {
    const std::string text = base::read_file(run / "config.toml");
    read_run_config(run);
    const std::string id = read_run_id(run);
    std::vector<std::string> others;
    for (const std::string& name : names) {
      const std::string own = read_checkpoint_run_id(run, name);
      if (is_same_run(own, id)) return base::check_seal(text, (run / "config.toml").string());
      others.push_back(own);
    }
    if (!others.empty())
      base::throw_user_error("damaged: it is of run {}, and every checkpoint of run {}", id, others.back());
    return base::check_seal(text, (run / "config.toml").string());
  });
}

// Directories of checkpoints, those too whose state.json is gone.
std::vector<std::string> checkpoint_directories(const fs::path& run) {
  std::vector<std::string> names;
  if (!fs::is_directory(run / "checkpoints")) return names;
  for (const fs::directory_entry& entry : fs::directory_iterator(run / "checkpoints"))
    if (!entry.is_symlink() && is_step_name(entry.path().filename().string()))
      names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

void look_at_run(Verifier& verifier) {
  const fs::path& run = verifier.root();
  const std::vector<std::string> names = checkpoint_directories(run);
  look_at_config(verifier, run, names);
  look_at_metrics(verifier, run);
  if (fs::exists(run / "heartbeat.json"))
    verifier.look(run / "heartbeat.json", [&] {
      read_heartbeat(run);
      return true;
    });
  for (const std::string& name : names) look_at_checkpoint(verifier, run / "checkpoints" / name);
  look_at_links(verifier, run);
  look_at_shards(verifier, run / "episodes");
  look_at_order_of_shards(verifier, run, names);
  if (fs::is_directory(run / "evaluation")) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(run / "evaluation"))
      if (entry.path().filename() == "report.json") look_at_report(verifier, entry.path().parent_path());
  }
  say_what_resumes(verifier.out(), run);
}

}  // namespace

const char* state_name(FileState state) {
  switch (state) {
    case FileState::kOk:
      return "ok";
    case FileState::kDamaged:
      return "damaged";
    case FileState::kNotChecked:
      return "not checked";
  }
  return "";
}

bool Verification::whole() const {
  return std::ranges::none_of(files, [](const FileCheck& f) { return f.state == FileState::kDamaged; });
}

Verification verify(const fs::path& path, const base::Stop* stop) {
  const bool names_report = path.filename() == "report.json";
  Verifier verifier(names_report ? path.parent_path() : path, stop);
  Verification& out = verifier.out();
  if (is_run_directory(path)) {
    out.kind = "run";
    look_at_run(verifier);
  } else if (names_report || fs::exists(path / "report.json")) {
    out.kind = "report";
    look_at_report(verifier, verifier.root());
  } else if (fs::is_directory(path) && !contract::episode_shards(path).empty()) {
    out.kind = "dataset";
    look_at_shards(verifier, path);
  } else {
    base::throw_user_error("{}: expected a run directory, a directory of episodes or a report",
                           path.string());
  }
  return out;
}

}  // namespace reverie::training
