#include "viewer/fork_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

#include "base/error.h"
#include "base/files.h"

namespace reverie::viewer {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "reverie-branches";
constexpr int kVersion = 1;

// What a branch did since it left its parent.
Json branch_json(const Twin& twin, int number) {
  const Branch& branch = twin.branches()[static_cast<size_t>(number)];
  const Timeline& timeline = twin.timeline(number);
  const auto skipped = static_cast<std::ptrdiff_t>(branch.from_step * twin.spec().action_dim);
  const auto own_from = static_cast<std::ptrdiff_t>(branch.inherited_anchors);
  const std::vector<int64_t> anchors(timeline.anchors.begin() + own_from, timeline.anchors.end());
  Json events = Json::array();
  for (size_t i = branch.inherited_events; i < timeline.events.size(); ++i) {
    const PhysicsEvent& event = timeline.events[i];
    if (event.pulled > 0) continue;  // it follows from the forces
    const PhysicsChanges& now = event.changes;
    events.push_back({{"step", event.step},
                      {"mass", now.mass},
                      {"friction", now.friction},
                      {"gravity", now.gravity},
                      {"wind", now.wind},
                      {"push", event.push},
                      {"anchors_before", event.anchors}});
  }
  Json forces = Json::array();
  for (const BodyForce& force : timeline.forces) {
    if (force.step >= branch.from_step)
      forces.push_back({{"step", force.step}, {"body", force.body}, {"wrench", force.wrench}});
  }
  return {{"parent", branch.parent},
          {"from_step", branch.from_step},
          {"shift", branch.edit.shift},
          {"state", branch.edit.state},
          {"action_edited", !branch.edit.action.empty()},
          {"actions",
           std::vector<float>(timeline.history.actions.begin() + skipped, timeline.history.actions.end())},
          {"anchors", anchors},
          {"events", events},
          {"forces", forces},
          {"physics_return", timeline.history.physics_return.back()}};
}

struct Plan {
  Branch branch;
  std::vector<float> actions;
  std::vector<int64_t> anchors;
  std::vector<PhysicsEvent> events;
  std::vector<BodyForce> forces;
  double physics_return = 0;
};

struct Contents {
  contract::Episode start;
  uint64_t episode = 0;
  std::vector<Plan> plans;
  int present = 0;
};

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& why) {
  base::throw_user_error("{}: no file of branches: {}", file.string(), why);
}

void check_doings(const std::filesystem::path& file, int bodies, const Plan& plan) {
  for (const PhysicsEvent& event : plan.events) {
    const PhysicsChanges& to = event.changes;
    const bool sound = to.mass > 0 && to.friction >= 0 && std::isfinite(to.mass) &&
                       std::isfinite(to.friction) && std::isfinite(to.gravity) && std::isfinite(to.wind) &&
                       std::isfinite(event.push);
    if (!sound) damaged(file, fmt::format("an event after step {} that cannot be", event.step));
  }
  for (const BodyForce& force : plan.forces)
    if (force.body <= 0 || force.body >= bodies) damaged(file, fmt::format("a force on body {}", force.body));
}

void check_plan(const std::filesystem::path& file, const contract::EnvSpec& spec,
                const std::vector<Plan>& before, const Plan& plan) {
  const auto width = static_cast<size_t>(spec.action_dim);
  const int parent = plan.branch.parent;
  const int64_t from = plan.branch.from_step;
  const ForkEdit& edit = plan.branch.edit;
  if (plan.actions.size() % width != 0)
    damaged(file, fmt::format("{} actions of {} numbers", plan.actions.size(), width));
  if (!edit.shift.empty() && std::ssize(edit.shift) != spec.nv)
    damaged(file, fmt::format("a shift of {} numbers, expected {}", edit.shift.size(), spec.nv));
  if (!edit.state.empty() && std::ssize(edit.state) != spec.physics_dim)
    damaged(file, fmt::format("a state of {} numbers, expected {}", edit.state.size(), spec.physics_dim));
  if (before.empty() != (parent < 0) || parent >= std::ssize(before))
    damaged(file, fmt::format("branch {} has parent {}", before.size(), parent));
  if (parent < 0) return;
  const Plan& origin = before[static_cast<size_t>(parent)];
  const int64_t steps = origin.branch.from_step + static_cast<int64_t>(origin.actions.size() / width);
  if (from < 0 || from > steps) damaged(file, fmt::format("a branch from step {} of {}", from, steps));
}

