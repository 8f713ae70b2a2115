// Points of a report: where each of them started, and that start again, to the bit.
// A report keeps no episodes. It names them, and evaluation records the same ones again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "contract/episode.h"
#include "contract/world.h"
#include "evaluation/section.h"
#include "training/run.h"

namespace reverie::evaluation {

// base::content_hash of the bytes of physics, task state and observation of a row.
std::string state_hash(const contract::Episode& episode, int64_t step);

PointPlace place_of(const std::string& set, const contract::StartPoint& start);

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

// Throws UserError when `report` is no report.json with points, and with the nearest ID.
ReportPoint read_report_point(const std::filesystem::path& report, const std::string& id);

// The start of `point` as the first row of an episode of one row, its physics recorded again by the policy of `run`, which
// is that of the report. Throws UserError when weights or the state reached are others than the report's.
contract::Episode record_start(const training::Run& run, const ReportPoint& point);

}  // namespace reverie::evaluation
