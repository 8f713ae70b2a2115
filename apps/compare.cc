// reverie compare: learning curves of runs side by side, and beside those published for their tasks.
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "evaluation/curves/compare.h"
#include "evaluation/curves/learning_curve.h"

namespace reverie::apps {
namespace {

int compare_command(const std::vector<std::string>& runs, const std::string& out, const Shell& shell) {
  std::vector<evaluation::RunCurve> curves;
  auto rows = nlohmann::ordered_json::array();
  for (const std::string& run : runs) {
    const evaluation::LearningCurve curve = evaluation::read_learning_curve(run);
    const std::string name =
        fmt::format("{} (seed {}, {:.0f} s)", shown(run), curve.seed, std::round(curve.seconds));
    curves.push_back(
        {name, curve.task, curve.fixed_data, curve.steps, curve.wall, curve.returns, curve.valid_steps});
    rows.push_back({{"run", shown(run)},
                    {"task", curve.task},
                    {"seed", curve.seed},
                    {"seconds", curve.seconds},
                    {"unit", curve.fixed_data ? "updates" : "control steps"},
                    {"steps", curve.steps},
                    {"wall_s", curve.wall},
                    {"returns", curve.returns},
                    {"valid_steps", curve.valid_steps}});
  }
  const std::string page = out.empty() ? "" : shown(evaluation::write_comparison(curves, out, shell.stop));
  if (shell.json) {
    nlohmann::ordered_json object{{"runs", std::move(rows)}};
    if (!page.empty()) object["page"] = page;
    fmt::print("{}\n", object.dump());
  } else {
    fmt::print("{}", evaluation::comparison_text(curves));
    if (!page.empty()) fmt::print("page: {}\n", page);
  }
  return kDone;
}

}  // namespace

void add_compare(CommandLine& line, Shell& shell) {
  Command command = line.add("compare", "learning curves side by side, and beside published ones");
  auto runs = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>();
  command.option("runs", runs.get(), "RUN ...: run directories, of one task or of several",
                 {.required = true});
  command.option("--out", out.get(), "also write compare.html and its pictures into this directory");
  command.footer(
      "Examples:\n  reverie compare runs/demo-seed1 runs/demo-seed2\n"
      "  reverie compare runs/reacher/seed-* --out runs/reacher/comparison");
  command.action([&shell, runs, out] { return compare_command(*runs, *out, shell); });
}

}  // namespace reverie::apps
