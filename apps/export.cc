// reverie export: a run's policy and world model as files that other programs read.
#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "interop/export_run.h"
#include "training/run.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

struct Options {
  std::vector<std::string> words;
  std::string format = "onnx", out;
};

int export_command(const Options& options, const Shell& shell) {
  const Words words = sort_words(options.words, 1, "a run directory");
  if (!words.settings.empty())
    base::throw_user_error("'{}': export takes no settings", words.settings.front());
  if (words.paths.empty())
    base::throw_user_error("expected a run directory, e.g. reverie export runs/demo-seed1");
  const interop::Format format = interop::parse_format(options.format);
  const training::Run run = training::open_run_at(words.paths.front(), "cpu");
  if (run.updates == 0)
    spdlog::warn("{}: checkpoint {} has no update behind it: what is exported is as it was drawn",
                 shown(run.path), run.checkpoint);
  const fs::path directory = options.out.empty() ? run.path / "export" : fs::path(options.out);
  std::vector<std::string> files;
  for (const fs::path& file : interop::export_run(run, format, directory)) files.push_back(shown(file));
  if (shell.json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"run", shown(run.path)},
                                              {"checkpoint", run.checkpoint},
                                              {"format", options.format},
                                              {"files", files}}
                           .dump());
  } else {
    fmt::print("{}\n", fmt::join(files, "\n"));
  }
  return kDone;
}

}  // namespace

void add_export(CommandLine& line, Shell& shell) {
  Command command =
      line.add("export", "policy and world model for other programs: ONNX, TorchScript, safetensors");
  auto options = std::make_shared<Options>();
  command.option("words", &options->words, "RUN or RUN@CHECKPOINT");
  command.option("--format", &options->format, "safetensors, torchscript or onnx");
  command.option("--out", &options->out, "where the files go (default: RUN/export)");
  command.footer(
      "Examples:\n"
      "  reverie export runs/demo-seed1                        policy.onnx, encode.onnx, step.onnx, ...\n"
      "  reverie export runs/demo-seed1@best --format torchscript --out robot\n"
      "  reverie export runs/demo-seed1 --format safetensors");
  command.action([&shell, options] { return export_command(*options, shell); });
}

}  // namespace reverie::apps
