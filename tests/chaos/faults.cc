// Faults of a machine, preloaded into a process: a power cut in the middle of a write, a disk that refuses, a directory
// that vanishes, memory that runs out, a clock that is set back.
//
//   LD_PRELOAD=libreverie_faults.so REVERIE_FAULT=<kind> REVERIE_FAULT_AT=<n> REVERIE_FAULT_FOLDER=<absolute path> reverie ...
//
//   torn       at the n-th write below the folder only some bytes of it are written, every file there keeps what was
//              synced and a part of the rest, and the process is killed
//   read-only  from the n-th write on nothing below the folder can be written, made or renamed
//   vanished   at the n-th write the folder is renamed to <folder>.gone
//   memory     the n-th allocation of 32 KB or more from the first write on, and every later one, gets nothing
//   clock      after n milliseconds the clock says a day less
//
// How many bytes stay follows from n. Writes that the C library makes for itself (stdio) are not seen.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

enum class Kind { kNone, kTorn, kReadOnly, kVanished, kMemory, kClock };

Kind kind_of(const char* name) {
  if (name == nullptr) return Kind::kNone;
  if (std::strcmp(name, "torn") == 0) return Kind::kTorn;
  if (std::strcmp(name, "read-only") == 0) return Kind::kReadOnly;
  if (std::strcmp(name, "vanished") == 0) return Kind::kVanished;
  if (std::strcmp(name, "memory") == 0) return Kind::kMemory;
  return std::strcmp(name, "clock") == 0 ? Kind::kClock : Kind::kNone;
}

constexpr size_t kLarge = 32 << 10;
constexpr int kFiles = 1024;

struct Plan {
  Kind kind = kind_of(std::getenv("REVERIE_FAULT"));
  long at = std::getenv("REVERIE_FAULT_AT") != nullptr ? std::atol(std::getenv("REVERIE_FAULT_AT")) : 0;
  const char* folder = std::getenv("REVERIE_FAULT_FOLDER");
};

const Plan& plan() {
  static const Plan the;
  return the;
}

std::atomic<long> writes{0}, allocations{0};
std::atomic<bool> has_written{false};
std::atomic<off_t> synced[kFiles], written[kFiles];  // bytes of each open file

