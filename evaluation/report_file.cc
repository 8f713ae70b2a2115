#include "evaluation/report_file.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/files.h"

namespace reverie::evaluation {
namespace {

nlohmann::json read_report(const std::filesystem::path& path) {
  const auto report =
      nlohmann::json::parse(base::read_file(path, base::kMostData), nullptr, /*allow_exceptions=*/false);
  if (!report.is_object() || !report.contains("sections") || !report.contains("schema"))
    base::throw_user_error("{}: expected a report.json of `reverie evaluate`", path.string());
  return report;
}

ReportPoint point_of(const nlohmann::json& report, const nlohmann::json& start) {
  return {.id = start.at("id"),
          .run = report.at("run"),
          .checkpoint = report.at("checkpoint"),
          .acting = report.value("acting", std::string()),
          .think = report.at("think"),
          .weights_hash = report.at("weights_hash"),
          .seed = report.at("seed"),
          .episodes = report.at("episodes"),
          .place = {.set = start.at("set"),
                    .episode = start.at("episode"),
                    .step = start.at("step"),
                    .state = start.at("state")}};
}

}  // namespace

ReportPoint point_of_report(const std::filesystem::path& path, const std::string& id) {
  const nlohmann::json report = read_report(path);
  std::vector<std::string> known;
  try {
    for (const auto& [name, section] : report.at("sections").items()) {
      if (!section.contains("points")) continue;
      for (const auto& [points_name, points] : section.at("points").items()) {
        if (!points.contains("starts")) continue;
        for (const nlohmann::json& start : points.at("starts")) {
          if (start.at("id") == id) return point_of(report, start);
          known.push_back(start.at("id"));
        }
      }
    }
  } catch (const nlohmann::json::exception& error) {
    base::throw_user_error("{}: a point is damaged: {}", path.string(), error.what());
  }
  if (known.empty()) base::throw_user_error("{}: no point of it names its start", path.string());
  base::throw_user_error("{}: there is no point '{}'{}; there are {} from {} to {}", path.string(), id,
                         base::did_you_mean(id, known), known.size(), known.front(), known.back());
}

}  // namespace reverie::evaluation
