#include "viewer/task_parts.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <vector>

#include "evaluation/admissibility.h"
#include "evaluation/pose_error.h"
#include "policies/actor_policy.h"
#include "sim/env.h"
#include "sim/model.h"
#include "sim/robot.h"
#include "sim/simulated_world.h"
#include "viewer/ghost_force.h"
#include "viewer/model_world.h"

namespace reverie::viewer {

namespace {

// TwinParts::put.
auto putter(const std::shared_ptr<const sim::Task>& task) {
  auto env = std::make_shared<sim::Env>(task);
  return [env](const contract::Episode& episode, int64_t step, std::span<const double> state) {
    TwinParts::Moved moved;
    moved.physics.assign(state.begin(), state.end());
    env->restore(moved.physics, episode.task_row(step), episode.seed, episode.index, step);
    for (const double value : env->observation()) moved.observation.push_back(static_cast<float>(value));
    return moved;
  };
}

// FanParts::places of bodies.
auto places_of(std::shared_ptr<const sim::Task> task, const std::vector<std::string>& names) {
  std::vector<int> bodies;
  for (const std::string& name : names) {
    const int body = mj_name2id(task->model(), mjOBJ_BODY, name.c_str());
    if (body >= 0) bodies.push_back(body);
  }
  const std::shared_ptr<mjData> data(sim::make_data(task->model()).release(), mj_deleteData);
  return [task = std::move(task), bodies, data](std::span<const float> positions) {
    std::ranges::copy(positions, data->qpos);
    mj_kinematics(task->model(), data.get());
    std::vector<float> places;
    for (const int body : bodies) {
      const mjtNum* at = data->xpos + 3 * static_cast<ptrdiff_t>(body);
      for (int i = 0; i < 3; ++i) places.push_back(static_cast<float>(at[i]));
    }
    return places;
  };
}

// TwinParts::push: of the first driven tree, or else of all that moves. The model must outlive it.
auto pusher(const mjModel* model) {
  const std::vector<bool> driven = sim::driven_trees(model);
  const auto tree = std::ranges::find(driven, true) - driven.begin();
  const int body = tree < std::ssize(driven) ? sim::root_of_tree(model, static_cast<int>(tree)) : 0;
  const std::shared_ptr<mjData> data(sim::make_data(model).release(), mj_deleteData);
  return [model, body, data](const contract::Episode& episode, int64_t step, double speed) {
    const auto state = episode.physics_state(step);
    std::vector<double> pushed(state.begin(), state.end());
    mj_setState(model, data.get(), state.data(), mjSTATE_INTEGRATION);
    mj_forward(model, data.get());
    std::vector<mjtNum> jacobian(3 * static_cast<size_t>(model->nv)),
        velocity(static_cast<size_t>(model->nv));
    mj_jacSubtreeCom(model, data.get(), jacobian.data(), body);
    mj_solveM(model, data.get(), velocity.data(), jacobian.data(), 1);  // of an impulse along x
    const mjtNum moved = mju_dot(jacobian.data(), velocity.data(), model->nv);
    if (moved < mjMINVAL) return pushed;  // it cannot move along x
    double* qvel = pushed.data() + contract::EnvSpec::kQposOffset + model->nq;
    for (int i = 0; i < model->nv; ++i) qvel[i] += velocity[static_cast<size_t>(i)] * speed / moved;
    return pushed;
  };
}

// What follows from a model and from TwinParts::put.
void add_hands(TwinParts& parts, const mjModel* model) {
  add_moves(parts, model);
  parts.push = pusher(model);
  parts.bodies = static_cast<int>(model->nbody);
  parts.forces_at = forces_in_state(model);
}

}  // namespace

void add_model_parts(TwinParts& parts, const std::shared_ptr<const mjModel_>& model) {
  parts.physics = make_model_world(model, parts.spec);
  parts.start = model_starts(model.get(), parts.spec);
  parts.put = [model](const contract::Episode&, int64_t, std::span<const double> state) {
    TwinParts::Moved moved;
    moved.physics.assign(state.begin(), state.end());
    const auto seen =
        state.subspan(contract::EnvSpec::kQposOffset, static_cast<size_t>(model->nq + model->nv));
    moved.observation.assign(seen.begin(), seen.end());
    return moved;
  };
  parts.change = [model, spec = parts.spec](const PhysicsChanges& changes) {
    return make_model_world(changed_model(model.get(), changes), spec);
  };
  add_hands(parts, model.get());
}

void add_task_parts(TwinParts& parts, const std::shared_ptr<const sim::Task>& task, base::ThreadPool& pool) {
  parts.read_pose = [reader = std::make_shared<evaluation::PoseReader>(task)](
                        std::span<const float> positions) { return reader->read(positions); };
  parts.put = putter(task);
  add_hands(parts, task->model());
  parts.change = [task, &pool](const PhysicsChanges& changes) {
    const sim::ModelPtr model = changed_model(task->model(), changes);
    return sim::make_simulated_world(task, pool, {.replacement = model.get()});
  };
  const auto comparison = std::make_shared<evaluation::PoseComparison>(task);
  parts.fan.physics = [task, &pool] { return sim::make_simulated_world(task, pool); };
  parts.fan.places = places_of(task, comparison->key_bodies());
  parts.fan.distance = [comparison](std::span<const float> truth, std::span<const float> positions) {
    comparison->set_truth(truth);
    return comparison->compare(positions).place;
  };
}

void add_ghost_force(TwinParts& parts, const std::shared_ptr<const sim::Task>& task) {
  const auto ghost = std::make_shared<GhostForce>(task, parts.dream ? parts.dream->control_steps() : 1);
  parts.ghost_force = [ghost](const TwinParts::Motion& motion) { return ghost->measure(motion); };
}

void add_fan_dream(FanParts& fan, const std::shared_ptr<policies::Agent>& agent) {
  fan.dream = [agent] { return agent->imagined_world(); };
  fan.policy = policies::actor_policy(agent);
}

}  // namespace reverie::viewer
