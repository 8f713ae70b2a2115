#include "viewer/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "training/memory_plan.h"
#include "viewer/context.h"

namespace reverie::viewer {

namespace {

using Context = ViewerContext;

// The last number of a curve; not a number when there is no dream.
double last(const Context& context, const std::vector<double>& curve) {
  return context.twin.has_dream() ? curve.back() : std::numeric_limits<double>::quiet_NaN();
}

double truth(bool value) { return value ? 1 : 0; }

const BranchView& branch(const Context& context) {
  return context.twin.branches()[static_cast<size_t>(context.twin.branch())];
}

Reaction last_reaction(const Context& context) {
  if (context.twin.events().empty()) return {};
  return reaction_to(context.twin.events().back(), context.twin.history(), context.twin.step_seconds());
}

// A curve of the fan at the step that is looked at.
template <typename Curve>
double of_fan(const Context& context, const Curve& curve) {
  const Fan* fan = context.twin.fan();
  if (fan == nullptr) return std::numeric_limits<double>::quiet_NaN();
  return (*curve(*fan))[static_cast<size_t>(std::clamp(context.fan_h, 0, fan->horizon))];
}

std::string run_name(const Context& context, size_t run) {
  return run < context.dreams.size() ? context.dreams[run] : "";
}

std::string closest_run(const Context& context) {
  size_t closest = 0;
  double least = context.twin.history().error.back();
  for (size_t i = 0; i < context.twin.others().size(); ++i) {
    const double error = context.twin.others()[i].error.back();
    if (error < least) closest = i + 1;
    least = std::min(least, error);
  }
  return run_name(context, closest);
}

template <typename Read>
double of_second(const Context& context, Read read) {
  if (context.twin.others().empty()) return std::numeric_limits<double>::quiet_NaN();
  return read(context.twin.others().front());
}

const NamedValue kValues[] = {
    {"twin.episode", "index of the episode shown",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.episode()); }},
    {"twin.steps", "steps of the twin since the episode began",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.steps()); }},
    {"twin.control_steps", "control steps of a step",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.control_steps()); }},
    {"twin.done", "1: the episode's time limit is reached",
     [](const Context& c) -> Value { return truth(c.twin.done()); }},
    {"playback.paused", "1: time stands still",
     [](const Context& c) -> Value { return truth(c.playback.paused); }},
    {"playback.speed", "simulated seconds a second",
     [](const Context& c) -> Value { return c.playback.speed; }},
    {"physics.time", "seconds since the episode began",
     [](const Context& c) -> Value { return c.twin.history().time.back(); }},
    {"physics.return", "simulated return so far",
     [](const Context& c) -> Value { return c.twin.history().physics_return.back(); }},
    {"dream.return", "imagined return so far",
     [](const Context& c) -> Value { return last(c, c.twin.history().dream_return); }},
    {"dream.error", "observation error of the dream now, in standard deviations",
     [](const Context& c) -> Value { return last(c, c.twin.history().error); }},
    {"dream.uncertainty", "the model's own uncertainty now",
     [](const Context& c) -> Value { return last(c, c.twin.history().uncertainty); }},
    {"dream.held", "1: the error has not passed the valid error since the last anchor",
     [](const Context& c) -> Value { return truth(c.twin.has_dream() && c.twin.clock().held); }},
    {"dream.valid_seconds", "valid prediction time since the last anchor, seconds",
     [](const Context& c) -> Value { return c.twin.clock().seconds; }},
    {"dream.anchors", "anchors since the episode began",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.history().anchor_times.size()); }},
    {"dream.anchor_every", "control steps between anchors, 0: never",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.anchor_every()); }},
    {"dream.chooses", "1: the policy acts by what the dream shows",
     [](const Context& c) -> Value { return truth(c.twin.driver() == Driver::kDream); }},
    {"dream.admissible", "share of the imagined states since the start that are admissible",
     [](const Context& c) -> Value {
       const evaluation::Admissibility& all = c.twin.dream_admissibility();
       return all.share(all.admissible);
     }},
    {"dream.penetration", "deepest contact of the imagined state now, metres",
     [](const Context& c) -> Value { return c.twin.dream_pose().penetration; }},
    {"dream.beyond_limits", "furthest that a joint of the imagined state is beyond its stop now, rad or m",
     [](const Context& c) -> Value { return c.twin.dream_pose().beyond_limit; }},
    {"physics.admissible", "share of the simulated states since the start that are admissible",
     [](const Context& c) -> Value {
       const evaluation::Admissibility& all = c.twin.physics_admissibility();
       return all.share(all.admissible);
     }},
    {"view.memory_mb", "memory of this process, megabytes",
     [](const Context&) -> Value { return training::resident_mb(); }},
    {"view.gl_errors", "frames after which OpenGL told of an error",
     [](const Context& c) -> Value { return static_cast<double>(c.gl_errors); }},
    {"view.buffer_pixels", "pixels of the buffer in which OpenGL draws the worlds",
     [](const Context& c) -> Value { return static_cast<double>(c.buffer_pixels); }},
    {"runs.count", "runs beside each other, the first one among them; 0: no run is open",
     [](const Context& c) -> Value { return static_cast<double>(c.dreams.size()); }},
    {"runs.closest", "name of the run whose dream is closest to physics now",
     [](const Context& c) -> Value { return closest_run(c); }},
    {"second.name", "name of the second run", [](const Context& c) -> Value { return run_name(c, 1); }},
    {"second.return", "return so far that the second run imagines",
     [](const Context& c) -> Value {
       return of_second(c, [](const OtherView& o) { return o.returns.back(); });
     }},
    {"second.error", "observation error of the second run's dream now, in standard deviations",
     [](const Context& c) -> Value {
       return of_second(c, [](const OtherView& o) { return o.error.back(); });
     }},
    {"second.valid_seconds", "its valid prediction time since the last anchor, seconds",
     [](const Context& c) -> Value {
       return of_second(c, [](const OtherView& o) { return o.clock.seconds; });
     }},
    {"dream.ghost_force", "ghost force of the last imagined step, weights; nan: it is not measured",
     [](const Context& c) -> Value { return last(c, c.twin.history().ghost_force); }},
    {"dream.ghost_force_median", "its median over the last 1000 steps",
     [](const Context& c) -> Value { return median_ghost_force(c.twin.history().ghost_force); }},
    {"physics.ghost_force_median", "the same of the simulated steps",
     [](const Context& c) -> Value { return median_ghost_force(c.twin.history().physics_ghost_force); }},
    {"physics.on", "1: physics runs; 0: the dream steps alone",
     [](const Context& c) -> Value { return truth(c.steering.physics_on); }},
    {"physics.behind", "steps that the dream has taken and physics has not",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.behind()); }},
    {"drive.on", "1: the user drives", [](const Context& c) -> Value { return truth(c.steering.driven); }},
    {"drive.policy", "1: while the user drives, the policy acts as well",
     [](const Context& c) -> Value { return truth(c.steering.policy_acts); }},
    {"drive.push", "largest push of a control now, from 0 to 1",
     [](const Context& c) -> Value {
       double largest = 0;
       for (const float push : c.drive.pushes)
         largest = std::max(largest, std::abs(static_cast<double>(push)));
       return largest;
     }},
    {"drive.controls", "controls that can be pushed",
     [](const Context& c) -> Value { return static_cast<double>(c.drive.controls.size()); }},
    {"fork.count", "branches of the episode's history",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.branches().size()); }},
    {"fork.branch", "number of the present branch, from 0",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.branch()); }},
    {"fork.parent", "number of the branch that it left; -1: none",
     [](const Context& c) -> Value { return static_cast<double>(branch(c).parent); }},
    {"fork.from_step", "step at which it left",
     [](const Context& c) -> Value { return static_cast<double>(branch(c).from_step); }},
    {"fork.looked_at", "step that is looked at; -1: the present",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.looked_at()); }},
    {"fork.notice", "what became of a file of branches",
     [](const Context& c) -> Value { return c.twin.notice(); }},
    {"event.count", "events of the present branch: changes of physics and pushes",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.events().size()); }},
    {"event.mass", "factor of all masses in force",
     [](const Context& c) -> Value { return c.twin.changes().mass; }},
    {"event.friction", "factor of all frictions in force",
     [](const Context& c) -> Value { return c.twin.changes().friction; }},
    {"event.gravity", "factor of gravity in force",
     [](const Context& c) -> Value { return c.twin.changes().gravity; }},
    {"event.wind", "wind in force, m/s along x",
     [](const Context& c) -> Value { return c.twin.changes().wind; }},
    {"event.drifted_after",
     "seconds from the last event until the error passed the valid error; nan: it has not",
     [](const Context& c) -> Value { return last_reaction(c).drifted; }},
    {"event.noticed_after",
     "seconds from the last event until the model was less certain than ever before; nan: it was not",
     [](const Context& c) -> Value { return last_reaction(c).noticed; }},
    {"fan.shown", "1: futures of the present are shown",
     [](const Context& c) -> Value { return truth(c.twin.fan() != nullptr); }},
    {"fan.futures", "futures shown",
     [](const Context& c) -> Value { return c.twin.fan() == nullptr ? 0.0 : c.twin.fan()->futures; }},
    {"fan.horizon", "steps that they go ahead",
     [](const Context& c) -> Value { return c.twin.fan() == nullptr ? 0.0 : c.twin.fan()->horizon; }},
    {"fan.ahead", "step of them that is looked at",
     [](const Context& c) -> Value { return static_cast<double>(c.fan_h); }},
    {"fan.spread", "mean distance of the imagined futures from the first at that step, metres",
     [](const Context& c) -> Value {
       return of_fan(c, [](const Fan& fan) { return &fan.imagined.spread; });
     }},
    {"fan.true_spread", "the same of physics under the same actions, metres",
     [](const Context& c) -> Value {
       return of_fan(c, [](const Fan& fan) { return &fan.simulated.spread; });
     }},
    {"fan.error", "mean distance of imagined from simulated futures at that step, metres",
     [](const Context& c) -> Value { return of_fan(c, [](const Fan& fan) { return &fan.error; }); }},
    {"fan.uncertainty", "the model's own uncertainty at that step, mean over the futures",
     [](const Context& c) -> Value { return of_fan(c, [](const Fan& fan) { return &fan.uncertainty; }); }},
    {"twin.action", "first number of the last action",
     [](const Context& c) -> Value {
       const std::vector<float>& actions = c.twin.history().actions;
       const auto width = static_cast<size_t>(c.twin.spec().action_dim);
       return actions.empty() ? 0.0 : static_cast<double>(actions[actions.size() - width]);
     }},
    {"twin.rate", "steps of the last second of wall clock; 0 in a script",
     [](const Context& c) -> Value { return c.twin.steps_per_second; }},
    {"twin.possible_rate", "steps a second, had those so far followed one another without a pause",
     [](const Context& c) -> Value { return c.twin.possible_rate; }},
    {"view.selected", "body that is selected; empty: none",
     [](const Context& c) -> Value { return c.selected == 0 ? "" : body_name(c.bodies, c.selected); }},
    {"selection.x", "where it is in physics, metres",
     [](const Context& c) -> Value { return c.selection.place[0]; }},
    {"selection.y", "the same along y", [](const Context& c) -> Value { return c.selection.place[1]; }},
    {"selection.z", "the same along z", [](const Context& c) -> Value { return c.selection.place[2]; }},
    {"selection.joint", "position of its first joint in physics, rad or m; nan: it neither slides nor turns",
     [](const Context& c) -> Value { return c.selection.joint; }},
    {"selection.low", "lower end of that joint's range; nan: it has none",
     [](const Context& c) -> Value { return c.selection.low; }},
    {"selection.high", "upper end of it", [](const Context& c) -> Value { return c.selection.high; }},
    {"selection.moves", "1: the mouse moves the robot while time stands still",
     [](const Context& c) -> Value { return truth(c.selection.moves); }},
    {"pull.steps", "steps of the present branch in which the mouse pulled a body",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.pulls()); }},
    {"pull.force", "force of the last of them, N",
     [](const Context& c) -> Value {
       const Wrench& wrench = c.twin.last_force().wrench;
       return std::hypot(wrench[0], wrench[1], wrench[2]);
     }},
    {"pull.torque", "torque of the last of them, Nm",
     [](const Context& c) -> Value {
       const Wrench& wrench = c.twin.last_force().wrench;
       return std::hypot(wrench[3], wrench[4], wrench[5]);
     }},
    {"keys.count", "keyframes: those of the model and those that were kept",
     [](const Context& c) -> Value { return static_cast<double>(c.keys.size()); }},
    {"sensors.count", "numbers of the model's sensors",
     [](const Context& c) -> Value { return static_cast<double>(c.sensors.size()); }},
    {"sensors.physics", "the first of them in physics; read while the panel is shown",
     [](const Context& c) -> Value { return c.sensors.empty() ? 0.0 : c.sensors[0].physics; }},
    {"sensors.dream", "the same in the dream",
     [](const Context& c) -> Value { return c.sensors.empty() ? 0.0 : c.sensors[0].dream; }},
    {"view.ghost", "1: the dream lies over the robot as a ghost",
     [](const Context& c) -> Value { return truth(c.show_ghost); }},
    {"view.red", "1: the ghost turns red where it is off",
     [](const Context& c) -> Value { return truth(c.colour_by_error); }},
    {"view.observations", "group of observations whose curves are shown; empty: there is none",
     [](const Context& c) -> Value {
       const auto& groups = c.twin.spec().observation;
       const auto at = static_cast<size_t>(std::max(c.observation_group, 0));
       return at < groups.size() ? groups[at].name : "";
     }},
    {"view.title", "what is shown: the task", [](const Context& c) -> Value { return c.title; }},
    {"view.subtitle", "run, checkpoint and policy", [](const Context& c) -> Value { return c.subtitle; }},
    {"view.actor", "who chooses the actions",
     [](const Context& c) -> Value {
       return c.actors.empty() ? "" : c.actors[static_cast<size_t>(c.actor)].name;
     }},
    {"view.error", "why something could not be opened", [](const Context& c) -> Value { return c.error; }},
    {"view.nothing_open", "1: nothing is open",
     [](const Context& c) -> Value { return truth(c.nothing_open); }},
    {"run.checkpoint", "name of the checkpoint shown",
     [](const Context& c) -> Value {
       return c.checkpoints.shown < 0 ? "" : c.checkpoints.names[static_cast<size_t>(c.checkpoints.shown)];
     }},
    {"run.checkpoints", "checkpoints of the run",
     [](const Context& c) -> Value { return static_cast<double>(c.checkpoints.names.size()); }},
    {"run.live", "1: a process trains the run now",
     [](const Context& c) -> Value { return truth(c.checkpoints.live); }},
    {"run.follow", "1: the newest checkpoint is shown as soon as it is there",
     [](const Context& c) -> Value { return truth(c.checkpoints.follow); }},
    {"recording.steps", "control steps of the recorded episode; 0: none is played",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.recording().steps); }},
    {"recording.difference", "first control step after which physics is not where it was recorded; -1: none",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.recording().difference); }},
    {"view.notice", "what was done last; it stands for a few seconds",
     [](const Context& c) -> Value { return c.notice; }},
    {"view.overlay", "0: none, 1: the help, 2: the list of panels",
     [](const Context& c) -> Value { return static_cast<double>(c.overlay); }},
    {"view.camera", "camera shown, by name",
     [](const Context& c) -> Value {
       return c.camera_shown < 0 ? "as moved" : c.cameras[static_cast<size_t>(c.camera_shown)];
     }},
    {"view.light", "1: the light theme", [](const Context& c) -> Value { return truth(c.layout.light); }},
    {"view.films", "1: a film is being written", [](const Context& c) -> Value { return truth(c.films); }},
    {"view.clipboard", "what was copied last",
     [](const Context&) -> Value {
       const char* text = ImGui::GetClipboardText();
       return text == nullptr ? "" : text;
     }},
    {"training.state", "0: nobody trains, 1: the viewer's own process, 2: another one",
     [](const Context& c) -> Value { return static_cast<double>(c.training); }},
    {"training.step", "steps of training so far; -1: no run is open",
     [](const Context& c) -> Value { return c.glance ? static_cast<double>(c.glance->step) : -1.0; }},
    {"training.warning", "that the dream promises too much",
     [](const Context& c) -> Value { return c.glance ? c.glance->warning : ""; }},
    {"training.tests", "lines of the newest scorecard",
     [](const Context& c)
         -> Value { return c.glance ? static_cast<double>(c.glance->scorecard.size()) : 0.0; }},
    {"view.frames", "frames drawn so far",
     [](const Context& c) -> Value { return static_cast<double>(c.times.frames); }},
    {"view.panels_ms",
     "milliseconds of the processor a frame that keys and panels took besides OpenGL, mean so far",
     [](const Context& c) -> Value { return 1000 * c.times.panels; }},
    {"view.scenes_ms",
     "milliseconds of the processor a frame that poses and scenes took besides OpenGL, mean so far",
     [](const Context& c) -> Value { return 1000 * c.times.scenes; }},
    {"view.worlds_ms", "milliseconds by the clock a frame that OpenGL took to draw the worlds, mean so far",
     [](const Context& c) -> Value { return 1000 * c.times.worlds; }},
    {"view.shown_ms",
     "milliseconds by the clock a frame that OpenGL took for the panels and to hand the picture over, mean "
     "so far",
     [](const Context& c) -> Value { return 1000 * c.times.shown; }},
    {"view.arranged", "1: windows were moved by the mouse",
     [](const Context& c) -> Value { return truth(c.docking.moved()); }},
    {"view.floating", "windows that stand on their own",
     [](const Context& c) -> Value { return static_cast<double>(c.docking.floating()); }},
    {"view.panels", "panels that are shown",
     [](const Context& c) -> Value { return static_cast<double>(c.placed.size()); }},
};

}  // namespace

std::span<const NamedValue> named_values() { return kValues; }

const NamedValue* find_value(const std::string& name) {
  const auto at = std::ranges::find_if(kValues, [&](const NamedValue& one) { return name == one.name; });
  return at == std::end(kValues) ? nullptr : &*at;
}

std::string to_text(const Value& value) {
  if (const double* number = std::get_if<double>(&value)) return fmt::format("{:.6g}", *number);
  return std::get<std::string>(value);
}

}  // namespace reverie::viewer
