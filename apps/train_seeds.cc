#include "apps/train_seeds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "apps/settings.h"
#include "apps/train_job.h"
#include "base/error.h"
#include "evaluation/curves/learning_curve.h"
#include "report/statistics.h"
#include "training/run.h"
#include "training/run_directory.h"

namespace fs = std::filesystem;

namespace reverie::apps {
namespace {

struct Job {
  training::TrainConfig config;
  fs::path run;
  bool goes_on = false;
  double last_return = std::numeric_limits<double>::quiet_NaN();
};

std::vector<Job> make_jobs(const training::TrainConfig& config, const std::vector<int64_t>& seeds,
                           const fs::path& out) {
  std::vector<Job> jobs;
  for (const int64_t seed : seeds) {
    Job job{.config = config, .run = out / fmt::format("seed-{}", seed)};
    job.config.seed = seed;
    job.goes_on = training::is_run_directory(job.run);
    if (job.goes_on && !same_settings(training::read_run_config(job.run), job.config)) {
      base::throw_user_error("{}: a run with other settings is there; choose another --out", shown(job.run));
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::string return_text(double value) {
  return std::isnan(value) ? "not evaluated" : fmt::format("{:.5g}", value);
}

void print_summary(const std::vector<Job>& jobs, const fs::path& out, bool json) {
  std::vector<double> returns;
  auto runs = nlohmann::ordered_json::array();
  for (const Job& job : jobs) {
    if (!json) fmt::print("{}: return {}\n", shown(job.run), return_text(job.last_return));
    runs.push_back({{"run", shown(job.run)}, {"seed", job.config.seed}, {"return", job.last_return}});
    returns.push_back(job.last_return);
  }
  const double low = report::quantile(returns, 0.25), middle = report::median(returns),
               high = report::quantile(returns, 0.75);
  if (!json && std::isnan(middle)) {
    fmt::print("{} seeds, not evaluated\n", jobs.size());
  } else if (json) {
    const nlohmann::ordered_json object{
        {"out", shown(out)}, {"runs", runs}, {"median", middle}, {"quartiles", {low, high}}};
    fmt::print("{}\n", object.dump());
  } else {
    fmt::print("{} seeds: median {:.5g}, interquartile band {:.5g} to {:.5g}\n", jobs.size(), middle, low,
               high);
  }
}

}  // namespace

std::vector<int64_t> parse_seeds(std::string_view text) {
  std::vector<int64_t> seeds;
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    int64_t seed = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
    if (error != std::errc() || end != word.data() + word.size() || seed < 0)
      base::throw_user_error("seeds: expected numbers from 0 as in seeds=0,1,2, found '{}'", word);
    if (std::ranges::find(seeds, seed) != seeds.end())
      base::throw_user_error("seeds: {} is there twice", seed);
    seeds.push_back(seed);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return seeds;
}

int train_seeds(const training::TrainConfig& config, const std::vector<int64_t>& seeds, const fs::path& out,
                const Shell& shell) {
  std::vector<Job> jobs = make_jobs(config, seeds, out);
  for (Job& job : jobs) {
    base::check_stop(shell.stop);
    const training::TrainResult result = job.goes_on ? resume_with_progress(job.run, 0, shell)
                                                     : train_with_progress(job.config, job.run, shell);
    if (result.interrupted) return kInterrupted;
    const evaluation::LearningCurve curve = evaluation::read_learning_curve(job.run);
    if (!curve.returns.empty()) job.last_return = curve.returns.back();
  }
  print_summary(jobs, out, shell.json);
  return kDone;
}

}  // namespace reverie::apps
