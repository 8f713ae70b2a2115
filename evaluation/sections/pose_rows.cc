#include "evaluation/sections/pose_rows.h"

namespace reverie::evaluation {

void add_pose_rows(Findings& findings, const std::string& prefix, const Admissibility& poses) {
  const auto add = [&](const char* name, double value, const char* unit) {
    findings.rows.push_back({prefix + name, {}, kNone, value, kNone, poses.states, unit});
  };
  add("ground_contact", poses.share(poses.touching_ground), "");
  add("sunk", poses.share(poses.sunk), "");
  add("penetrating", poses.share(poses.penetrating), "");
  add("beyond_limits", poses.share(poses.beyond_limits), "");
  add("admissible", poses.share(poses.admissible), "");
  add("deepest", poses.deepest, "m");
}

}  // namespace reverie::evaluation
