#include "training/run_directory.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <thread>

#include "base/checksum.h"
#include "base/disk_full.h"
#include "base/error.h"
#include "base/files.h"
#include "training/presets.h"
#include "training/run.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

// An open descriptor that holds the lock in `mode`, or -1 when another process has it.
int take_lock(const fs::path& run, int mode) {
  const std::string path = (run / ".lock").string();
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) base::throw_disk_error(path, "open", errno);
  if (flock(file, mode | LOCK_NB) == 0) return file;
  close(file);
  return -1;
}

// Nothing is there, or an empty directory: a lock in it is that of a process that has written nothing.
void expect_free(const fs::path& run) {
  if (!fs::exists(run)) return;
  const auto counts = [](const fs::directory_entry& entry) { return entry.path().filename() != ".lock"; };
  if (fs::is_directory(run) && std::ranges::none_of(fs::directory_iterator(run), counts)) return;
  const std::string go_on =
      is_run_directory(run) ? fmt::format(", or go on with --resume {}", run.string()) : "";
  throw RunTaken(fmt::format("{}: already there; a run is never overwritten: choose another --out{}",
                             run.string(), go_on));
}

std::string read_config_text(const fs::path& path) {
  std::string text = base::read_file(path, base::kMostText);
  try {
    base::check_seal(text, path.string());
  } catch (const base::UserError& error) {
    base::throw_user_error("{}; whoever edited it removes its first line", error.what());
  }
  if (text.find('=') == std::string::npos) base::throw_user_error("{}: damaged: no key in it", path.string());
  return text;
}

constexpr std::string_view kRunKey = "# \"run\": \"";
constexpr size_t kRunDigits = 16;

void write_config(const fs::path& run, const std::string& id, const std::string& content) {
  std::string text = fmt::format("# \"{}\": \"{}\", of this file: whoever edits it removes this line\n",
                                 base::kSealKey, base::kOpenSeal);
  if (!id.empty()) text += fmt::format("{}{}\", which its other files name too\n", kRunKey, id);
  text += content;
  base::seal(text);
  base::write_file_atomic(run / "config.toml", text);
}

// fields() refers to members of a config that may be changed.
std::string config_text(TrainConfig config) { return base::dump_toml(fields(config), true); }

std::string checkpoint_name(int64_t step) { return fmt::format("{:09}", step); }

}  // namespace

RunName split_run_name(const std::string& text) {
  const size_t at = text.rfind('@');
  if (fs::exists(text) || at == std::string::npos) return {text, "last"};
  return {text.substr(0, at), text.substr(at + 1)};
}

