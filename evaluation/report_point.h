// Points of a report: where each of them started, and that start again, to the bit.
// A report keeps no episodes. It names them, and evaluation records the same ones again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "contract/episode.h"
#include "contract/world.h"
#include "evaluation/report_file.h"
#include "evaluation/section.h"
#include "training/run.h"

namespace reverie::evaluation {

// base::content_hash of the bytes of physics, task state and observation of a row.
std::string state_hash(const contract::Episode& episode, int64_t step);

PointPlace place_of(const std::string& set, const contract::StartPoint& start);

// As point_of_report; when its run is not where the report says, the run whose evaluation/ holds the report.
ReportPoint read_report_point(const std::filesystem::path& report, const std::string& id);

// The start of `point` as the first row of an episode of one row, its physics recorded again by the policy of `run`, which
// is that of the report. Throws UserError when weights or the state reached are others than the report's.
contract::Episode record_start(const training::Run& run, const ReportPoint& point);

}  // namespace reverie::evaluation
