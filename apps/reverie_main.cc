// The one binary: runs the chosen subcommand and turns errors into one line and an exit status.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "base/error.h"
#include "base/memory.h"

namespace {

std::atomic<bool> stop_requested{false};  // the one thing a signal handler may touch

extern "C" void on_interrupt(int) {
  if (stop_requested.exchange(true)) _exit(reverie::apps::kInterrupted);  // the second Ctrl-C does not wait
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
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
  spdlog::set_default_logger(std::move(logger));
}

void add_commands(reverie::apps::CommandLine& line, reverie::apps::Shell& shell) {
  using namespace reverie::apps;
  for (const auto add : {add_demo, add_tasks, add_config, add_train, add_evaluate, add_compare, add_collect,
                         add_replay, add_inspect, add_bench, add_doctor}) {
    add(line, shell);
  }
#ifdef REVERIE_HAS_VIEWER
  add_view(line, shell);
#endif
}

int run(int argc, char** argv) {
  reverie::apps::Shell shell;
  shell.stop = &stop_requested;
  reverie::apps::CommandLine line(shell);
  add_commands(line, shell);
  if (const std::optional<int> answered = line.parse(argc, argv)) return *answered;
  start_logging(shell);
  catch_signals();
  return shell.action();
}

}  // namespace

int main(int argc, char** argv) {
  reverie::base::keep_freed_memory();
  try {
    return run(argc, argv);
  } catch (const reverie::base::UserError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return reverie::apps::kUserError;
  } catch (const std::exception& error) {
    fmt::print(stderr, "internal error: {}\n", error.what());
    return reverie::apps::kInternalError;
  }
}
