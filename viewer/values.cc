#include "viewer/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "viewer/context.h"

namespace reverie::viewer {

namespace {

using Context = ViewerContext;

// The last number of a curve; not a number when there is no dream.
double last(const Context& context, const std::vector<double>& curve) {
  return context.twin.has_dream() ? curve.back() : std::numeric_limits<double>::quiet_NaN();
}

double truth(bool value) { return value ? 1 : 0; }

const NamedValue kValues[] = {
    {"twin.episode", "index of the episode shown",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.episode()); }},
    {"twin.steps", "steps of the twin since the episode began",
     [](const Context& c) -> Value { return static_cast<double>(c.twin.steps()); }},
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
    {"view.ghost", "1: the dream lies over the robot as a ghost",
     [](const Context& c) -> Value { return truth(c.show_ghost); }},
    {"view.title", "what is shown: the task", [](const Context& c) -> Value { return c.title; }},
    {"view.subtitle", "run, checkpoint and policy", [](const Context& c) -> Value { return c.subtitle; }},
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