Contents read(const Twin& twin, const std::filesystem::path& file) {
  const contract::EnvSpec& spec = twin.spec();
  Contents out;
  try {
    const Json json = Json::parse(base::read_file(file, base::kMostData));
    if (json.at("format") != kFormat || json.at("version") != kVersion)
      damaged(file, fmt::format("expected format {} version {}", kFormat, kVersion));
    if (json.at("hash") != spec.hash)
      base::throw_user_error("{}: branches of {} with hash {}, expected {} ('{}')", file.string(),
                             json.at("task").get<std::string>(), json.at("hash").get<std::string>(),
                             spec.hash, spec.task);
    out.episode = json.at("episode");
    out.present = json.at("present");
    const int64_t index = json.at("index");
    if (index < 0 || index >= int64_t{1} << 48) damaged(file, fmt::format("episode {} of a seed", index));
    out.start = contract::make_episode(spec, json.at("seed"), static_cast<uint64_t>(index));
    out.start.observations = json.at("observation").get<std::vector<float>>();
    out.start.physics = json.at("physics").get<std::vector<double>>();
    out.start.task_state = json.at("task_state").get<std::vector<double>>();
    if (std::ssize(out.start.observations) != spec.observation_dim ||
        std::ssize(out.start.physics) != spec.physics_dim ||
        std::ssize(out.start.task_state) != spec.task_dim)
      damaged(file, "the start has another size");
    for (const Json& one : json.at("branches")) {
      Plan plan;
      plan.branch = {.parent = one.at("parent"), .from_step = one.at("from_step")};
      plan.branch.edit.shift = one.at("shift").get<std::vector<double>>();
      plan.branch.edit.state = one.value("state", std::vector<double>());
      plan.actions = one.at("actions").get<std::vector<float>>();
      plan.anchors = one.at("anchors").get<std::vector<int64_t>>();
      for (const Json& event : one.value("events", Json::array()))
        plan.events.push_back(
            {.step = event.at("step"),
             .changes = {event.at("mass"), event.at("friction"), event.at("gravity"), event.at("wind")},
             .push = event.at("push"),
             .anchors = event.at("anchors_before")});
      for (const Json& force : one.value("forces", Json::array()))
        plan.forces.push_back({force.at("step"), force.at("body"), force.at("wrench").get<Wrench>()});
      plan.physics_return = one.at("physics_return");
      check_doings(file, twin.bodies(), plan);
      check_plan(file, spec, out.plans, plan);
      const auto width = static_cast<size_t>(spec.action_dim);
      if (one.at("action_edited").get<bool>() && plan.actions.size() >= width)
        plan.branch.edit.action.assign(plan.actions.begin(),
                                       plan.actions.begin() + static_cast<std::ptrdiff_t>(width));
      out.plans.push_back(std::move(plan));
    }
  } catch (const nlohmann::json::exception& error) {
    damaged(file, error.what());
  }
  if (out.present < 0 || out.present >= std::ssize(out.plans))
    damaged(file, fmt::format("present branch {}", out.present));
  return out;
}

}  // namespace

void save_forks(const Twin& twin, const std::filesystem::path& file) {
  const contract::Episode& recording = twin.timeline(0).recording;
  Json json = {
      {"format", kFormat},
      {"version", kVersion},
      {"task", twin.spec().task},
      {"hash", twin.spec().hash},
      {"episode", twin.episode()},
      {"seed", recording.seed},
      {"index", recording.index},
      {"observation", std::vector<float>(recording.observation(0).begin(), recording.observation(0).end())},
      {"physics", std::vector<double>(recording.physics_state(0).begin(), recording.physics_state(0).end())},
      {"task_state", std::vector<double>(recording.task_row(0).begin(), recording.task_row(0).end())},
      {"present", twin.branch()},
      {"branches", Json::array()}};
  for (int i = 0; i < std::ssize(twin.branches()); ++i) json["branches"].push_back(branch_json(twin, i));
  base::write_file_atomic(file, json.dump(1) + "\n");
}

std::string open_forks(Twin& twin, const std::filesystem::path& file) {
  const Contents contents = read(twin, file);
  twin.start_from(contents.start, contents.episode);
  double largest = 0;
  for (const Plan& plan : contents.plans) {
    std::span<const float> actions = plan.actions;
    if (plan.branch.parent >= 0) {
      twin.walk_to(plan.branch.parent);
      twin.fork(plan.branch.from_step, plan.branch.edit);
      actions = actions.subspan(plan.branch.edit.action.size());
    }
    twin.follow(actions, plan.anchors, plan.events, plan.forces);
    largest = std::max(largest, std::abs(twin.history().physics_return.back() - plan.physics_return));
  }
  twin.walk_to(contents.present);
  if (largest == 0) return fmt::format("{} branches, physics as it was saved", contents.plans.size());
  return fmt::format("{} branches, simulated returns differ by up to {:.3g} from those saved",
                     contents.plans.size(), largest);
}

}  // namespace reverie::viewer
