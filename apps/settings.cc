#include "apps/settings.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "policies/planner_config.h"
#include "tensor/device.h"
#include "training/presets.h"
#include "training/run.h"

namespace fs = std::filesystem;

namespace reverie::apps {

std::vector<base::Field> fields(Common& common) {
  return {{"seed", &common.seed, "names every random draw", base::at_least(0)},
          {"device", &common.device, "where tensors live", base::one_of(tensor::device_choices())},
          {"think", &common.think, "how much the policy plans", base::one_of(policies::think_choices())}};
}

Words sort_words(const std::vector<std::string>& words, size_t max_paths, const std::string& what) {
  Words sorted;
  for (const std::string& word : words) {
    const bool setting = word.find('=') != std::string::npos && !fs::exists(word);
    (setting ? sorted.settings : sorted.paths).push_back(word);
  }
  if (sorted.paths.size() > max_paths) {
    base::throw_user_error("'{}': expected {}{}", sorted.paths[max_paths], what,
                           max_paths == 0 ? "" : ", and key=value settings after it");
  }
  return sorted;
}

namespace {

void apply_words(training::TrainConfig& config, const std::vector<std::string>& settings) {
  for (const std::string& word : settings) training::apply_setting(config, word);
}

}  // namespace

training::TrainConfig change_settings(const training::TrainConfig& config,
                                      const std::vector<std::string>& settings) {
  training::TrainConfig changed =
      training::change_config(config, [&](training::TrainConfig& c) { apply_words(c, settings); });
  training::check_config(changed);
  return changed;
}

training::TrainConfig make_config(const std::string& file, const std::string& task,
                                  const std::vector<std::string>& settings) {
  const std::string text = file.empty() ? "" : base::read_file(file, base::kMostText);
  training::TrainConfig config =
      training::resolve_config({[&](training::TrainConfig& c) { base::load_toml(fields(c), text, file); },
                                [&](training::TrainConfig& c) {
                                  if (!task.empty()) c.task = task;
                                  apply_words(c, settings);
                                }});
  training::check_config(config);
  return config;
}

bool same_settings(training::TrainConfig a, training::TrainConfig b) {
  a = training::with_absolute_paths(a);
  b = training::with_absolute_paths(b);
  return base::dump_toml(fields(a), false) == base::dump_toml(fields(b), false);
}

fs::path runs_folder() {
  const char* folder = std::getenv("REVERIE_RUNS");
  return folder != nullptr && *folder != '\0' ? fs::path(folder) : fs::path("runs");
}

std::string shown(const fs::path& path) {
  const fs::path relative = fs::absolute(path).lexically_normal().lexically_relative(fs::current_path());
  return relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

std::string shell_word(const std::string& word) {
  const bool plain =
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+,:@%=") ==
      std::string::npos;
  if (plain && !word.empty()) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void log_to(const fs::path& run) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  try {
    constexpr size_t kBytes = size_t{10} << 20, kOlder = 2;  // run.1.log and run.2.log, from then on
    sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>((run / "run.log").string(), kBytes, kOlder);
  } catch (const spdlog::spdlog_ex& error) {
    base::throw_user_error("{}", error.what());
  }
  sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %v");
  sink->set_level(spdlog::level::debug);
  std::vector<spdlog::sink_ptr>& sinks = spdlog::default_logger()->sinks();
  sinks.resize(1);  // the terminal
  sinks.push_back(std::move(sink));
  spdlog::default_logger()->flush_on(spdlog::level::debug);
  spdlog::debug("reverie {} on {}", REVERIE_VERSION, fs::absolute(run).string());
}

}  // namespace reverie::apps
