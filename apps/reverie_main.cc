// The one binary: parses the command line, runs the chosen subcommand, turns errors into one line and an exit
// status.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>

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

// CLI11 would take an unknown first word for a stray argument: name the nearest subcommand instead.
void check_subcommand(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) continue;
    if (std::ranges::find(names, word) != names.end()) return;
    reverie::base::throw_user_error("unknown subcommand '{}'{}; 'reverie --help' lists them", word,
                                    reverie::base::did_you_mean(word, names));
  }
}

void build_parser(CLI::App& app, reverie::apps::Shell& shell) {
  using namespace reverie::apps;
  app.name("reverie");
  app.set_version_flag("--version", "reverie " REVERIE_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // -q, -v and --json are understood after the subcommand too
  app.add_flag("-q,--quiet", shell.quiet, "only warnings and results");
  app.add_flag("-v,--verbose", shell.verbose, "more about what is going on");
  app.add_flag("--json", shell.json, "one JSON object on stdout where a result exists");
  for (const auto add : {add_demo, add_tasks, add_config, add_train, add_evaluate, add_compare, add_collect,
                         add_replay, add_inspect, add_bench, add_doctor}) {
    add(app, shell);
  }
#ifdef REVERIE_HAS_VIEWER
  add_view(app, shell);
#endif
  app.footer(
      "Settings are key=value words: 'reverie config' prints all of them.\n\n"
      "Examples:\n"
      "  reverie demo                               the whole loop on cartpole swing-up, about ten minutes\n"
      "  reverie train --task dmc/reacher-easy seed=3\n"
      "  reverie evaluate runs/demo-seed1\n"
      "  reverie view runs/demo-seed1\n\n"
      "Exit status: 0 done, 1 a check did not hold, 2 wrong input, 3 internal error, 130 interrupted.");
}

int run(int argc, char** argv) {
  reverie::apps::Shell shell;
  shell.stop = &stop_requested;
  CLI::App app("Learn world models and policies of MuJoCo robots, and check every dream against physics.");
  build_parser(app, shell);
  try {
    check_subcommand(app, argc, argv);
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    reverie::base::throw_user_error("{}; 'reverie --help' shows what is understood", error.what());
  }
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
