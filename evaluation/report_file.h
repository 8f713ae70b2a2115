// Points of a report.json as the file tells them, whoever wrote it.
// It needs no model and no physics, so that what reads a stranger's file stands alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace reverie::evaluation {

// Where a pair of numbers comes from: a row of an episode that the evaluation recorded. Together with the report's run,
// checkpoint and seed it can be recorded again; see evaluation/report_point.h.
struct PointPlace {
  std::string set;       // "on_policy" or "pushed"
  uint64_t episode = 0;  // Episode::index
  int64_t step = 0;      // its row
  std::string state;     // state_hash of that row
};

// A point with what of its report makes its start again.
struct ReportPoint {
  std::string id;  // "returns-3"
  std::string run, checkpoint;
  std::string acting;  // RUN@CHECKPOINT of the policy that acted; empty: the run's own
  std::string think;   // how much it planned
  std::string weights_hash;
  uint64_t seed = 0;  // of the episodes' draws
  int episodes = 0;   // recorded together
  PointPlace place;
};

// The point `id` of the report at `path`, its run as the file names it. Throws UserError when it is no report.json
// with points, and with the nearest ID.
ReportPoint point_of_report(const std::filesystem::path& path, const std::string& id);

}  // namespace reverie::evaluation
