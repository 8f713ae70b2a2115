#include "training/recovery.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <system_error>
#include <utility>

#include "base/checksum.h"
#include "base/error.h"
#include "base/safetensors.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

// A file that is there and may not be read is no damage: to go back would throw work away.
void expect_readable(const fs::path& path) {
  if (::access(path.c_str(), R_OK) != 0 && errno != ENOENT)
    base::throw_user_error("{}: cannot be read: {}", path.string(), std::generic_category().message(errno));
}

void expect_readable_files(const fs::path& directory) {
  expect_readable(directory);
  if (!fs::is_directory(directory)) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) expect_readable(entry.path());
}

// Every checkpoint's name, newest first, from the one that `last` names on. One without a state.json counts: it was
// whole when the link was made.
std::vector<std::string> candidates(const fs::path& run) {
  std::vector<std::string> names = list_checkpoints(run);
  std::string last = names.empty() ? "" : names.back();
  if (const fs::path link = run / "checkpoints" / "last"; fs::is_symlink(link)) {
    last = fs::read_symlink(link).filename().string();
    if (std::ranges::find(names, last) == names.end()) names.push_back(last);
  }
  std::erase_if(names, [&](const std::string& name) { return name > last; });
  std::ranges::sort(names, std::greater<>());
  return names;
}

}  // namespace

void ShardChecks::look_at(int64_t count) {
  while (std::ssize(checksums_) <= count && fault_.empty()) {
    const fs::path path = shard_path(run_, std::ssize(checksums_) - 1);
    expect_readable(path);
    try {
      const base::SafeTensorsFile whole(path);
      checksums_.push_back(next_shards_checksum(checksums_.back(), base::file_checksum(path)));
    } catch (const base::UserError& error) {
      fault_ = error.what();
    }
  }
}

std::optional<std::string> ShardChecks::fault(int64_t count, const std::string& checksum) {
  look_at(count);
  if (std::ssize(checksums_) <= count) return fault_;
  if (checksum.empty() || checksums_[static_cast<size_t>(count)] == checksum) return std::nullopt;
  return fmt::format("{}: damaged: its first {} shards are not those that were written here",
                     (run_ / "episodes").string(), count);
}

const std::string& ShardChecks::checksum(int64_t count) const {
  return checksums_.at(static_cast<size_t>(count));
}

Recovered find_whole(const fs::path& run, Use use) {
  ShardChecks shards(run);
  Recovered found;
  for (const std::string& name : candidates(run)) {
    expect_readable_files(run / "checkpoints" / name);
    try {
      Checkpoint checkpoint = load_checkpoint(run, name, use == Use::kWeights);
      if (use == Use::kResume && checkpoint.has_environment()) {
        if (auto fault = shards.fault(checkpoint.shards, checkpoint.shards_checksum))
          throw base::UserError(*fault);
        checkpoint.shards_checksum = shards.checksum(checkpoint.shards);
      }
      found.name = name;
      found.checkpoint = std::move(checkpoint);
      return found;
    } catch (const NewerSchema&) {
      throw;
    } catch (const base::UserError& error) {
      found.passed.push_back({name, error.what()});
    }
  }
  if (found.passed.empty()) base::throw_user_error("{}: has no checkpoint yet", run.string());
  base::throw_user_error("{}: none of its {} checkpoints is whole; {}: {}", run.string(), found.passed.size(),
                         found.passed.front().checkpoint, found.passed.front().fault);
}

bool has_checkpoint(const fs::path& run) { return !candidates(run).empty(); }

std::string recovery_text(const Recovered& found) {
  const PassedOver& first = found.passed.front();
  const std::string more =
      found.passed.size() > 1 ? fmt::format(", {} before it too", found.passed.size() - 1) : "";
  return fmt::format("checkpoint {} is damaged{} ({}): {} is used", first.checkpoint, more, first.fault,
                     found.name);
}

void set_aside_after(const fs::path& run, const std::string& name) {
  std::vector<fs::path> later;
  for (const fs::directory_entry& entry : fs::directory_iterator(run / "checkpoints")) {
    const std::string other = entry.path().filename().string();
    if (!entry.is_symlink() && is_step_name(other) && other > name) later.push_back(entry.path());
  }
  for (const fs::path& path : later) {
    const fs::path aside = path.string() + ".damaged";
    fs::remove_all(aside);
    fs::rename(path, aside);
  }
}

}  // namespace reverie::training
