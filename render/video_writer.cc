#include "render/video_writer.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"

namespace reverie::render {

namespace fs = std::filesystem;

struct VideoWriter::Impl {
  fs::path path, temporary;
  int width = 0, height = 0;
  int input = -1;  // our end of the socket pair that is ffmpeg's standard input
  int log = -1;    // memory file with ffmpeg's standard error
  pid_t child = -1;

  void close_input() {
    if (input >= 0) close(std::exchange(input, -1));
  }

  bool is_running() const {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }

  // Exit status of the child (0 when there is none any more).
  int wait_child() {
    int status = 0;
    if (child < 0) return 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    child = -1;
    return status;
  }

  std::string last_words() const {
    std::string text(4096, '\0');
    const ssize_t n = pread(log, text.data(), text.size(), 0);
    text.resize(n > 0 ? static_cast<size_t>(n) : 0);
    for (char& c : text) {
      if (c == '\n') c = ' ';
    }
    return text.empty() ? "no message" : text;
  }

  [[noreturn]] void fail() {
    close_input();
    wait_child();
    base::throw_user_error("{}: ffmpeg failed: {}", path.string(), last_words());
  }

  ~Impl() {
    close_input();
    if (child >= 0) {
      kill(child, SIGKILL);
      wait_child();
    }
    if (log >= 0) close(log);
    std::error_code ignored;
    fs::remove(temporary, ignored);
  }
};

namespace {

std::vector<std::string> ffmpeg_arguments(const std::string& program, int width, int height,
                                          double frame_rate, const fs::path& output) {
  return {program,
          "-hide_banner",
          "-loglevel",
          "error",
          "-y",
          "-f",
          "rawvideo",
          "-pixel_format",
          "rgb24",
          "-video_size",
          fmt::format("{}x{}", width, height),
          "-framerate",
          fmt::format("{:.6g}", frame_rate),
          "-i",
          "pipe:0",
          "-an",
          "-vf",
          "pad=ceil(iw/2)*2:ceil(ih/2)*2",
          "-c:v",
          "libx264",
          "-preset",
          "veryfast",
          "-crf",
          "20",
          "-pix_fmt",
          "yuv420p",
          "-movflags",
          "+faststart",
          "-f",
          "mp4",
          output.string()};
}

// Start `arguments` with the two descriptors as its standard input and error; returns an
// errno, 0 when it runs.
int spawn(const std::vector<std::string>& arguments, int standard_input, int standard_error, pid_t& child) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, standard_input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, standard_error, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, standard_error, STDERR_FILENO);
  // A group of its own: Ctrl-C in the terminal is for us, and we end the child.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const int error = posix_spawnp(&child, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

VideoWriter::VideoWriter(const fs::path& path, int width, int height, double frame_rate,
                         const std::string& program)
    : impl_(std::make_unique<Impl>()) {
  Impl& w = *impl_;
  if (width < 1 || height < 1 || !(frame_rate > 0)) {
    base::throw_user_error("{}: a video needs a positive size and frame rate, found {} x {} at {}",
                           path.string(), width, height, frame_rate);
  }
  const fs::path directory = path.parent_path();
  if (!directory.empty() && !fs::is_directory(directory)) {
    base::throw_user_error("{}: cannot write the video, directory {} does not exist", path.string(),
                           directory.string());
  }
  w.path = path;
  w.temporary = path.string() + fmt::format(".part{}", getpid());
  w.width = width;
  w.height = height;
  int ends[2];
  // A socket instead of a pipe: writing after ffmpeg died then is an error code and no signal.
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  w.input = ends[0];
  w.log = memfd_create("ffmpeg-log", MFD_CLOEXEC);
  const int error =
      spawn(ffmpeg_arguments(program, width, height, frame_rate, w.temporary), ends[1], w.log, w.child);
  close(ends[1]);
  if (error != 0) {
    w.child = -1;
    base::throw_user_error("{}: cannot start {} ({}); install ffmpeg or leave the video out", path.string(),
                           program, std::strerror(error));
  }
}

VideoWriter::~VideoWriter() = default;

void VideoWriter::write(const Image& frame) {
  Impl& w = *impl_;
  if (frame.width != w.width || frame.height != w.height) {
    throw std::invalid_argument(fmt::format("video frame is {} x {}, expected {} x {}", frame.width,
                                            frame.height, w.width, w.height));
  }
  size_t sent = 0;
  while (sent < frame.rgb.size()) {
    const ssize_t n = send(w.input, frame.rgb.data() + sent, frame.rgb.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) w.fail();
    sent += static_cast<size_t>(n);
  }
}

void VideoWriter::finish(const base::Stop* stop) {
  Impl& w = *impl_;
  w.close_input();
  while (w.is_running()) {
    base::check_stop(stop);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (w.wait_child() != 0) w.fail();
  fs::rename(w.temporary, w.path);
}

}  // namespace reverie::render
