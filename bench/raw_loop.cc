#include "bench/raw_loop.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/error.h"
#include "sim/env.h"
#include "sim/task/task_impl.h"

namespace reverie::bench {
namespace {

// One episode: what the engine starts from and is given.
struct Track {
  sim::DataPtr data;
  std::vector<double> start;     // [P]
  std::vector<double> controls;  // [T, nu]
};

}  // namespace

struct RawLoop::Impl {
  std::shared_ptr<const sim::Task> task;
  std::vector<Track> tracks;
  std::function<void(int64_t, int)> play_one;

  void play(Track& track) const;
};

// The order of calls is Env's, see physics_step() there.
void RawLoop::Impl::play(Track& track) const {
  const sim::Task::Impl& t = task->impl();
  const mjModel* m = t.model.get();
  mjData* d = track.data.get();
  const int substeps = t.runge_kutta ? t.substeps : t.substeps - 1;
  for (auto ctrl = track.controls.begin(); ctrl != track.controls.end(); ctrl += m->nu) {
    std::copy_n(ctrl, m->nu, d->ctrl);
    if (!t.runge_kutta) mj_step2(m, d);
    for (int i = 0; i < substeps; ++i) mj_step(m, d);
    mj_step1(m, d);
  }
}

RawLoop::RawLoop(const std::shared_ptr<const sim::Task>& task, int count, uint64_t seed,
                 std::span<const float> actions)
    : impl_(std::make_unique<Impl>()) {
  const sim::Events& events = task->impl().events;
  if (!events.randomisations.empty() || !events.pushes.empty())
    base::throw_user_error("{}: draws its model or pushes the robot: no loop of engine calls does the same",
                           task->spec().task);
  impl_->task = task;
  impl_->play_one = [impl = impl_.get()](int64_t i, int) {
    impl->play(impl->tracks[static_cast<size_t>(i)]);
  };
  const auto width = static_cast<size_t>(task->spec().action_dim);
  const size_t row = static_cast<size_t>(count) * width;
  sim::Env env(task);
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    Track track{.data = sim::make_data(task->model()),
                .start = std::vector<double>(static_cast<size_t>(task->spec().physics_dim)),
                .controls = {}};
    env.reset(seed, i);
    env.copy_physics_state(track.start);
    for (size_t at = i * width; at < actions.size(); at += row) {
      const sim::StepResult result = env.step(actions.subspan(at, width));
      track.controls.insert(track.controls.end(), env.data()->ctrl, env.data()->ctrl + task->model()->nu);
      if ((result.terminated || result.truncated || result.diverged) && at + row < actions.size())
        base::throw_user_error("{}: an episode ended after {} steps, expected {} steps of every episode",
                               task->spec().task, env.steps(), actions.size() / row);
    }
    impl_->tracks.push_back(std::move(track));
  }
  rewind();
}

RawLoop::~RawLoop() = default;

void RawLoop::rewind() {
  const mjModel* m = impl_->task->model();
  for (Track& track : impl_->tracks) {
    mj_resetData(m, track.data.get());
    mj_setState(m, track.data.get(), track.start.data(), mjSTATE_INTEGRATION);
    mj_step1(m, track.data.get());
  }
}

void RawLoop::play(base::ThreadPool& pool) {
  pool.run(static_cast<int64_t>(impl_->tracks.size()), impl_->play_one);
}

void RawLoop::copy_physics_state(int i, std::span<double> out) const {
  mj_getState(impl_->task->model(), impl_->tracks.at(static_cast<size_t>(i)).data.get(), out.data(),
              mjSTATE_INTEGRATION);
}

}  // namespace reverie::bench
