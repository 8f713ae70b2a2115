// docs/formats.md against a real run, in both directions: every name of its tables is in the run, and
// everything in the run has a name there.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "base/files.h"
#include "base/safetensors.h"
#include "tests/apps/reverie_process.h"

namespace reverie::apps {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// Placeholders that stand for one of a few words: a name with one is as many names.
const std::vector<std::pair<std::string, Names>> kWords = {{"<part>", {"weight", "bias", "gamma", "beta"}},
                                                           {"<group>", {"model", "actor", "probe"}},
                                                           {"<on_policy>", {"", "on_policy_"}},
                                                           {"<world>", {"simulated", "imagined"}},
                                                           {"<long>", {"", "long_"}},
                                                           {"<mode>", {"policy", "replayed"}}};

// Placeholders that stand for any text of a form.
const std::vector<std::pair<std::string, std::string>> kForms = {
    {"<n>", "[0-9]+"},       {"<step>", "[0-9]{9}"}, {"<layer>", "([0-9]+|out)"},
    {"<term>", ".+"},        {"<think>", "[^/]+"},   {"<file>", "[^/]+"},
    {"<observation>", ".+"}, {"<set>", "[a-z_]+"},   {"<group>", ".+"}};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

Names with_words(const std::string& name) {
  for (const auto& [placeholder, words] : kWords) {
    if (name.find(placeholder) == std::string::npos) continue;
    Names out;
    for (const std::string& word : words) {
      std::string one = name;
      replace_all(one, placeholder, word);
      for (const std::string& other : with_words(one)) out.push_back(other);
    }
    return out;
  }
  return {name};
}

std::regex pattern_of(std::string name) {
  for (const char* special : {".", "(", ")", "+"}) replace_all(name, special, std::string("\\") + special);
  for (const auto& [placeholder, form] : kForms) replace_all(name, placeholder, form);
  return std::regex(name);
}

// The names in the first column of the table with the header `title` below a heading that
// begins with `heading`.
Names documented(const std::string& heading, const std::string& title) {
  std::istringstream text(base::read_file(std::string(REVERIE_SOURCE_DIR) + "/docs/formats.md"));
  Names out;
  bool in_section = false, in_table = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with('#'))
      in_section = line.starts_with("## " + heading) || line.starts_with("### " + heading);
    if (!line.starts_with('|')) in_table = false;
    if (in_section && line.starts_with("| " + title + " |")) in_table = true;
    if (!in_table) continue;
    const std::string cell = line.substr(1, line.find('|', 1) - 1);
    for (size_t at = cell.find('`'); at != std::string::npos;) {
      const size_t end = cell.find('`', at + 1);
      for (const std::string& name : with_words(cell.substr(at + 1, end - at - 1))) out.push_back(name);
      at = cell.find('`', end + 1);
    }
  }
  EXPECT_FALSE(out.empty()) << "no table '" << title << "' below '" << heading << "'";
  return out;
}

// `rare`: names that this run need not have.
void compare(const Names& names, const std::set<std::string>& found, const std::set<std::string>& rare = {}) {
  std::vector<std::regex> patterns;
  for (const std::string& name : names) patterns.push_back(pattern_of(name));
  for (const std::string& key : found) {
    EXPECT_TRUE(std::ranges::any_of(patterns, [&](const auto& p) { return std::regex_match(key, p); }))
        << "the run has '" << key << "', docs/formats.md does not name it";
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (rare.contains(names[i])) continue;
    EXPECT_TRUE(
        std::ranges::any_of(found, [&](const auto& key) { return std::regex_match(key, patterns[i]); }))
        << "docs/formats.md names '" << names[i] << "', the run does not have it";
  }
  for (const std::string& name : rare) EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
}

// Keys of nested objects joined by dots; an array is one value.
void add_keys(const nlohmann::json& object, const std::string& prefix, std::set<std::string>& out) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      add_keys(value, prefix + key + ".", out);
    } else {
      out.insert(prefix + key);
    }
  }
}

std::set<std::string> keys_of(const std::string& json) {
  std::set<std::string> out;
  add_keys(nlohmann::json::parse(json), "", out);
  return out;
}

// Keys of a map, or of a JSON object's items().
std::set<std::string> names_of(const auto& map) {
  std::set<std::string> out;
  for (const auto& [name, value] : map) out.insert(name);
  return out;
}

std::set<std::string> files_below(const fs::path& folder) {
  std::set<std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_symlink() || !entry.is_directory())
      out.insert(entry.path().lexically_relative(folder).string());
  }
  return out;
}

// One run of a task that terminates and has several reward terms, with its report.
class Formats : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    process = new ReverieProcess;
    const Outcome trained = process->run(
        joined({"train", "--task", "gym/hopper", "--out", "run", "seed=1", "env_steps=800", "envs=4",
                "random_steps=200", "updates_per_decision=0.1", "eval_every=400", "eval_episodes=2",
                "checkpoint_every=400", "log_every=200", "log=tensorboard", "learner_threads=1"},
               kSmallLearner));
    ASSERT_EQ(trained.status, 0) << trained.err;
    const Outcome evaluated = process->run({"evaluate", "run", "--episodes", "3", "--long-dream", "1000"});
    ASSERT_EQ(evaluated.status, 0) << evaluated.err;
  }
  static void TearDownTestSuite() {
    delete process;
    process = nullptr;
  }
  static fs::path run() { return process->folder() / "run"; }
  static fs::path checkpoint() { return run() / "checkpoints" / "last"; }

  static ReverieProcess* process;
};
ReverieProcess* Formats::process = nullptr;

