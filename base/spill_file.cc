#include "base/spill_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/disk_full.h"

namespace reverie::base {
namespace {

constexpr const char* kWhat = "keep numbers that have no room in memory";

// Not every file system knows files without a name: there it loses its name at once.
int open_nameless(const std::filesystem::path& folder) {
  int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
  std::string name = (folder / "spill-XXXXXX.tmp").string();
  fd = ::mkostemps(name.data(), 4, O_CLOEXEC);
  if (fd >= 0) ::unlink(name.c_str());
  return fd;
}

}  // namespace

SpillFile::SpillFile(std::filesystem::path folder) : folder_(std::move(folder)), fd_(open_nameless(folder_)) {
  if (fd_ < 0) throw_disk_error(folder_.string(), kWhat, errno);
}

SpillFile::~SpillFile() { ::close(fd_); }

uint64_t SpillFile::append(std::span<const float> numbers) {
  const uint64_t offset = end_;
  for (std::span<const std::byte> bytes = std::as_bytes(numbers); !bytes.empty();) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(end_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_disk_error(folder_.string(), kWhat, errno);
    end_ += static_cast<uint64_t>(n);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return offset;
}

void SpillFile::read(uint64_t offset, std::span<float> numbers) const {
  for (std::span<std::byte> bytes = std::as_writable_bytes(numbers); !bytes.empty();) {
    const ssize_t n = ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      throw_disk_error(folder_.string(), "read numbers back that had no room in memory", n < 0 ? errno : EIO);
    offset += static_cast<uint64_t>(n);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

// Where it cannot be done the file keeps its size.
void SpillFile::forget(uint64_t offset, uint64_t bytes) {
  [[maybe_unused]] const int ignored = ::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                                   static_cast<off_t>(offset), static_cast<off_t>(bytes));
}

}  // namespace reverie::base
