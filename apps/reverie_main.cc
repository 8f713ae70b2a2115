// The one binary: runs the chosen subcommand and turns errors into one line and an exit status.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/crash.h"
#include "base/disk_full.h"
#include "base/memory.h"
#include "base/out_of_memory.h"
#include "training/loss_guard.h"

namespace {

reverie::base::Stop stop;  // the one thing a signal handler may touch

extern "C" void on_interrupt(int) {
  if (!stop.request()) _exit(reverie::apps::kInterrupted);  // the second Ctrl-C does not wait
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGUSR1, &action, nullptr);  // Slurm's word before the end
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is told as a disk that is full
}

void start_logging(const reverie::apps::Shell& shell) {
  const bool colour = std::getenv("NO_COLOR") == nullptr && isatty(STDERR_FILENO) != 0;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(colour ? spdlog::color_mode::always
                                                                           : spdlog::color_mode::never);
  sink->set_pattern("%v");
  sink->set_level(shell.quiet         ? spdlog::level::warn
                  : shell.verbose > 0 ? spdlog::level::debug
                                      : spdlog::level::info);
  auto logger = std::make_shared<spdlog::logger>("reverie", std::move(sink));
  logger->set_level(spdlog::level::debug);
  logger->set_error_handler(
      [](const std::string&) {});  // a log that cannot be written: the disk is told of elsewhere
  spdlog::set_default_logger(std::move(logger));
}

void add_commands(reverie::apps::CommandLine& line, reverie::apps::Shell& shell) {
  using namespace reverie::apps;
  for (const auto add :
       {add_demo, add_tasks, add_config, add_train, add_evaluate, add_compare, add_collect, add_replay,
        add_inspect, add_bench, add_export, add_verify, add_status, add_doctor}) {
    add(line, shell);
  }
#ifdef REVERIE_HAS_VIEWER
  add_view(line, shell);
#endif
}

int run(int argc, char** argv) {
  reverie::apps::Shell shell;
  shell.stop = &stop;
  reverie::apps::CommandLine line(shell);
  add_commands(line, shell);
  if (const std::optional<int> answered = line.parse(argc, argv)) return *answered;
  start_logging(shell);
  if (shell.trust) setenv("REVERIE_TRUST", "1", 1);  // trainings of several seeds are processes of their own
  return shell.action();
}

// One line, and the exit status. A disk, a display or a device that refuses is no fault of the program.
int tell(const std::exception& error) {
  if (stop.was_requested()) {  // whatever broke off with it
    fmt::print(stderr, "interrupted\n");
    return reverie::apps::kInterrupted;
  }
  if (reverie::base::is_out_of_memory(error)) {
    const bool told = dynamic_cast<const reverie::base::OutOfMemory*>(&error) != nullptr;
    fmt::print(stderr, "error: {}\n", told ? error.what() : "out of memory");
    return reverie::apps::kInternalError;
  }
  const auto* const file = dynamic_cast<const std::filesystem::filesystem_error*>(&error);
  const bool full = dynamic_cast<const reverie::base::DiskFull*>(&error) != nullptr ||
                    (file != nullptr && file->code() == std::errc::no_space_on_device);
  const bool exploded = dynamic_cast<const reverie::training::LossesExploded*>(&error) != nullptr;
  const bool outside = dynamic_cast<const reverie::base::UserError*>(&error) != nullptr ||
                       dynamic_cast<const std::system_error*>(&error) != nullptr;
  const std::string text =
      file != nullptr ? fmt::format("{}: {}", file->path1().string(), file->code().message()) : error.what();
  fmt::print(stderr, "{}: {}\n", outside || exploded ? "error" : "internal error", text);
  return outside && !full ? reverie::apps::kUserError : reverie::apps::kInternalError;
}

}  // namespace

int main(int argc, char** argv) {
  reverie::base::keep_freed_memory();
  catch_signals();
  reverie::apps::tell_crashes();
  try {
    const int status = run(argc, argv);
    if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category(), "standard output");
    return status;
  } catch (const std::exception& error) {
    return tell(error);
  }
}
