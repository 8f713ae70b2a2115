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

#include "base/atomic_file.h"
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

constexpr size_t kGathered = size_t{1} << 16;  // smaller pieces come from the disk together

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
  AtomicFile file(path, stop);
  for (const ConstBytes piece : pieces) file.put(piece);
  file.commit();
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
