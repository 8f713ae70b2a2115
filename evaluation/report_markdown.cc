// The report as Markdown, see evaluation/report.h.
#include <fmt/format.h>

#include "evaluation/report.h"
#include "evaluation/scorecard.h"
#include "evaluation/text.h"

namespace reverie::evaluation {
namespace {

// A cell ends at a bar unless that is escaped.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string table_text(const TextTable& table) {
  std::string text;
  for (size_t i = 0; i < table.size(); ++i) {
    text += "|";
    for (const std::string& word : table[i]) text += fmt::format(" {} |", cell(word));
    text += "\n";
    if (i > 0) continue;
    text += "|";
    for (size_t k = 0; k < table[i].size(); ++k) text += "---|";
    text += "\n";
  }
  return text.empty() ? text : text + "\n";
}

std::string scorecard_part(const EvaluationResult& result) {
  TextTable table{{"test", "evidence", "what it rests on"}};
  for (const DecisionTest& test : scorecard(result))
    table.push_back({test.name, support_name(test.support), test.sentence});
  std::string text = table_text(table);
  if (const std::string use = use_sentence(result); !use.empty()) text += use + "\n\n";
  if (!result.command.empty())
    text += fmt::format("Made again by `{}` (seed of the draws {}, weights {}, task {}).\n\n", result.command,
                        result.options.seed, result.weights_hash, result.task_hash);
  return text;
}

std::string section_part(const SectionResult& section, const EvaluationResult& result) {
  const Findings& findings = section.findings;
  std::string text = fmt::format("## {}\n\n", section.section.title);
  if (!findings.rows.empty()) {
    const Drawing drawing = section.section.draw(findings, result);
    for (const std::string& sentence : drawing.sentences) text += sentence + "\n\n";
    for (const FigureRow& row : drawing.figures) {
      for (const Figure& figure : row.figures)
        if (!figure.file.empty()) text += fmt::format("![{}]({})\n\n", figure.plot.title, figure.file);
    }
  }
  text += table_text(single_table(findings)) + table_text(check_table(findings));
  for (const std::string& missing : findings.missing) text += "Not measured: " + missing + "\n\n";
  return text;
}

}  // namespace

std::string report_markdown(const EvaluationResult& result) {
  std::string text =
      fmt::format("# {}: imagined against simulated\n\n{}\n\n", result.task, verdict_line(result));
  text += fmt::format("Checkpoint {} after {} environment steps of {}; {} fresh episodes a set.\n\n",
                      result.checkpoint, result.env_steps, result.run, result.options.episodes);
  text += scorecard_part(result);
  for (const SectionResult& section : result.sections) text += section_part(section, result);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace reverie::evaluation
