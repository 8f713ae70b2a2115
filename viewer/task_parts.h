// Parts of a twin that a task gives, or a bare model: a judge of poses, hands on the robot, and what makes fans.
#pragma once

#include <memory>

#include "base/thread_pool.h"
#include "policies/agent.h"
#include "sim/task/task.h"
#include "viewer/twin_parts.h"

namespace reverie::viewer {

// `pool` must outlive the parts.
void add_task_parts(TwinParts& parts, const std::shared_ptr<const sim::Task>& task, base::ThreadPool& pool);

// Physics of a bare model and hands on it; parts.spec is that of model_spec().
void add_model_parts(TwinParts& parts, const std::shared_ptr<const mjModel_>& model);

// The measure of ghost forces, for parts whose dream is known.
void add_ghost_force(TwinParts& parts, const std::shared_ptr<const sim::Task>& task);

// The dream of a fan and who acts in it, for parts that a task has given before.
void add_fan_dream(FanParts& fan, const std::shared_ptr<policies::Agent>& agent);

}  // namespace reverie::viewer
