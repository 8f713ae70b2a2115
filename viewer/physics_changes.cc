#include "viewer/physics_changes.h"

#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include <algorithm>

#include "sim/scaled_model.h"
#include "viewer/pull.h"

namespace reverie::viewer {

namespace {

constexpr double kAir = 1.2, kViscosity = 1.8e-5;  // kg / m^3 and Pa s

}  // namespace

std::string tell(const PhysicsEvent& event, const PhysicsChanges& before,
                 std::span<const std::string> bodies) {
  if (event.pulled > 0) return "pull at " + body_name(bodies, event.pulled);
  if (event.push != 0) return fmt::format("push {:.3g} m/s", event.push);
  std::string text;
  const auto add = [&](const char* name, double now, double then, const char* unit) {
    if (now != then) text += fmt::format("{}{} {:.3g}{}", text.empty() ? "" : ", ", name, now, unit);
  };
  add("mass x", event.changes.mass, before.mass, "");
  add("friction x", event.changes.friction, before.friction, "");
  add("gravity x", event.changes.gravity, before.gravity, "");
  add("wind", event.changes.wind, before.wind, " m/s");
  return text.empty() ? "nothing" : text;
}

sim::ModelPtr changed_model(const mjModel* model, const PhysicsChanges& changes) {
  sim::ModelPtr copy = sim::scaled_model(
      model, {.mass = changes.mass, .friction = changes.friction, .gravity = changes.gravity});
  if (changes.wind != 0) {
    copy->opt.wind[0] += changes.wind;
    copy->opt.density = std::max(copy->opt.density, kAir);
    copy->opt.viscosity = std::max(copy->opt.viscosity, kViscosity);
  }
  return copy;
}

}  // namespace reverie::viewer
