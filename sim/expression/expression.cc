#include "sim/expression/expression.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace reverie::sim {
namespace {

constexpr mjtNum* mjData::*kDataArrays[] = {&mjData::qpos,
                                            &mjData::qvel,
                                            &mjData::qacc,
                                            &mjData::act,
                                            &mjData::ctrl,
                                            &mjData::actuator_force,
                                            &mjData::actuator_length,
                                            &mjData::actuator_velocity,
                                            &mjData::qfrc_actuator,
                                            &mjData::xpos,
                                            &mjData::xipos,
                                            &mjData::xquat,
                                            &mjData::xmat,
                                            &mjData::geom_xpos,
                                            &mjData::geom_xmat,
                                            &mjData::site_xpos,
                                            &mjData::site_xmat,
                                            &mjData::sensordata,
                                            &mjData::ten_length,
                                            &mjData::ten_velocity,
                                            &mjData::mocap_pos,
                                            &mjData::mocap_quat,
                                            &mjData::subtree_com};
constexpr mjtNum* mjModel::*kModelArrays[] = {
    &mjModel::qpos0,     &mjModel::jnt_range, &mjModel::actuator_ctrlrange, &mjModel::geom_size,
    &mjModel::site_size, &mjModel::body_mass, &mjModel::body_subtreemass,   &mjModel::key_qpos};
static_assert(std::size(kDataArrays) == static_cast<size_t>(Source::kModelQpos0));
static_assert(std::size(kDataArrays) + std::size(kModelArrays) == static_cast<size_t>(Source::kTime));

double load(const EvaluationContext& context, Source source, int i) {
  const size_t at = static_cast<size_t>(source);
  if (at < std::size(kDataArrays)) return (context.data->*kDataArrays[at])[i];
  if (source < Source::kTime) return (context.model->*kModelArrays[at - std::size(kDataArrays)])[i];
  switch (source) {
    case Source::kTime:
      return context.data->time;
    case Source::kNcon:
      return context.data->ncon;
    case Source::kModelGravity:
      return context.model->opt.gravity[i];
    default:
      return context.task_state == nullptr ? 0.0 : context.task_state[i];
  }
}

// The momentum of a subtree over its mass. Bodies are in depth-first order, so a subtree
// is a contiguous range.
void subtree_velocity(const EvaluationContext& context, int root, double* out) {
  const mjModel* m = context.model;
  out[0] = out[1] = out[2] = 0.0;
  for (int body = root; body < m->nbody; ++body) {
    if (body > root) {
      int ancestor = body;
      while (ancestor > root) ancestor = m->body_parentid[ancestor];
      if (ancestor != root) break;
    }
    double velocity[6];
    mj_objectVelocity(m, context.data, mjOBJ_BODY, body, velocity, 0);
    for (int k = 0; k < 3; ++k) out[k] += m->body_mass[body] * velocity[3 + k];
  }
  for (int k = 0; k < 3; ++k) out[k] /= std::max(mjMINVAL, m->body_subtreemass[root]);
}

double contacts(const EvaluationContext& context, const std::vector<uint8_t>& a,
                const std::vector<uint8_t>& b, bool force) {
  double sum = 0.0;
  for (int i = 0; i < context.data->ncon; ++i) {
    const mjContact& contact = context.data->contact[i];
    const int g = contact.geom[0], h = contact.geom[1];
    if (g < 0 || h < 0 || !((a[g] && b[h]) || (a[h] && b[g]))) continue;
    if (force) {
      double wrench[6];
      mj_contactForce(context.model, context.data, i, wrench);
      sum += wrench[0];
    } else {
      sum += 1.0;
    }
  }
  return sum;
}

double sigmoid_value(double d, double v, Sigmoid sigmoid) {
  switch (sigmoid) {
    case Sigmoid::kGaussian: {
      const double s = std::sqrt(-2.0 * std::log(v));
      return std::exp(-0.5 * (d * s) * (d * s));
    }
    case Sigmoid::kHyperbolic:
      return 1.0 / std::cosh(d * std::acosh(1.0 / v));
    case Sigmoid::kLongTail: {
      const double s = std::sqrt(1.0 / v - 1.0);
      return 1.0 / ((d * s) * (d * s) + 1.0);
    }
    case Sigmoid::kReciprocal:
      return 1.0 / (std::abs(d) * (1.0 / v - 1.0) + 1.0);
    case Sigmoid::kCosine: {
      const double s = d * std::acos(2.0 * v - 1.0) / mjPI;
      return std::abs(s) < 1.0 ? (1.0 + std::cos(mjPI * s)) / 2.0 : 0.0;
    }
    case Sigmoid::kLinear: {
      const double s = d * (1.0 - v);
      return std::abs(s) < 1.0 ? 1.0 - s : 0.0;
    }
    case Sigmoid::kQuadratic: {
      const double s = d * std::sqrt(1.0 - v);
      return std::abs(s) < 1.0 ? 1.0 - s * s : 0.0;
    }
    case Sigmoid::kTanhSquared: {
      const double t = std::tanh(d * std::atanh(std::sqrt(1.0 - v)));
      return 1.0 - t * t;
    }
  }
  return 0.0;
}

double transcendental(Op op, double a) {
  switch (op) {
    case Op::kExp:
      return std::exp(a);
    case Op::kLog:
      return std::log(a);
    case Op::kLog1p:
      return std::log1p(a);
    case Op::kSin:
      return std::sin(a);
    case Op::kCos:
      return std::cos(a);
    case Op::kTan:
      return std::tan(a);
    case Op::kAsin:
      return std::asin(a);
    case Op::kAcos:
      return std::acos(a);
    case Op::kAtan:
      return std::atan(a);
    case Op::kSinh:
      return std::sinh(a);
    case Op::kCosh:
      return std::cosh(a);
    case Op::kTanh:
      return std::tanh(a);
    case Op::kAsinh:
      return std::asinh(a);
    case Op::kAcosh:
      return std::acosh(a);
    case Op::kAtanh:
      return std::atanh(a);
    default:
      return 0.0;
  }
}

double unary(Op op, double a) {
  switch (op) {
    case Op::kNeg:
      return -a;
    case Op::kNot:
      return a == 0.0;
    case Op::kAbs:
      return std::abs(a);
    case Op::kSign:
      return (a > 0.0) - (a < 0.0);
    case Op::kFloor:
      return std::floor(a);
    case Op::kCeil:
      return std::ceil(a);
    case Op::kRound:
      return std::round(a);
    case Op::kSqrt:
      return std::sqrt(a);
    case Op::kWrap:
      return a - 2.0 * mjPI * std::floor((a + mjPI) / (2.0 * mjPI));
    case Op::kIsFinite:
      return std::isfinite(a);
    default:
      return transcendental(op, a);
  }
}

}  // namespace

