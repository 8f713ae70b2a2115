#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/disk_full.h"
#include "base/error.h"

namespace reverie::base {
namespace {

constexpr size_t kGathered = size_t{1} << 16;  // smaller pieces go to the disk together
constexpr size_t kPiece = size_t{1} << 25;     // of a long file: the disk has it before the next one

// The path. Throws UserError when a device or a pipe is there, in whose place a file would be put.
std::filesystem::path replaceable(std::filesystem::path path) {
  std::error_code none;
  const std::filesystem::file_status there = std::filesystem::status(path, none);
  if (std::filesystem::is_other(there))
    throw_user_error("{}: expected the path of a file, found a device or a pipe", path.string());
  return path;
}

}  // namespace

void sync_directory_of(const std::filesystem::path& path) {
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw_disk_error(directory, "open", errno);
  // Some file systems cannot sync a directory and say EINVAL: the rename itself has happened.
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (error != 0 && error != EINVAL) throw_disk_error(directory, "fsync", error);
}

AtomicFile::AtomicFile(std::filesystem::path path, const Stop* stop)
    : path_(replaceable(std::move(path))),
      // The process id keeps two processes that write the same path from sharing one temporary file.
      temporary_(fmt::format("{}.{}.tmp", path_.string(), ::getpid())),
      stop_(stop),
      fd_(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (fd_ < 0) throw_disk_error(temporary_, "create", errno);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::put(std::span<const std::byte> bytes) {
  if (held_.size() + bytes.size() > kGathered) flush();
  if (bytes.size() > kGathered) return write(bytes);
  held_.insert(held_.end(), bytes.begin(), bytes.end());
}

void AtomicFile::put(std::string_view text) { put(std::as_bytes(std::span(text))); }

void AtomicFile::flush() {
  write(held_);
  held_.clear();
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    check_stop(stop_);
    if (unsynced_ >= kPiece) {
      if (::fdatasync(fd_) != 0) throw_disk_error(temporary_, "fsync", errno);
      unsynced_ = 0;
    }
    const ssize_t n = ::write(fd_, bytes.data(), std::min(kPiece, bytes.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_disk_error(temporary_, "write", errno);
    unsynced_ += static_cast<size_t>(n);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

void AtomicFile::commit() {
  flush();
  if (::fsync(fd_) != 0) throw_disk_error(temporary_, "fsync", errno);
  ::close(std::exchange(fd_, -1));
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
    throw_disk_error(path_, "rename into place", errno);
  temporary_.clear();
  sync_directory_of(path_);
}

}  // namespace reverie::base
