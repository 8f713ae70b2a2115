#include "evaluation/state_survey.h"

#include <algorithm>
#include <cmath>

#include "report/statistics.h"

namespace reverie::evaluation {
namespace {

using Moment = PhysicsReader::Moment;

// Sums of one rollout.
struct Sums {
  double sum = 0.0;
  int64_t count = 0;

  void add(double value) {
    if (std::isnan(value)) return;
    sum += value;
    ++count;
  }
  void append_mean(std::vector<double>& means) const {
    if (count > 0) means.push_back(sum / static_cast<double>(count));
  }
};

struct RolloutSums {
  int64_t states = 0, finite = 0;
  Sums penetration, beyond_limit, quaternion_error, slip;

  void add(const Pose& pose, const PhysicsReading& reading) {
    ++states;
    if (!pose.finite || !reading.finite) return;
    ++finite;
    penetration.add(pose.penetration);
    beyond_limit.add(pose.beyond_limit);
    quaternion_error.add(reading.quaternion_error);
    slip.add(reading.slip);
  }

  void append_to(StateMeans& means) const {
    means.states += states;
    means.finite += finite;
    penetration.append_mean(means.penetration);
    beyond_limit.append_mean(means.beyond_limit);
    quaternion_error.append_mean(means.quaternion_error);
    slip.append_mean(means.slip);
  }
};

std::span<const float> row_of(const std::vector<float>& rows, size_t i, int width) {
  return std::span(rows).subspan(i * static_cast<size_t>(width), static_cast<size_t>(width));
}

std::vector<float> as_floats(std::span<const double> values) {
  std::vector<float> result;
  std::ranges::transform(values, std::back_inserter(result), [](double x) { return static_cast<float>(x); });
  return result;
}

// The recorded states after one start, as a world tells them.
struct Record {
  const contract::EnvSpec& spec;
  const contract::StartPoint& start;
  int control_steps;

  std::span<const double> physics(int64_t k) const {
    return start.episode->physics_state(start.step + k * control_steps);
  }
  std::vector<float> positions(int64_t k) const {
    return as_floats(physics(k).subspan(contract::EnvSpec::kQposOffset, static_cast<size_t>(spec.nq)));
  }
  std::vector<float> velocities(int64_t k) const {
    return as_floats(
        physics(k).subspan(static_cast<size_t>(spec.qvel_offset()), static_cast<size_t>(spec.nv)));
  }
};

// One world's side of a replay.
struct Side {
  RolloutSums sums;
  std::vector<Contacts> contacts;  // [K+1]
  std::vector<double> energy;      // [K+1]; NaN where the state is not finite
  std::vector<double> ghosts;      // [K]

  void look(int64_t k, const Moment& now, PoseReader& poses, PhysicsReader& physics) {
    PhysicsReading reading = physics.read(now.positions, now.velocities);
    if (k > 0) sums.add(poses.read(now.positions), reading);
    energy.push_back(reading.finite ? reading.energy : std::nan(""));
    contacts.push_back(std::move(reading.contacts));
  }
};

void compare_sides(const Side& truth, const Side& dream, Replays& replays) {
  ContactCounts early;
  size_t early_end = 1;
  for (size_t k = 0; k < truth.contacts.size(); ++k) {
    const ContactCounts counts = count_contacts(truth.contacts[k], dream.contacts[k]);
    replays.contacts[k].push_back(counts);
    if (const double drift = dream.energy[k] - truth.energy[k]; std::isfinite(drift))
      replays.drift[k].push_back(drift);
    if (k == 0 || replays.horizon[k] > kEarly) continue;
    early.add(counts);
    early_end = k + 1;
  }
  replays.early_contacts.push_back(early);
  replays.early_onsets.push_back(
      count_onsets(std::span(truth.contacts).first(early_end), std::span(dream.contacts).first(early_end)));
}

}  // namespace

StateMeans survey_visits(PoseReader& poses, PhysicsReader& physics, const Visits& visits, int every,
                         const base::Stop* stop) {
  std::vector<RolloutSums> sums(visits.returns.size());
  std::vector<int64_t> seen(sums.size(), 0);
  for (size_t i = 0; visits.nq > 0 && i < visits.rollouts.size(); ++i) {
    if (i % 1000 == 0) base::check_stop(stop);
    const auto rollout = static_cast<size_t>(visits.rollouts[i]);
    if (seen[rollout]++ % every != 0) continue;
    const auto positions = row_of(visits.positions, i, visits.nq);
    sums[rollout].add(poses.read(positions),
                      physics.read(positions, row_of(visits.velocities, i, visits.nv)));
  }
  StateMeans means;
  for (const RolloutSums& rollout : sums) rollout.append_to(means);
  return means;
}

Replays survey_replays(const sim::Task& task, PoseReader& poses, PhysicsReader& physics,
                       const PairedRollouts& rollouts, int64_t every, const base::Stop* stop,
                       const Progress& progress) {
  const contract::EnvSpec& spec = task.spec();
  const double seconds = rollouts.control_steps * spec.control_dt;
  Replays replays;
  const auto count = static_cast<size_t>(rollouts.truth.decisions + 1);
  for (size_t k = 0; k < count; ++k)
    replays.horizon.push_back(static_cast<int64_t>(k) * rollouts.control_steps);
  replays.drift.resize(count);
  replays.contacts.resize(count);
  for (int64_t n = 0; n < rollouts.truth.count; n += every) {
    base::check_stop(stop);
    progress.at(n, rollouts.truth.count);
    const Record record{spec, rollouts.starts[static_cast<size_t>(n)], rollouts.control_steps};
    Side truth, dream;
    std::vector<float> last_positions, last_velocities;
    for (int64_t k = 0; k <= rollouts.truth.lengths[static_cast<size_t>(n)]; ++k) {
      const std::vector<float> positions = record.positions(k), velocities = record.velocities(k);
      const Moment now{positions, velocities},
          imagined{rollouts.world.position(k, n), rollouts.world.velocity(k, n)};
      truth.look(k, now, poses, physics);
      dream.look(k, imagined, poses, physics);
      if (k > 0) {
        const Moment before{rollouts.world.position(k - 1, n), rollouts.world.velocity(k - 1, n)};
        truth.ghosts.push_back(
            physics.ghost_force(record.physics(k), {last_positions, last_velocities}, now, seconds));
        dream.ghosts.push_back(physics.ghost_force(record.physics(k), before, imagined, seconds));
      }
      last_positions = positions;
      last_velocities = velocities;
    }
    replays.instrument_error =
        std::max(replays.instrument_error, physics.instrument_error(record.physics(0)));
    truth.sums.append_to(replays.simulated);
    dream.sums.append_to(replays.imagined);
    replays.simulated_ghost.push_back(report::median(truth.ghosts));
    replays.imagined_ghost.push_back(report::median(dream.ghosts));
    compare_sides(truth, dream, replays);
  }
  return replays;
}

}  // namespace reverie::evaluation