template <typename F>
F real(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

bool is_below(const char* path) {
  const char* const folder = plan().folder;
  if (folder == nullptr || path == nullptr) return false;
  char full[PATH_MAX];
  if (path[0] != '/') {
    if (getcwd(full, sizeof full) == nullptr) return false;
    std::strncat(full, "/", sizeof full - std::strlen(full) - 1);
    std::strncat(full, path, sizeof full - std::strlen(full) - 1);
    path = full;
  }
  const size_t size = std::strlen(folder);
  return std::strncmp(path, folder, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

bool is_counted(int fd) {
  if (fd < 3 || fd >= kFiles || plan().kind == Kind::kNone) return false;
  char link[64], path[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return false;
  path[size] = '\0';
  return is_below(path);
}

bool refuses(const char* path) {
  return plan().kind == Kind::kReadOnly && writes >= plan().at && is_below(path);
}

// What was synced, and some bytes of the rest.
void cut_power(long n) {
  for (int fd = 3; fd < kFiles; ++fd) {
    const off_t safe = synced[fd], end = written[fd];
    if (end > safe && is_counted(fd) && ftruncate(fd, safe + n * 7919 % (end - safe + 1)) != 0) continue;
  }
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Before a write. How many of its bytes may be written, or -1 with errno.
ssize_t allowed(int fd, size_t count) {
  const auto all = static_cast<ssize_t>(count);
  if (!is_counted(fd)) return all;
  has_written = true;
  const long n = ++writes;
  if (plan().kind == Kind::kVanished && n == plan().at) {
    char gone[PATH_MAX];
    std::snprintf(gone, sizeof gone, "%s.gone", plan().folder);
    real<int (*)(const char*, const char*)>("rename")(plan().folder, gone);
  }
  if (plan().kind == Kind::kReadOnly && n >= plan().at) {
    errno = EROFS;
    return -1;
  }
  if (plan().kind == Kind::kTorn && n == plan().at) return n * 104729 % (all + 1);
  return all;
}

void after_write(int fd, ssize_t done) {
  if (done < 0 || !is_counted(fd)) return;
  struct stat facts {};
  if (fstat(fd, &facts) == 0) written[fd] = facts.st_size;
  if (plan().kind == Kind::kTorn && writes == plan().at) cut_power(plan().at);
}

void after_open(int fd) {
  if (fd < 0 || fd >= kFiles) return;
  struct stat facts {};
  if (fstat(fd, &facts) == 0) synced[fd] = written[fd] = facts.st_size;
}

bool has_no_memory(size_t size) {
  if (plan().kind != Kind::kMemory || size < kLarge || !has_written) return false;
  return ++allocations >= plan().at;
}

timespec set_back(timespec time) {
  static const auto clock = real<int (*)(clockid_t, timespec*)>("clock_gettime");
  timespec up{};
  static const timespec started = [] {
    timespec now{};
    clock(CLOCK_MONOTONIC, &now);
    return now;
  }();
  clock(CLOCK_MONOTONIC, &up);
  const long milliseconds = (up.tv_sec - started.tv_sec) * 1000 + (up.tv_nsec - started.tv_nsec) / 1000000;
  if (milliseconds >= plan().at) time.tv_sec -= 86400;
  return time;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t count) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
  const ssize_t most = allowed(fd, count);
  if (most < 0) return -1;
  const ssize_t done = next(fd, bytes, static_cast<size_t>(most));
  after_write(fd, done);
  return done;
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  const ssize_t most = allowed(fd, count);
  if (most < 0) return -1;
  const ssize_t done = next(fd, bytes, static_cast<size_t>(most), offset);
  after_write(fd, done);
  return done;
}

int fsync(int fd) {
  static const auto next = real<int (*)(int)>("fsync");
  const int result = next(fd);
  if (result == 0 && fd >= 0 && fd < kFiles) synced[fd] = written[fd].load();
  return result;
}

int fdatasync(int fd) {
  static const auto next = real<int (*)(int)>("fdatasync");
  const int result = next(fd);
  if (result == 0 && fd >= 0 && fd < kFiles) synced[fd] = written[fd].load();
  return result;
}

int open(const char* path, int flags, ...) {
  static const auto next = real<int (*)(const char*, int, ...)>("open");
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    __builtin_va_list words;
    __builtin_va_start(words, flags);
    mode = __builtin_va_arg(words, mode_t);
    __builtin_va_end(words);
  }
  if ((flags & O_ACCMODE) != O_RDONLY && refuses(path)) {
    errno = EROFS;
    return -1;
  }
  const int fd = next(path, flags, mode);
  if ((flags & O_ACCMODE) != O_RDONLY) after_open(fd);
  return fd;
}

int rename(const char* from, const char* to) {
  static const auto next = real<int (*)(const char*, const char*)>("rename");
  if (refuses(to)) {
    errno = EROFS;
    return -1;
  }
  return next(from, to);
}

int mkdir(const char* path, mode_t mode) {
  static const auto next = real<int (*)(const char*, mode_t)>("mkdir");
  if (refuses(path)) {
    errno = EROFS;
    return -1;
  }
  return next(path, mode);
}

int symlink(const char* target, const char* path) {
  static const auto next = real<int (*)(const char*, const char*)>("symlink");
  if (refuses(path)) {
    errno = EROFS;
    return -1;
  }
  return next(target, path);
}

int posix_memalign(void** out, size_t alignment, size_t size) {
  static const auto next = real<int (*)(void**, size_t, size_t)>("posix_memalign");
  return has_no_memory(size) ? ENOMEM : next(out, alignment, size);
}

int clock_gettime(clockid_t id, timespec* time) {
  static const auto next = real<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = next(id, time);
  if (result == 0 && id == CLOCK_REALTIME && plan().kind == Kind::kClock) *time = set_back(*time);
  return result;
}

time_t time(time_t* out) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(timeval* out, void*) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

}  // extern "C"

void* operator new(size_t size) {
  if (void* const got = has_no_memory(size) ? nullptr : std::malloc(size == 0 ? 1 : size); got != nullptr)
    return got;
  throw std::bad_alloc();
}

void operator delete(void* at) noexcept { std::free(at); }
void operator delete(void* at, size_t) noexcept { std::free(at); }