TEST_F(Formats, Files) {
  compare(documented("Run directory", "path"), files_below(run()),
          {"demo.json", "evaluation/think-<think>/<file>", "checkpoints/<step>.damaged/<file>", "run.<n>.log",
           "metrics.<n>.jsonl"});
}

TEST_F(Formats, Counters) {
  compare(documented("Counters", "key"), keys_of(base::read_file(checkpoint() / "state.json")),
          {"from_hash", "rollbacks"});  // of a run whose policy learns alone; of one whose losses exploded
}

TEST_F(Formats, Heartbeat) {
  compare(documented("Heartbeat", "key"), keys_of(base::read_file(run() / "heartbeat.json")));
}

TEST_F(Formats, Measurements) {
  std::istringstream rows(base::read_file(run() / "metrics.jsonl"));
  std::set<std::string> found;
  for (std::string row; std::getline(rows, row);) found.merge(keys_of(row));
  // Of the grounded and the mechanical kind, and of a policy that learns alone.
  compare(
      documented("Measurements", "key"), found,
      {"model/observation", "model/predictor", "critic/dreamed_loss", "critic/grad_norm", "train/rollbacks"});
}

// Rows of policies that plan: this one does not. Rows of tasks that terminate. And rows that need more than its few short
// episodes.
const std::set<std::string> kNotOfThisRun = {"planned_share",
                                             "noop_at_rest",
                                             "gap_opens_at",
                                             "lift_over_rival",
                                             "milliseconds_per_decision",
                                             "uncertainty_rank_correlation",
                                             "uncertainty_spread_skill",
                                             "uncertainty_calibration_error",
                                             "uncertainty_crps_skill",
                                             "uncertainty_sparsification",
                                             "uncertainty_auroc",
                                             "uncertainty_auroc_of_<set>",
                                             "growth_rate",
                                             "policy_simulated_quaternion_error",
                                             "policy_imagined_quaternion_error",
                                             "replayed_simulated_quaternion_error",
                                             "replayed_imagined_quaternion_error",
                                             "policy_imagined_slip",
                                             "replayed_imagined_slip",
                                             "contact_precision",
                                             "contact_onset_error",
                                             "sequence_steps",
                                             "fails_in_physics",
                                             "false_success",
                                             "false_failure",
                                             "optimism",
                                             "continuation_brier",
                                             "continuation_ece",
                                             "continuation_auroc",
                                             "false_survival",
                                             "false_death",
                                             "value_error",
                                             "value_bias",
                                             "value_ratio",
                                             "value_rank_correlation",
                                             "critic_return_bias",
                                             "critic_reward_error",
                                             "critic_state_drift",
                                             "critic_bootstrap_error"};

TEST_F(Formats, Report) {
  const auto report = nlohmann::json::parse(base::read_file(run() / "evaluation" / "report.json"));
  compare(documented("Report: ", "key"), names_of(report.items()), {"planning", "gates", "acting", "films"});
  std::set<std::string> sections, keys, rows;
  for (const auto& [name, section] : report["sections"].items()) {
    sections.insert(name);
    keys.merge(names_of(section.items()));
    for (const char* key : {"rows", "timings"})
      if (section.contains(key))
        for (const auto& row : section[key]) rows.insert(row["name"].get<std::string>());
    for (const auto& check : section.value("checks", nlohmann::json::array()))
      rows.insert(check["name"].get<std::string>());  // rows of the table too
  }
  compare(documented("Sections", "section"), sections, {"planning"});
  compare(documented("Sections", "key"), keys, {"checks", "missing"});
  compare(documented("Sections", "row"), rows, kNotOfThisRun);
}

TEST_F(Formats, ReportAsATable) {
  std::istringstream lines(base::read_file(run() / "evaluation" / "metrics.csv"));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "metric,horizon_steps,low,value,high,n,task_hash,section,unit");
  std::set<std::string> found;
  while (std::getline(lines, line)) found.insert(line.substr(0, line.find(',')));
  compare(documented("Sections", "row"), found, kNotOfThisRun);
}

TEST_F(Formats, Weights) {
  const base::SafeTensors content = base::load_safetensors(checkpoint() / "model.safetensors");
  compare(documented("Weights", "tensor"), names_of(content.tensors));
  for (const auto& [name, tensor] : content.tensors) EXPECT_EQ(tensor.dtype, base::DType::kF32) << name;
}

TEST_F(Formats, Optimisers) {
  compare(documented("Optimisers", "tensor"),
          names_of(base::load_safetensors(checkpoint() / "optimizer.safetensors").tensors));
}

TEST_F(Formats, Episodes) {
  for (const fs::path& path :
       {run() / "episodes" / "shard-000000.safetensors", checkpoint() / "running.safetensors"}) {
    const base::SafeTensors content = base::load_safetensors(path);
    compare(documented("Episodes", "tensor"), names_of(content.tensors));
    compare(documented("Episodes", "metadata"), names_of(content.metadata));
  }
}

}  // namespace
}  // namespace reverie::apps
