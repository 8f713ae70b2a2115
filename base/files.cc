#include "base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <system_error>

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

[[noreturn]] void throw_disk_error(const std::filesystem::path& path, const char* what, int error) {
  throw_user_error("{}: cannot {}: {}", path.string(), what, std::generic_category().message(error));
}

void write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path,
               const Stop* stop) {
  constexpr size_t kPiece = size_t{1} << 25;  // of a long file: the disk has it before the next one
  size_t done = 0;
  while (done < bytes.size()) {
    check_stop(stop);
    if (done > 0 && ::fdatasync(fd) != 0) throw_disk_error(path, "fsync", errno);
    const ssize_t n = ::write(fd, bytes.data() + done, std::min(kPiece, bytes.size() - done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_disk_error(path, "write", errno);
    done += static_cast<size_t>(n);
  }
}

void write_and_sync(const std::filesystem::path& temporary, std::span<const std::byte> bytes,
                    const Stop* stop) {
  const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.fd < 0) throw_disk_error(temporary, "create", errno);
  write_all(file.fd, bytes, temporary, stop);
  if (::fsync(file.fd) != 0) throw_disk_error(temporary, "fsync", errno);
}

}  // namespace

void write_file_atomic(const std::filesystem::path& path, std::span<const std::byte> bytes,
                       const Stop* stop) {
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  // The process id keeps two processes that write the same path from sharing one temporary file.
  const std::filesystem::path temporary = fmt::format("{}.{}.tmp", path.string(), ::getpid());
  try {
    write_and_sync(temporary, bytes, stop);
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

void write_file_atomic(const std::filesystem::path& path, std::string_view text, const Stop* stop) {
  write_file_atomic(path, std::as_bytes(std::span(text)), stop);
}

std::string read_file(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) {
    throw_user_error("{}: is a directory, expected a file", path.string());
  }
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0) {
    throw_user_error("{}: cannot read: {}", path.string(), std::generic_category().message(errno));
  }
  std::string text;
  size_t used = 0;
  std::error_code ignored;
  const uintmax_t size = std::filesystem::file_size(path, ignored);
  text.resize(ignored ? 4096 : static_cast<size_t>(size) + 1);
  for (;;) {
    if (used == text.size()) text.resize(2 * text.size());
    const ssize_t n = ::read(file.fd, text.data() + used, text.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_user_error("{}: cannot read: {}", path.string(), std::generic_category().message(errno));
    if (n == 0) break;
    used += static_cast<size_t>(n);
  }
  text.resize(used);
  return text;
}

std::string content_hash(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace reverie::base
