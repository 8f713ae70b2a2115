// Programs of task-file expressions: flat lists of scalar instructions over numbered slots.
// Shapes, names and constants are resolved when a program is built, so running it neither allocates
// nor branches on types.
#pragma once

#include <mujoco/mujoco.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace reverie::sim {

// What the instructions may read. `task_state` is the task's own state row [S]; may be null
// when nothing reads it.
struct EvaluationContext {
  const mjModel* model = nullptr;
  const mjData* data = nullptr;
  const double* task_state = nullptr;
};

// What kLoad reads, element-wise. Arrays of mjData first, then arrays of mjModel, then the rest.
enum class Source : uint8_t {
  kQpos,
  kQvel,
  kQacc,
  kAct,
  kCtrl,
  kActuatorForce,
  kActuatorLength,
  kActuatorVelocity,
  kQfrcActuator,
  kXpos,
  kXipos,
  kXquat,
  kXmat,
  kGeomXpos,
  kGeomXmat,
  kSiteXpos,
  kSiteXmat,
  kSensor,
  kTendonLength,
  kTendonVelocity,
  kMocapPos,
  kMocapQuat,
  kSubtreeCom,
  kModelQpos0,
  kModelJointRange,
  kModelCtrlRange,
  kModelGeomSize,
  kModelSiteSize,
  kModelBodyMass,
  kModelSubtreeMass,
  kModelKeyQpos,
  kTime,
  kNcon,
  kModelGravity,
  kTaskState,
};

enum class Op : uint8_t {
  kLoad,            // out = source[args[1]], args[0] is the Source
  kSubtreeLinvel,   // out..out+2: linear velocity of the COM of the subtree of body args[0], world frame
  kObjectVelocity,  // out..out+5: angular, linear velocity of object args[1] of mjtObj args[0]; local frame
                    // if args[2]
  kContactCount,    // contacts between geom sets args[0] and args[1]
  kContactForce,    // sum of their normal forces
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPow,
  kNeg,
  kMin,
  kMax,
  kMod,
  kAtan2,
  kLess,
  kLessEqual,
  kEqual,
  kNotEqual,
  kAnd,
  kOr,
  kNot,
  kSelect,
  kAbs,
  kSign,
  kFloor,
  kCeil,
  kRound,
  kSqrt,
  kExp,
  kLog,
  kLog1p,
  kSin,
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kSinh,
  kCosh,
  kTanh,
  kAsinh,
  kAcosh,
  kAtanh,
  kWrap,
  kIsFinite,
  kTolerance,  // args: x, low, high, margin, at_margin slots; args[5] is the Sigmoid
};

enum class Sigmoid : uint8_t {
  kGaussian,
  kHyperbolic,
  kLongTail,
  kReciprocal,
  kCosine,
  kLinear,
  kQuadratic,
  kTanhSquared
};

// 1 inside [low, high] (inclusive); outside, with d = distance/margin, a sigmoid that is 1 at d = 0 and
// `at_margin` at d = 1; 0 when margin is 0. NaN for low > high, margin < 0 or an at_margin outside the
// sigmoid's domain.
double tolerance(double x, double low, double high, double margin, double at_margin, Sigmoid sigmoid);

struct Instruction {
  Op op = Op::kLoad;
  int out = 0;
  std::array<int, 6> args{};
};

class Program {
 public:
  // Evaluate everything; `slots` has slot_count() elements and was given to initialise()
  // before its first use.
  void run(const EvaluationContext& context, std::span<double> slots) const;
  void initialise(std::span<double> slots) const;  // writes the constants
  int slot_count() const { return static_cast<int>(initial.size()); }

  std::vector<Instruction> code;
  std::vector<double> initial;                  // constants in their slots, 0 elsewhere
  std::vector<std::vector<uint8_t>> geom_sets;  // [set][geom] membership, for contacts
};

// One scalar operation on values; what run() and constant folding share.
double apply_scalar(Op op, double a, double b, double c);

}  // namespace reverie::sim
