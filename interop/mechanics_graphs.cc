#include "interop/mechanics_graphs.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "contract/mechanics.h"
#include "interop/body_rows.h"
#include "interop/layers.h"
#include "worldmodel/mechanics/inputs.h"

namespace reverie::interop {
namespace {

using Columns = std::vector<int64_t>;
using Kind = contract::ObservationSource::Kind;
using worldmodel::InputLayout;

bool holds(const std::vector<int>& sorted, int64_t index) {
  return std::ranges::binary_search(sorted, static_cast<int>(index));
}

// Columns of state features: contract::state_to_features.
struct Features {
  Columns plain, cosines, sines, velocities;  // by what they show
  Columns kept, ignored;                      // by whether motion depends on them
  Columns joined;                             // [F] places of all in (kept, ignored)
  Columns plain_positions, circular;          // qpos of `plain`; of `cosines` and `sines`
};

Features list_features(const contract::EnvSpec& spec) {
  Features out;
  int64_t column = 0;
  for (int64_t i = 0; i < spec.nq; ++i) {
    const bool circular = holds(spec.circular, i);
    (circular ? out.circular : out.plain_positions).push_back(i);
    (circular ? out.cosines : out.plain).push_back(column);
    if (circular) out.sines.push_back(column + 1);
    Columns& side = holds(spec.mechanics->ignored, i) ? out.ignored : out.kept;
    for (int64_t k = 0; k < (circular ? 2 : 1); ++k) side.push_back(column++);
  }
  for (int64_t i = 0; i < spec.nv; ++i) {
    out.kept.push_back(column);
    out.velocities.push_back(column++);
  }
  out.joined.resize(static_cast<size_t>(column));
  for (size_t i = 0; i < out.kept.size(); ++i)
    out.joined[static_cast<size_t>(out.kept[i])] = static_cast<int64_t>(i);
  for (size_t i = 0; i < out.ignored.size(); ++i)
    out.joined[static_cast<size_t>(out.ignored[i])] = std::ssize(out.kept) + static_cast<int64_t>(i);
  return out;
}

struct MotionRows {
  Value position, velocity, rest;  // [N, nq], [N, nv], [N, R]; without a rest its width is 0
};

// Builds the step of one graph. Functions bear the names of those in worldmodel/mechanics/ that they stand for.
class Builder {
 public:
  Builder(Graph& graph, const Networks& networks)
      : graph_(graph),
        n_(networks),
        layers_(graph, networks.weights),
        mechanics_(*networks.spec.mechanics),
        inputs_(networks.spec),
        features_(list_features(networks.spec)) {
    for (size_t i = 0; i < mechanics_.observation.size(); ++i)
      if (mechanics_.observation[i].kind == Kind::kOther) rest_.push_back(static_cast<int64_t>(i));
  }

  Value features_of(const Value& position, const Value& velocity) {
    Value all = velocity;
    const auto order = [&] {
      Columns place(features_.joined.size());
      int64_t at = 0;
      for (const Columns* list :
           {&features_.velocities, &features_.plain, &features_.cosines, &features_.sines})
        for (const int64_t column : *list) place[static_cast<size_t>(column)] = at++;
      return place;
    };
    if (!features_.plain.empty()) all = graph_.join(all, graph_.pick(position, features_.plain_positions));
    if (!features_.circular.empty()) {
      const Value angles = graph_.pick(position, features_.circular);
      all = graph_.join(graph_.join(all, graph_.apply(Op::kCos, angles)), graph_.apply(Op::kSin, angles));
    }
    return graph_.pick(all, order());
  }

  // [s, u], standardised features and what nothing depends on, side by side.
  Value packed(const Value& seen_part, const Value& all_features) {
    const int64_t o = n_.spec.observation_dim;
    Value p = graph_.pick(all_features, features_.kept);
    p = graph_.combine(Op::kSub, p, layers_.row("model.scale.mean", o));
    p = graph_.combine(Op::kDiv, p, layers_.row("model.scale.deviation", o));
    const Value z = graph_.join(seen_part, p);
    return features_.ignored.empty() ? z : graph_.join(z, graph_.pick(all_features, features_.ignored));
  }

