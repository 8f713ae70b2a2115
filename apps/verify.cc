// reverie verify: whether the files of a run, a dataset or a report are as they were written.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "training/verify.h"

namespace reverie::apps {
namespace {

void print_text(const std::string& path, const training::Verification& found) {
  for (const training::FileCheck& file : found.files)
    fmt::print("{:<12} {}{}{}\n", state_name(file.state), file.file, file.why.empty() ? "" : ": ", file.why);
  const auto count = [&](training::FileState state) {
    return std::ranges::count(found.files, state, &training::FileCheck::state);
  };
  fmt::print("{}: {} files ok, {} damaged, {} not checked\n", path, count(training::FileState::kOk),
             count(training::FileState::kDamaged), count(training::FileState::kNotChecked));
  if (!found.resume.empty()) fmt::print("{}: {}\n", path, found.resume);
}

void print_json(const std::string& path, const training::Verification& found) {
  nlohmann::ordered_json object{{"path", path}, {"kind", found.kind}, {"whole", found.whole()}};
  if (!found.resume.empty()) object["resumes"] = found.resumes;
  if (!found.resume.empty()) object["resume"] = found.resume;
  object["files"] = nlohmann::ordered_json::array();
  for (const training::FileCheck& file : found.files) {
    object["files"].push_back({{"file", file.file}, {"state", state_name(file.state)}});
    if (!file.why.empty()) object["files"].back()["why"] = file.why;
  }
  fmt::print("{}\n", object.dump());
}

}  // namespace

void add_verify(CommandLine& line, Shell& shell) {
  Command command = line.add("verify", "whether the files of a run, a dataset or a report are whole");
  auto words = std::make_shared<std::vector<std::string>>();
  command.option("words", words.get(), "RUN|DATASET|REPORT", {.required = true});
  command.footer(
      "Status 1 when a file is damaged. A file without a checksum is read and told as not checked.\n\n"
      "Examples:\n  reverie verify runs/demo-seed1\n  reverie verify data/walker --json");
  command.action([&shell, words] {
    const Words sorted = sort_words(*words, 1, "a run directory, a directory of episodes or a report");
    if (sorted.paths.empty())
      base::throw_user_error("expected a run directory, a directory of episodes or a report");
    const training::Verification found = training::verify(sorted.paths.front(), shell.stop);
    if (shell.json) {
      print_json(shown(sorted.paths.front()), found);
    } else {
      print_text(shown(sorted.paths.front()), found);
    }
    return found.whole() ? kDone : kCheckFailed;
  });
}

}  // namespace reverie::apps
