// reverie bench: the speed of this build on this machine, beside what bounds it.
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "bench/bench.h"

namespace reverie::apps {
namespace {

int print_rows(const std::vector<bench::BenchRow>& rows, const Shell& shell) {
  const bool interrupted = shell.stop->was_requested();
  if (shell.json) {
    nlohmann::ordered_json object{{"machine", bench::machine_name()},
                                  {"rows", nlohmann::ordered_json::array()}};
    for (const bench::BenchRow& row : rows) {
      object["rows"].push_back({{"what", row.what},
                                {"case", row.case_name},
                                {"size", row.size},
                                {"threads", row.threads},
                                {"device", row.device},
                                {"value", row.value},
                                {"unit", row.unit},
                                {"limit", row.limit},
                                {"limit_is", row.limit_name},
                                {"ratio", row.ratio()}});
      if (row.p50_ms > 0.0) object["rows"].back().update({{"p50_ms", row.p50_ms}, {"p95_ms", row.p95_ms}});
    }
    fmt::print("{}\n", object.dump());
    return interrupted ? kInterrupted : kDone;
  }
  fmt::print("{}\n{:<24} {:<6} {:>7} {:<6} {:>10} {:<16} {:>10} {:>6}  {}\n", bench::machine_name(), "case",
             "size", "threads", "device", "value", "unit", "limit", "ratio", "limit is");
  for (const bench::BenchRow& row : rows) {
    fmt::print("{:<24} {:<6} {:>7} {:<6} {:>10.0f} {:<16} {:>10.0f} {:>6.2f}  {}\n", row.case_name, row.size,
               row.threads, row.device, row.value, row.unit, row.limit, row.ratio(), row.limit_name);
    if (row.p50_ms > 0.0) fmt::print("{:<24} p50 {:.2f} ms, p95 {:.2f} ms\n", "", row.p50_ms, row.p95_ms);
  }
  return interrupted ? kInterrupted : kDone;
}

// A small task and a larger one unless one is named, with `settings` on top.
std::vector<training::TrainConfig> model_configs(const std::string& task,
                                                 const std::vector<std::string>& settings) {
  std::vector<std::string> tasks = {"dmc/cartpole-swingup", "dmc/walker-walk"};
  if (!task.empty()) tasks = {task};
  std::vector<training::TrainConfig> configs;
  configs.reserve(tasks.size());
  for (const std::string& name : tasks) configs.push_back(make_config("", name, settings));
  return configs;
}

}  // namespace

void add_bench(CommandLine& line, Shell& shell) {
  Command command = line.add("bench", "speed of this build here, beside what bounds it");
  auto what = std::make_shared<std::string>();
  auto options = std::make_shared<bench::BenchOptions>();
  auto words = std::make_shared<std::vector<std::string>>();
  command.option("what", what.get(),
                 "sim: environments; learn: updates on random data; plan: planned decisions",
                 {.required = true, .allowed = base::one_of({"sim", "learn", "plan"})});
  command.option("words", words.get(), "[key=value ...], for learn and plan");
  command.option("--task", &options->only, "only this one instead of the standard list");
  command.option("--repeats", &options->repeats, "measurements of which the median is shown",
                 {.allowed = base::from_to(1, 1000)});
  command.footer(
      "Needs an idle machine to mean anything.\n\nExamples:\n  reverie bench sim\n"
      "  reverie bench learn --json size=m learner.batch_size=256\n  reverie bench sim --task dmc/hopper-hop "
      "--repeats 9\n  reverie bench plan --task dmc/cartpole-swingup");
  command.action([&shell, what, words, options] {
    options->stop = shell.stop;
    const std::vector<std::string> settings = sort_words(*words, 0, "key=value settings only").settings;
    const bool sim = *what == "sim";
    for (const std::string& word : settings)
      if (word.starts_with("task=")) base::throw_user_error("'{}': expected --task {}", word, word.substr(5));
    if (sim && !settings.empty())
      base::throw_user_error("'{}': bench sim takes no settings", settings.front());
    if (sim) return print_rows(bench::bench_sim(*options), shell);
    const std::vector<training::TrainConfig> configs = model_configs(options->only, settings);
    return print_rows(
        *what == "plan" ? bench::bench_plan(configs, *options) : bench::bench_learn(configs, *options),
        shell);
  });
}

}  // namespace reverie::apps
