// Parts of a twin that a task gives: a judge of poses, a hand that moves the robot, and what makes fans.
#pragma once

#include <memory>

#include "base/thread_pool.h"
#include "policies/agent.h"
#include "sim/task/task.h"
#include "viewer/twin.h"

namespace reverie::viewer {

// `pool` must outlive the parts.
void add_task_parts(TwinParts& parts, const std::shared_ptr<const sim::Task>& task, base::ThreadPool& pool);

// The dream of a fan and who acts in it, for parts that a task has given before.
void add_fan_dream(FanParts& fan, const std::shared_ptr<policies::Agent>& agent);

}  // namespace reverie::viewer
