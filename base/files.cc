#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "base/disk_full.h"
#include "base/error.h"

namespace reverie::base {
namespace {

// A file descriptor that closes itself.
struct Descriptor {
  int fd = -1;
  explicit Descriptor(int value) : fd(value) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

using ConstBytes = std::span<const std::byte>;
using Bytes = std::span<std::byte>;

constexpr size_t kGathered = size_t{1} << 16;  // smaller pieces go to and from the disk together

// Writes bytes to an open file. Small pieces are gathered, large ones are not copied.
class Writer {
 public:
  Writer(int fd, const std::filesystem::path& path, const Stop* stop) : fd_(fd), path_(path), stop_(stop) {}

  void put(ConstBytes bytes) {
    if (held_.size() + bytes.size() > kGathered) flush();
    if (bytes.size() > kGathered) return write(bytes);
    held_.insert(held_.end(), bytes.begin(), bytes.end());
  }

  void flush() {
    write(held_);
    held_.clear();
  }

 private:
  void write(ConstBytes bytes) {
    constexpr size_t kPiece = size_t{1} << 25;  // of a long file: the disk has it before the next one
    while (!bytes.empty()) {
      check_stop(stop_);
      if (unsynced_ >= kPiece) {
        if (::fdatasync(fd_) != 0) throw_disk_error(path_, "fsync", errno);
        unsynced_ = 0;
      }
      const ssize_t n = ::write(fd_, bytes.data(), std::min(kPiece, bytes.size()));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw_disk_error(path_, "write", errno);
      unsynced_ += static_cast<size_t>(n);
      bytes = bytes.subspan(static_cast<size_t>(n));
    }
  }

  int fd_;
  const std::filesystem::path& path_;
  const Stop* stop_;
  std::vector<std::byte> held_;
  size_t unsynced_ = 0;
};

void write_and_sync(const std::filesystem::path& temporary, std::span<const ConstBytes> pieces,
                    const Stop* stop) {
  const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.fd < 0) throw_disk_error(temporary, "create", errno);
  Writer writer(file.fd, temporary, stop);
  for (const ConstBytes piece : pieces) writer.put(piece);
  writer.flush();
  if (::fsync(file.fd) != 0) throw_disk_error(temporary, "fsync", errno);
}

// A descriptor to read from; throws UserError.
int open_to_read(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) {
    throw_user_error("{}: is a directory, expected a file", path.string());
  }
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw_disk_error(path, "read", errno);
  return fd;
}

// All of `bytes` from `offset` on.
void read_at(int fd, uint64_t offset, Bytes bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_disk_error(path, "read", errno);
    if (n == 0) throw_user_error("{}: truncated: ends at byte {}", path.string(), offset);
    offset += static_cast<uint64_t>(n);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

}  // namespace

void throw_disk_error(const std::string& path, const char* what, int error) {
  const std::string text =
      fmt::format("{}: cannot {}: {}", path, what, std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) throw DiskFull(text);
  throw UserError(text);
}

void write_file_atomic(const std::filesystem::path& path, std::span<const ConstBytes> pieces,
                       const Stop* stop) {
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  // The process id keeps two processes that write the same path from sharing one temporary file.
  const std::filesystem::path temporary = fmt::format("{}.{}.tmp", path.string(), ::getpid());
  try {
    write_and_sync(temporary, pieces, stop);
    if (std::rename(temporary.c_str(), path.c_str()) != 0) throw_disk_error(path, "rename into place", errno);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw;
  }
  const Descriptor parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.fd < 0) throw_disk_error(directory, "open", errno);
  // Some file systems cannot sync a directory and say EINVAL: the rename itself has happened.
  if (::fsync(parent.fd) != 0 && errno != EINVAL) throw_disk_error(directory, "fsync", errno);
}

void write_file_atomic(const std::filesystem::path& path, ConstBytes bytes, const Stop* stop) {
  write_file_atomic(path, std::span(&bytes, 1), stop);
}

void write_file_atomic(const std::filesystem::path& path, std::string_view text, const Stop* stop) {
  write_file_atomic(path, std::as_bytes(std::span(text)), stop);
}

std::string read_file(const std::filesystem::path& path, uint64_t most) {
  const Descriptor file(open_to_read(path));
  std::string text;
  size_t used = 0;
  std::error_code ignored;
  const uintmax_t size = std::filesystem::file_size(path, ignored);
  const auto check_size = [&](uintmax_t bytes) {
    if (bytes > most) throw_user_error("{}: too large, at most {} bytes are read", path.string(), most);
  };
  if (!ignored) check_size(size);
  text.resize(ignored ? 4096 : static_cast<size_t>(size) + 1);
  for (;;) {
    if (used == text.size()) text.resize(2 * text.size());
    const ssize_t n = ::read(file.fd, text.data() + used, text.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_disk_error(path, "read", errno);
    if (n == 0) break;
    used += static_cast<size_t>(n);
    check_size(used);
  }
  text.resize(used);
  return text;
}

FileReader::FileReader(std::filesystem::path path) : path_(std::move(path)), fd_(open_to_read(path_)) {
  struct stat facts = {};
  if (::fstat(fd_, &facts) != 0) {
    const int error = errno;
    ::close(fd_);
    throw_disk_error(path_, "read", error);
  }
  size_ = static_cast<uint64_t>(facts.st_size);
}

FileReader::~FileReader() { ::close(fd_); }

void FileReader::read(uint64_t offset, std::span<const Bytes> pieces) const {
  uint64_t left = 0;  // bytes that are still to be read
  for (const Bytes piece : pieces) left += piece.size();
  std::vector<std::byte> ahead;  // read, and handed out up to `used`
  size_t used = 0;
  const auto read_next = [&](Bytes bytes) {
    read_at(fd_, offset, bytes, path_);
    offset += bytes.size();
    left -= bytes.size();
  };
  for (Bytes piece : pieces) {
    while (!piece.empty()) {
      if (used == ahead.size() && piece.size() >= kGathered) {
        read_next(piece);
        break;
      }
      if (used == ahead.size()) {
        ahead.resize(std::min<uint64_t>(kGathered, left));
        read_next(ahead);
        used = 0;
      }
      const size_t n = std::min(piece.size(), ahead.size() - used);
      std::ranges::copy(Bytes(ahead).subspan(used, n), piece.begin());
      used += n;
      piece = piece.subspan(n);
    }
  }
}

void FileReader::read(uint64_t offset, Bytes bytes) const { read(offset, std::span(&bytes, 1)); }

std::string content_hash(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace reverie::base
