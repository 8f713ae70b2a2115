// The table of functions of the expression language.
// One half of it reads the simulation, the other half computes.
#pragma once

#include <string>
#include <vector>

#include "sim/expression/expression_builder.h"

namespace reverie::sim {

struct Function {
  std::string name, signature, help;
  Value (*build)(ProgramBuilder&, const SyntaxNode& call, const Function&) = nullptr;
  int a = 0, b = 0, c = 0;  // parameters of `build`
};

std::vector<Function> state_functions();     // expression_state.cc, the next ones among them
std::vector<Function> actuator_functions();  // expression_actuators.cc
std::vector<Function> math_functions();      // expression_math.cc

// The arguments of a call matched to parameter names, positional first; nullptr where left out. Throws
// ExpressionError for unknown, repeated or missing ones: the first `required` must be there.
std::vector<const SyntaxNode*> bind_arguments(const SyntaxNode& call,
                                              const std::vector<std::string>& parameters, size_t required);

// Ids of the objects (mjtObj) that the arguments of a call name, in their order. Throws ExpressionError;
// resolve_some for a call without arguments, too.
std::vector<int> resolve_all(ProgramBuilder& builder, int type, const SyntaxNode& call);
std::vector<int> resolve_some(ProgramBuilder& builder, int type, const SyntaxNode& call);
Value make_value(int rows, int cols, std::vector<int> slots);

}  // namespace reverie::sim