  MotionRows motion_of(const Value& latents) {
    const int64_t o = n_.spec.observation_dim, z = mechanics_latent(n_.spec, n_.config);
    const Value observation = scaled(graph_.slice(latents, 0, o), layers_.row("model.scale.deviation", 0, o),
                                     layers_.row("model.scale.mean", 0, o));
    const Value kept = scaled(graph_.slice(latents, o + n_.config.latent_dim, z),
                              layers_.row("model.scale.deviation", o), layers_.row("model.scale.mean", o));
    const Value both =
        features_.ignored.empty() ? kept : graph_.join(kept, graph_.slice(latents, z, latents.width));
    const Value all = graph_.pick(both, features_.joined);
    MotionRows out{position_of(observation, all), graph_.pick(all, features_.velocities), {}};
    if (!rest_.empty()) out.rest = graph_.pick(observation, rest_);
    return out;
  }

  MotionRows control_step(const MotionRows& motion, const Value& a) {
    const Value x = standardised(motion), xa = graph_.join(x, a);
    const Value provisional =
        sum(layers_.linear(layers_.hidden(xa, "model.predictor.0"), "model.predictor.change"),
            layers_.linear(xa, "model.predictor.skip"));
    const Value there = standardised(advance(motion, provisional));
    const Value both = graph_.join(graph_.join(x, there), a);
    const Value q = graph_.combine(Op::kMul, layers_.linear(both, "model.products.left"),
                                   layers_.linear(both, "model.products.right"));
    const Value in = graph_.join(both, q);
    const Value h = layers_.hidden(layers_.hidden(in, "model.dynamics.0"), "model.dynamics.1");
    return advance(
        motion, sum(layers_.linear(h, "model.dynamics.change"), layers_.linear(in, "model.dynamics.skip")));
  }

  // The standardised observation that `motion` shows.
  Value shown(const MotionRows& motion) {
    const int64_t o = n_.spec.observation_dim;
    Value s = graph_.combine(Op::kSub, observations_of(motion), layers_.row("model.scale.mean", 0, o));
    return graph_.combine(Op::kDiv, s, layers_.row("model.scale.deviation", 0, o));
  }

 private:
  Value sum(const Value& a, const Value& b) { return graph_.combine(Op::kAdd, a, b); }
  Value times(const Value& x, double factor) {
    return graph_.combine(Op::kMul, x, graph_.constant(static_cast<float>(factor)));
  }
  Value scaled(const Value& x, const std::string& by, const std::string& plus) {
    return graph_.combine(Op::kAdd, graph_.combine(Op::kMul, x, by), plus);
  }
  Value within(const Value& x, const std::string& low, const std::string& high) {
    return graph_.combine(Op::kMin, graph_.combine(Op::kMax, x, low), high);
  }
  std::string numbers(const char* name, const std::vector<float>& row) { return graph_.constant(name, row); }

  Value position_of(const Value& observation, const Value& all);
  Value moved(const Value& position, const Value& delta);
  MotionRows advance(const MotionRows& motion, const Value& change);
  Value observations_of(const MotionRows& motion);
  Value stops(const MotionRows& motion);
  Value touches(const BodyRows& bodies);
  Value standardised(const MotionRows& motion);