bool is_step_name(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_run_directory(const fs::path& path) { return fs::is_regular_file(path / "config.toml"); }

void create_run_directory(const fs::path& run, const TrainConfig& config) {
  expect_free(run);
  fs::create_directories(run);
  const std::string text = config_text(config);
  write_config(run, base::content_hash(text), text);  // first: from here on the run can be resumed
  create_run_folders(run);
}

void create_run_folders(const fs::path& run) {
  for (const char* folder : {"checkpoints", "episodes"}) fs::create_directory(run / folder);
}

std::string read_run_id(const fs::path& run) {
  if (!is_run_directory(run)) return "";
  const std::string text = base::read_file(run / "config.toml", base::kMostText);
  const size_t at = text.find(kRunKey);
  if (at == std::string::npos || (at > 0 && text[at - 1] != '\n')) return "";
  return text.substr(at + kRunKey.size(), kRunDigits);
}

void write_run_config(const fs::path& run, const TrainConfig& config) {
  write_config(run, read_run_id(run), config_text(config));
}

TrainConfig read_run_config(const fs::path& run) {
  if (!fs::exists(run)) base::throw_user_error("{}: no such run directory", run.string());
  if (!is_run_directory(run)) {
    base::throw_user_error("{}: not a run directory: expected a config.toml in it", run.string());
  }
  TrainConfig config;
  config.model.kind = "joint_embedding";  // of runs that are older than the choice
  base::load_toml(fields(config), read_config_text(run / "config.toml"), (run / "config.toml").string());
  check_config(config);
  // A config.toml may be written by hand or be older than size names: the sizes in it count.
  if (const std::string size = size_of(config.model); config.size == "auto" && size != "custom")
    config.size = size;
  return config;
}

fs::path checkpoint_directory(const fs::path& run, int64_t step) {
  return run / "checkpoints" / checkpoint_name(step);
}

void link_checkpoint(const fs::path& run, std::string_view link, int64_t step) {
  const fs::path target = run / "checkpoints" / link;
  const fs::path temporary = run / "checkpoints" / fmt::format("{}.new", link);
  fs::remove(temporary);
  fs::create_directory_symlink(checkpoint_name(step), temporary);
  fs::rename(temporary, target);
}

std::vector<std::string> list_checkpoints(const fs::path& run) {
  std::vector<std::string> names;
  if (!fs::is_directory(run / "checkpoints")) return names;
  for (const fs::directory_entry& entry : fs::directory_iterator(run / "checkpoints")) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_symlink() && is_step_name(name) && fs::exists(entry.path() / "state.json"))
      names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

// Whoever asks is_locked() at this moment is gone after a few tries.
RunLock::RunLock(const fs::path& run) : file_(take_lock(run, LOCK_EX)) {
  for (int i = 0; i < 5 && file_ < 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    file_ = take_lock(run, LOCK_EX);
  }
  if (file_ < 0) throw RunTaken(fmt::format("{}: another process is training in it", run.string()));
}

RunLock::~RunLock() { close(file_); }

RunLock lock_new_run(const fs::path& run) {
  expect_free(run);
  fs::create_directories(run);
  return RunLock(run);
}

int64_t disk_bytes(const fs::path& directory) {
  int64_t bytes = 0;
  std::error_code ignored;  // files come and go while a training writes
  for (fs::recursive_directory_iterator it(directory, ignored), end; it != end; it.increment(ignored)) {
    if (!it->is_symlink(ignored) && it->is_regular_file(ignored))
      if (const uintmax_t size = it->file_size(ignored); !ignored) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

bool is_locked(const fs::path& run) {
  if (!fs::exists(run / ".lock")) return false;
  const int file = take_lock(run, LOCK_SH);
  if (file < 0) return true;
  close(file);
  return false;
}

std::string resolve_checkpoint(const fs::path& run, std::string_view checkpoint) {
  const std::vector<std::string> names = list_checkpoints(run);
  if (names.empty()) base::throw_user_error("{}: has no checkpoint yet", run.string());
  std::string name(checkpoint);
  if (checkpoint == "last" || checkpoint == "best" || checkpoint == "most_faithful") {
    const fs::path link = run / "checkpoints" / checkpoint;
    if (fs::is_symlink(link)) {
      name = fs::read_symlink(link).filename().string();
    } else if (checkpoint == "last") {
      name = names.back();
    }
  } else if (is_step_name(checkpoint)) {
    name = checkpoint_name(std::stoll(name));
  }
  if (std::ranges::find(names, name) == names.end()) {
    base::throw_user_error("{}: no checkpoint '{}'; expected last, best, most_faithful or one of {}",
                           run.string(), checkpoint, fmt::join(names, ", "));
  }
  return name;
}

fs::path fresh_run_path(const fs::path& parent, std::string_view name) {
  std::string stem(name.ends_with(".toml") ? fs::path(name).stem().string() : name);
  std::ranges::replace(stem, '/', '-');
  stem += fmt::format("-{:%Y%m%d-%H%M%S}", fmt::localtime(std::time(nullptr)));
  fs::path path = parent / stem;
  for (int i = 2; fs::exists(path); ++i) path = parent / fmt::format("{}-{}", stem, i);
  return path;
}

}  // namespace reverie::training
