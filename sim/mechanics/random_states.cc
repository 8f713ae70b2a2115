#include "sim/mechanics/random_states.h"

#include "contract/rng.h"
#include "sim/controls.h"

namespace reverie::sim {
namespace {

constexpr double kBeyond = 0.1;  // share of a range: soft limits are passed a little, clipped values show
constexpr double kTurns = 3.0;   // half turns of a free hinge each way: wrapped angles show
constexpr double kSpread = 1.0;  // m, and of a velocity
constexpr double kFast = 30.0;   // of a velocity in every other state: clipped velocities show

void draw_orientation(contract::Rng& rng, double* quat) {
  for (int k = 0; k < 4; ++k) quat[k] = rng.normal();
  mju_normalize4(quat);
}

void draw_joint(const mjModel* m, int joint, contract::Rng& rng, double* q) {
  const int type = m->jnt_type[joint];
  if (type == mjJNT_FREE || type == mjJNT_BALL) {
    for (int k = 0; k < 3 && type == mjJNT_FREE; ++k) q[k] += rng.uniform(-kSpread, kSpread);
    draw_orientation(rng, type == mjJNT_FREE ? q + 3 : q);
    return;
  }
  double low = -kSpread, high = kSpread;
  if (type == mjJNT_HINGE) low = -kTurns * mjPI, high = kTurns * mjPI;
  if (m->jnt_limited[joint]) {
    const double* range = m->jnt_range + int64_t{2} * joint;
    const double more = kBeyond * (range[1] - range[0]);
    low = range[0] - more, high = range[1] + more;
  }
  *q = rng.uniform(low, high);
}

}  // namespace

RandomStates::RandomStates(const Task::Impl& task)
    : task_(task),
      data_(make_data(task.model.get())),
      task_state_(static_cast<size_t>(task.layout.size)),
      slots_(static_cast<size_t>(task.program.slot_count())) {}

void RandomStates::draw(uint64_t index) {
  const mjModel* m = task_.model.get();
  mjData* d = data_.get();
  contract::Rng rng(0, index, contract::Stream::kEvaluation);
  mj_resetData(m, d);
  d->time = rng.uniform(0.0, 10.0);
  for (int j = 0; j < m->njnt; ++j) draw_joint(m, j, rng, d->qpos + m->jnt_qposadr[j]);
  const double speed = index % 2 == 0 ? kSpread : kFast;
  for (int64_t i = 0; i < m->nv; ++i) d->qvel[i] = speed * rng.normal();
  for (int64_t i = 0; i < m->na; ++i) d->act[i] = rng.uniform();
  for (int i = 0; i < m->nu; ++i) {
    const ControlRange range = control_range(m, i);
    d->ctrl[i] = rng.uniform(range.low, range.high);
  }
  for (int64_t i = 0; i < m->nmocap; ++i) {
    for (int k = 0; k < 3; ++k) d->mocap_pos[3 * i + k] += rng.uniform(-kSpread, kSpread);
    draw_orientation(rng, d->mocap_quat + 4 * i);
  }
  for (double& number : task_state_) number = rng.uniform(-1.0, 1.0);
}

void RandomStates::follow(uint64_t index) {
  draw(index);
  for (const Remembered& one : task_.remembered) {
    for (size_t i = 0; i < one.slots.size(); ++i)
      task_state_[static_cast<size_t>(one.offset) + i] = slots_[static_cast<size_t>(one.slots[i])];
  }
}

void RandomStates::move(int qpos, double by) { data_->qpos[qpos] += by; }

void RandomStates::forward() {
  mj_forward(task_.model.get(), data_.get());
  task_.program.initialise(slots_);
  task_.program.run({task_.model.get(), data_.get(), task_state_.data()}, slots_);
}

}  // namespace reverie::sim