  Graph& graph_;
  const Networks& n_;
  Layers layers_;
  const contract::Mechanics& mechanics_;
  worldmodel::MechanicsInputs inputs_;
  Features features_;
  Columns rest_;
};

// Angles follow from their cosines and sines, or from the observation where it says how often they have gone round.
Value Builder::position_of(const Value& observation, const Value& all) {
  if (features_.circular.empty()) return graph_.pick(all, features_.plain);
  Value known =
      graph_.combine(Op::kAtan2, graph_.pick(all, features_.sines), graph_.pick(all, features_.cosines));
  Columns place(static_cast<size_t>(n_.spec.nq));
  for (size_t k = 0; k < features_.circular.size(); ++k)
    place[static_cast<size_t>(features_.circular[k])] = static_cast<int64_t>(k);
  Columns seen_in;
  std::vector<float> scale, offset;
  for (size_t i = 0; i < mechanics_.observation.size(); ++i) {
    const contract::ObservationSource& from = mechanics_.observation[i];
    if (from.kind != Kind::kPosition || from.scale == 0.0 || !holds(n_.spec.circular, from.index)) continue;
    place[static_cast<size_t>(from.index)] = known.width + std::ssize(seen_in);
    seen_in.push_back(static_cast<int64_t>(i));
    scale.push_back(static_cast<float>(from.scale));
    offset.push_back(static_cast<float>(from.offset));
  }
  if (!seen_in.empty()) {
    Value seen_angles =
        graph_.combine(Op::kSub, graph_.pick(observation, seen_in), numbers("angles.offset", offset));
    seen_angles = graph_.combine(Op::kDiv, seen_angles, numbers("angles.scale", scale));
    known = graph_.join(known, seen_angles);
  }
  for (size_t k = 0; k < features_.plain_positions.size(); ++k)
    place[static_cast<size_t>(features_.plain_positions[k])] = known.width + static_cast<int64_t>(k);
  if (!features_.plain.empty()) known = graph_.join(known, graph_.pick(all, features_.plain));
  return graph_.pick(known, place);
}

// Numbers are added, orientations turned.
Value Builder::moved(const Value& position, const Value& delta) {
  Value parts;
  Columns place(static_cast<size_t>(n_.spec.nq)), q, v;
  const auto add = [&](const Value& part, const Columns& positions) {
    for (size_t i = 0; i < positions.size(); ++i)
      place[static_cast<size_t>(positions[i])] = parts.width + static_cast<int64_t>(i);
    parts = parts.width == 0 ? part : graph_.join(parts, part);
  };
  for (const contract::MechanicalJoint& joint : mechanics_.joints) {
    const bool is_free = joint.type == contract::JointType::kFree;
    const bool is_ball = joint.type == contract::JointType::kBall;
    for (int64_t i = 0; i < (is_free ? 3 : is_ball ? 0 : 1); ++i) {
      q.push_back(joint.qpos + i);
      v.push_back(joint.qvel + i);
    }
    if (!is_free && !is_ball) continue;
    const int64_t at = joint.qpos + (is_free ? 3 : 0), turn = joint.qvel + (is_free ? 3 : 0);
    // The quaternion of a rotation vector: cosine of half its length, and the vector times sine / length.
    const Value rotation = graph_.slice(delta, turn, turn + 3);
    Matrix ones(1, 3);
    std::ranges::fill(ones.values, 1.0F);
    const Value square = product(graph_, "moved.ones", ones, graph_.combine(Op::kMul, rotation, rotation));
    const Value length = graph_.apply(Op::kSqrt, graph_.combine(Op::kAdd, square, graph_.constant(1e-12F)));
    const Value half = times(length, 0.5);
    const Value share = graph_.combine(Op::kDiv, graph_.apply(Op::kSin, half), length);
    const Value by = graph_.join(graph_.apply(Op::kCos, half), graph_.combine(Op::kMul, rotation, share));
    const Value from = unit_quaternion(graph_, graph_.slice(position, at, at + 4), 1e-12F);
    add(unit_quaternion(graph_, quaternion_product(graph_, from, by), 1e-12F), {at, at + 1, at + 2, at + 3});
  }
  if (!q.empty()) add(sum(graph_.pick(position, q), graph_.pick(delta, v)), q);
  return graph_.pick(parts, place);
}

MotionRows Builder::advance(const MotionRows& motion, const Value& change) {
  const int64_t nq = n_.spec.nq, nv = n_.spec.nv;
  const auto low = [&](int64_t from, int64_t to) { return layers_.row("model.scale.low", from, to); };
  const auto high = [&](int64_t from, int64_t to) { return layers_.row("model.scale.high", from, to); };
  const Value step = graph_.combine(Op::kMul, change, layers_.row("model.scale.unit", 0));
  MotionRows out;
  out.velocity = within(sum(motion.velocity, graph_.slice(step, 0, nv)), low(nq, nq + nv), high(nq, nq + nv));
  const Value delta = sum(times(sum(motion.velocity, out.velocity), 0.5 * n_.spec.control_dt),
                          graph_.slice(step, nv, 2 * nv));
  out.position = within(moved(motion.position, delta), low(0, nq), high(0, nq));
  if (!rest_.empty())
    out.rest =
        within(sum(motion.rest, graph_.slice(step, 2 * nv, step.width)), low(nq + nv, -1), high(nq + nv, -1));
  return out;
}

Value Builder::observations_of(const MotionRows& motion) {
  const int64_t q = n_.spec.nq, v = n_.spec.nv, bodies = std::ssize(mechanics_.bodies);
  const bool reads_bodies = inputs_.coordinates().reads_bodies();
  Value known = graph_.join(motion.position, motion.velocity);
  known = graph_.join(known, graph_.apply(Op::kCos, motion.position));
  known = graph_.join(known, graph_.apply(Op::kSin, motion.position));
  if (reads_bodies) {
    const BodyRows rows = move_bodies(graph_, mechanics_, motion.position, motion.velocity);
    known = graph_.join(graph_.join(known, rows.place), rows.rotation);
  }
  int64_t rest = known.width;
  if (!rest_.empty()) known = graph_.join(known, motion.rest);
  Columns source;
  std::vector<float> scale, offset;
  for (const contract::ObservationSource& from : mechanics_.observation) {
    const bool other = from.kind == Kind::kOther;
    scale.push_back(other ? 1.0F : static_cast<float>(from.scale));
    offset.push_back(other ? 0.0F : static_cast<float>(from.offset));
    // In the order of the kinds: other, position, cosine, sine, velocity, place, rotation.
    const int64_t begins[] = {rest, 0, q + v, 2 * q + v, q, 3 * q + v, 3 * q + v + 3 * bodies};
    source.push_back(other ? rest++ : begins[static_cast<size_t>(from.kind)] + from.index);
  }
  return scaled(graph_.pick(known, source), numbers("observation.scale", scale),
                numbers("observation.offset", offset));
}

Value Builder::stops(const MotionRows& motion) {
  const InputLayout& layout = inputs_.layout();
  const auto twice = [](const std::vector<float>& row) {
    std::vector<float> both = row;
    both.insert(both.end(), row.begin(), row.end());
    return both;
  };
  const std::vector<float> far = twice(layout.far), near = twice(layout.near);
  const Value q = graph_.pick(motion.position, layout.limited);
  const Value v = graph_.pick(motion.velocity, layout.limited_speed);
  const Value under = times(graph_.combine(Op::kSub, q, numbers("stops.low", layout.low)), -1.0);
  const Value beyond = graph_.join(graph_.combine(Op::kSub, q, numbers("stops.high", layout.high)), under);
  const Value speed = graph_.join(v, times(v, -1.0));
  const Value soon = sum(beyond, times(speed, n_.spec.control_dt));
  const auto positive = [&](const Value& x) { return graph_.combine(Op::kMax, x, graph_.constant(0.0F)); };
  const Value on = graph_.apply(Op::kSigmoid, graph_.combine(Op::kDiv, soon, numbers("stops.near", near)));
  const Value deep = graph_.join(graph_.combine(Op::kDiv, positive(soon), numbers("stops.far", far)),
                                 graph_.combine(Op::kDiv, positive(beyond), numbers("stops.near", near)));
  return graph_.join(graph_.join(deep, on), graph_.combine(Op::kMul, on, speed));
}

Value Builder::touches(const BodyRows& bodies) {
  const InputLayout& layout = inputs_.layout();
  const TouchRows touch = touch_surfaces(graph_, mechanics_, bodies);
  const Value soon = sum(touch.clearance, times(touch.approach, n_.spec.control_dt));
  const auto product_of = [&](const Value& a, const Value& b) { return graph_.combine(Op::kMul, a, b); };
  const auto divided = [&](const Value& x, double by) {
    return graph_.combine(Op::kDiv, x, graph_.constant(static_cast<float>(by)));
  };
  const std::string most = graph_.constant(worldmodel::kHeightMost);
  const Value on = graph_.apply(Op::kSigmoid, divided(touch.clearance, -worldmodel::kHeightNow));
  const Value soon_on = graph_.apply(Op::kSigmoid, divided(soon, -worldmodel::kHeightSoon));
  const Value depth =
      divided(graph_.combine(Op::kMax, times(soon, -1.0), graph_.constant(0.0F)), worldmodel::kDepth);
  Value all = graph_.combine(Op::kMin, touch.clearance, most);
  for (const Value& more : {graph_.combine(Op::kMin, soon, most), depth, on, soon_on,
                            product_of(on, touch.approach), product_of(soon_on, touch.approach)})
    all = graph_.join(all, more);
  for (size_t k = 0; k < layout.directions.size(); ++k) {
    Matrix along(layout.points, 3 * layout.points);
    for (int64_t p = 0; p < layout.points; ++p)
      for (int64_t i = 0; i < 3; ++i)
        along(p, 3 * p + i) = layout.directions[k][static_cast<size_t>(p)][static_cast<size_t>(i)];
    const Value speed = product(graph_, "touch.direction." + std::to_string(k), along, touch.slide);
    all = graph_.join(graph_.join(all, product_of(on, speed)), product_of(soon_on, speed));
  }
  return all;
}

Value Builder::standardised(const MotionRows& motion) {
  const InputLayout& layout = inputs_.layout();
  Value all = motion.velocity;
  if (!rest_.empty()) all = graph_.join(all, motion.rest);
  if (!layout.lengths.empty()) all = graph_.join(all, graph_.pick(motion.position, layout.lengths));
  if (!layout.angles.empty()) {
    const Value angles = graph_.pick(motion.position, layout.angles);
    all = graph_.join(graph_.join(all, graph_.apply(Op::kCos, angles)), graph_.apply(Op::kSin, angles));
  }
  if (!layout.limited.empty()) all = graph_.join(all, stops(motion));
  if (layout.points > 0)
    all = graph_.join(all, touches(move_bodies(graph_, mechanics_, motion.position, motion.velocity)));
  const Value centred = graph_.combine(Op::kSub, all, layers_.row("model.scale.input_mean", 0));
  return within(graph_.combine(Op::kDiv, centred, layers_.row("model.scale.input_deviation", 0)),
                graph_.constant(-worldmodel::kMostInput), graph_.constant(worldmodel::kMostInput));
}

}  // namespace

int64_t mechanics_latent(const contract::EnvSpec& spec, const worldmodel::ModelConfig& config) {
  return spec.observation_dim + config.latent_dim + std::ssize(list_features(spec).kept);
}

int64_t mechanics_packed(const contract::EnvSpec& spec, const worldmodel::ModelConfig& config) {
  return spec.observation_dim + config.latent_dim + contract::state_feature_dim(spec);
}

Graph mechanics_encode_graph(const Networks& n) {
  Graph graph("encode");
  Builder builder(graph, n);
  const Value observations = graph.input("observations", n.spec.observation_dim);
  const Value positions = graph.input("positions", n.spec.nq);
  const Value velocities = graph.input("velocities", n.spec.nv);
  const Value shown = seen(graph, n, observations);
  graph.output("latents", builder.packed(shown, builder.features_of(positions, velocities)));
  return graph;
}

Graph mechanics_step_graph(const Networks& n) {
  Graph graph("step");
  Builder builder(graph, n);
  Layers layers(graph, n.weights);
  const Value latents = graph.input("latents", mechanics_packed(n.spec, n.config));
  const Value a = unit_action(graph, n, graph.input("actions", n.spec.action_dim));
  MotionRows motion = builder.motion_of(latents);
  for (int k = 0; k < n.action_repeat; ++k) motion = builder.control_step(motion, a);
  const Value za = graph.join(graph.slice(latents, 0, mechanics_latent(n.spec, n.config)), a);
  std::vector<Value> heads;
  for (int64_t e = 0; e < layers.heads("model.features.0.weight"); ++e) {
    const Value h = layers.hidden(layers.hidden(za, "model.features.0", e), "model.features.1", e);
    heads.push_back(graph.softmax(layers.normed(h, "model.features.out", e), n.config.simnorm_dim));
  }
  const Value u = mean_of(graph, heads);
  const Value features = builder.features_of(motion.position, motion.velocity);
  graph.output("next_latents", builder.packed(graph.join(builder.shown(motion), u), features));
  graph.output("uncertainty", spread_of(graph, heads, u));
  return graph;
}

}  // namespace reverie::interop
