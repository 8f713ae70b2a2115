#include "viewer/mouse_hands.h"

#include <mujoco/mujoco.h>

#include <algorithm>
#include <utility>

#include "viewer/pose_drag.h"
#include "viewer/pull.h"
#include "viewer/stored_state.h"

namespace reverie::viewer {

namespace {

std::vector<double> state_of(const mjModel* model, const mjData* data) {
  std::vector<double> state(static_cast<size_t>(mj_stateSize(model, mjSTATE_INTEGRATION)));
  mj_getState(model, data, state.data(), mjSTATE_INTEGRATION);
  return state;
}

// The step whose state physics shows.
int64_t step_shown(const TwinView& twin) {
  return twin.looked_at() >= 0 ? twin.looked_at() : twin.steps() - twin.behind();
}

}  // namespace

MouseHands::MouseHands(const mjModel* model, render::SceneRenderer& renderer)
    : model_(model), renderer_(renderer), posed_(sim::make_data(model)) {}

void MouseHands::apply(ViewerContext& context, mjData* physics, mjData* dream) {
  const Grab grab = std::exchange(context.grab, {});
  if (grab.select) {
    let_go(context);
    select(context, grab, physics, dream);
  }
  if (!grab.held || context.selected == 0 || !context.twin.can_pull()) return let_go(context);
  if (!moved_.empty() || (context.playback.paused && !holds_)) return move(context, grab);
  if (model_->body_mocapid[context.selected] < 0)
    pull(context, grab, physics);  // no force moves a mocap body
}

void MouseHands::select(ViewerContext& context, const Grab& grab, mjData* physics, const mjData* dream) {
  renderer_.begin(physics);  // the camera as it is
  context.selected = renderer_.select(grab.dream ? dream : physics, grab.aspect, grab.x, grab.y);
}

void MouseHands::pull(ViewerContext& context, const Grab& grab, mjData* physics) {
  forward(model_, physics, context.twin.physics_state());
  if (!std::exchange(holds_, true)) {
    renderer_.begin(physics);
    renderer_.hold(physics, grab.turns ? mjPERT_ROTATE : mjPERT_TRANSLATE);
  }
  renderer_.move_hand(physics, grab.action, grab.dx, grab.dy);
  context.stepper.request(
      [pull = spring_pull(model_, renderer_.hand(), spring_)](Twin& t, Playback&) { t.pull = pull; });
}

void MouseHands::move(ViewerContext& context, const Grab& grab) {
  context.playback.paused = true;  // as long as it is held
  if (moved_.empty()) {
    step_ = step_shown(context.twin);
    forward(model_, posed_.get(), context.twin.physics_state());
    renderer_.begin(posed_.get());
    renderer_.hold(posed_.get(), grab.turns ? mjPERT_ROTATE : mjPERT_TRANSLATE);
    moved_ = context.twin.physics_state();
  }
  if (grab.dx == 0 && grab.dy == 0) return;
  renderer_.move_hand(posed_.get(), grab.action, grab.dx, grab.dy);
  drag_pose(model_, posed_.get(), renderer_.hand());
  std::fill_n(posed_->qacc_warmstart, model_->nv, 0.0);
  moved_ = state_of(model_, posed_.get());
}

void MouseHands::let_go(ViewerContext& context) {
  if (std::exchange(holds_, false)) {
    renderer_.hold(posed_.get(), 0);
    context.stepper.request([](Twin& t, Playback&) { t.pull = {}; });
  }
  if (moved_.empty()) return;
  renderer_.hold(posed_.get(), 0);
  const std::vector<double> state = std::exchange(moved_, {});
  if (state == context.twin.physics_state()) return;  // it was held and stayed where it was
  context.stepper.request([step = step_, state](Twin& t, Playback& playback) {
    playback.paused = true;
    t.fork(std::min(step, t.steps()), {.state = state});
  });
}

void MouseHands::read_selection(ViewerContext& context, const mjData* data) const {
  Selection& selection = context.selection;
  selection = {};
  const int body = context.selected;
  if (body == 0) return;
  selection.moves = !moved_.empty();
  std::copy_n(data->xpos + 3 * static_cast<ptrdiff_t>(body), 3, selection.place.begin());
  const int joint = model_->body_jntadr[model_->body_weldid[body]];
  if (joint < 0) return;
  const int type = model_->jnt_type[joint];
  if (type != mjJNT_HINGE && type != mjJNT_SLIDE) return;
  selection.joint = data->qpos[model_->jnt_qposadr[joint]];
  if (!model_->jnt_limited[joint]) return;
  const mjtNum* range = model_->jnt_range + 2 * static_cast<ptrdiff_t>(joint);
  selection.low = range[0];
  selection.high = range[1];
}

}  // namespace reverie::viewer