double tolerance(double x, double low, double high, double margin, double at_margin, Sigmoid sigmoid) {
  const bool zero_allowed =
      sigmoid == Sigmoid::kCosine || sigmoid == Sigmoid::kLinear || sigmoid == Sigmoid::kQuadratic;
  const bool good = low <= high && margin >= 0.0 && at_margin < 1.0 &&
                    (at_margin > 0.0 || (zero_allowed && at_margin == 0.0)) && !std::isnan(x);
  if (!good) return std::numeric_limits<double>::quiet_NaN();
  if (low <= x && x <= high) return 1.0;
  if (margin == 0.0) return 0.0;
  return sigmoid_value((x < low ? low - x : x - high) / margin, at_margin, sigmoid);
}

double apply_scalar(Op op, double a, double b, double c) {
  switch (op) {
    case Op::kAdd:
      return a + b;
    case Op::kSub:
      return a - b;
    case Op::kMul:
      return a * b;
    case Op::kDiv:
      return a / b;
    case Op::kPow:
      return b == 2.0 ? a * a : std::pow(a, b);
    case Op::kMin:
      return b < a || std::isnan(b) ? b : a;
    case Op::kMax:
      return b > a || std::isnan(b) ? b : a;
    case Op::kMod:
      return a - b * std::floor(a / b);
    case Op::kAtan2:
      return std::atan2(a, b);
    case Op::kLess:
      return a < b;
    case Op::kLessEqual:
      return a <= b;
    case Op::kEqual:
      return a == b;
    case Op::kNotEqual:
      return a != b;
    case Op::kAnd:
      return a != 0.0 && b != 0.0;
    case Op::kOr:
      return a != 0.0 || b != 0.0;
    case Op::kSelect:
      return a != 0.0 ? b : c;
    default:
      return unary(op, a);
  }
}

void Program::initialise(std::span<double> slots) const {
  std::copy(initial.begin(), initial.end(), slots.begin());
}

void Program::run(const EvaluationContext& context, std::span<double> slots) const {
  double* s = slots.data();
  for (const Instruction& i : code) {
    const auto& a = i.args;
    switch (i.op) {
      case Op::kLoad:
        s[i.out] = load(context, static_cast<Source>(a[0]), a[1]);
        break;
      case Op::kSubtreeLinvel:
        subtree_velocity(context, a[0], s + i.out);
        break;
      case Op::kObjectVelocity:
        mj_objectVelocity(context.model, context.data, a[0], a[1], s + i.out, a[2]);
        break;
      case Op::kContactCount:
      case Op::kContactForce:
        s[i.out] = contacts(context, geom_sets[a[0]], geom_sets[a[1]], i.op == Op::kContactForce);
        break;
      case Op::kTolerance:
        s[i.out] = tolerance(s[a[0]], s[a[1]], s[a[2]], s[a[3]], s[a[4]], static_cast<Sigmoid>(a[5]));
        break;
      default:
        s[i.out] = apply_scalar(i.op, s[a[0]], s[a[1]], s[a[2]]);
    }
  }
}

}  // namespace reverie::sim
