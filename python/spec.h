// What an environment is, as a dictionary.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "contract/env_spec.h"

namespace reverie::python {

// The fields of EnvSpec under their names; `observation` is a list of (name, offset, size).
inline nanobind::dict spec_dict(const contract::EnvSpec& spec) {
  nanobind::dict out;
  out["task"] = spec.task;
  out["hash"] = spec.hash;
  out["observation_dim"] = spec.observation_dim;
  out["action_dim"] = spec.action_dim;
  out["action_low"] = spec.action_low;
  out["action_high"] = spec.action_high;
  nanobind::list groups;
  for (const contract::ObservationGroup& group : spec.observation)
    groups.append(nanobind::make_tuple(group.name, group.offset, group.size));
  out["observation"] = groups;
  out["signals"] = spec.signals;
  out["reward_terms"] = spec.reward_terms;
  out["control_dt"] = spec.control_dt;
  out["episode_steps"] = spec.episode_steps;
  out["nq"] = spec.nq;
  out["nv"] = spec.nv;
  out["has_termination"] = spec.has_termination;
  return out;
}

}  // namespace reverie::python
