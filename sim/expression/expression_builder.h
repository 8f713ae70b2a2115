// ProgramBuilder: turns the expressions of a task file into one program.
// It resolves names against a model and a task, checks shapes, folds constants and shares common
// subexpressions. A task's expressions all go through one builder, so a signal is computed once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/expression/expression.h"
#include "sim/expression/expression_syntax.h"
#include "sim/task/toml_node.h"

namespace reverie::sim {

// rows x cols numbers. Scalars are 1x1, plain vectors n x 1; cols 3, 4, 9 are positions, quaternions (w x y
// z) and rotation matrices (row-major), one a row.
struct Value {
  int rows = 1, cols = 1;
  std::vector<int> slots;
  int size() const { return rows * cols; }
};

// The task's own state row [S]; parts are allocated as the task file asks for them.
struct StateLayout {
  int size = 0;
  int action = -1, previous_action = -1;  // [A] each; -1: not used
  int allocate(int count) {
    size += count;
    return size - count;
  }
};

struct NamedState {  // a drawn variable or a command
  std::string name;
  int offset = 0, size = 1;
};

// What names mean in the expressions of one task.
struct Scope {
  const mjModel* model = nullptr;
  double control_dt = 0.0;
  int action_dim = 0;
  std::vector<std::pair<std::string, std::vector<double>>> params;
  std::vector<std::pair<std::string, TomlNode>> signals;  // string nodes, in source order
  std::vector<NamedState> draws, commands;
  StateLayout* layout = nullptr;
};

// A value that prev() remembers: after each step `count` slots from `slots` go to the state at `offset`.
struct Remembered {
  std::vector<int> slots;
  int offset = 0;
};

class ProgramBuilder {
 public:
  // `scope` must outlive the builder. prev() is an error unless allowed.
  explicit ProgramBuilder(const Scope& scope, bool allow_prev = false);

  // Compile the expression in a string node (a number node is taken as its value); errors become UserError
  // "<file>:line:column: <what>: ...". `size` >= 0 demands that many elements.
  Value compile(const TomlNode& node, std::string_view what, int size = -1);
  const Value& signal(std::string_view name);  // a named signal of the scope

  Program take();  // the finished program; the builder is empty afterwards
  const std::vector<Remembered>& remembered() const { return remembered_; }

  // The rest serves the function table (expression_table.h). All of it throws ExpressionError.
  const Scope& scope() const { return scope_; }
  Value evaluate(const SyntaxNode& node);
  int constant(double value);
  std::optional<double> constant_of(int slot) const;
  int emit(Op op, std::array<int, 6> args, int outputs = 1);
  int load(Source source, int index) { return emit(Op::kLoad, {static_cast<int>(source), index}); }
  Value elementwise(Op op, const std::vector<Value>& values, size_t offset);
  Value remember(const Value& value, size_t offset);
  Value member(const Value& value, std::string_view components, size_t offset);  // value.components
  int geom_set(std::vector<uint8_t> members);
  std::vector<int> resolve(int object_type, const SyntaxNode& pattern);  // ids matching a name pattern

 private:
  Value name_value(const SyntaxNode& node);
  Value index_value(const SyntaxNode& node);
  Value binary_value(const SyntaxNode& node);
  int64_t constant_index(const SyntaxNode& node, int64_t missing);

  const Scope& scope_;
  bool allow_prev_;
  int depth_ = 0;
  int64_t work_ = 0;  // instructions asked for so far; bounded
  Program program_;
  std::vector<bool> is_constant_;
  std::map<std::array<int, 7>, int> known_;  // (op, args) -> slot
  std::map<uint64_t, int> constants_;        // bits -> slot
  std::map<std::string, Value, std::less<>> signals_;
  std::vector<std::string> open_signals_;  // being compiled: a cycle is an error
  std::vector<Remembered> remembered_;
};

// The value of an expression or number that reads no state, e.g. a range in a task file.
std::vector<double> constant_values(const Scope& scope, const TomlNode& node, std::string_view what);
double constant_value(const Scope& scope, const TomlNode& node, std::string_view what);
// The same of numbers that are not infinite; `size` >= 0 demands that many.
std::vector<double> finite_values(const Scope& scope, const TomlNode& node, std::string_view what,
                                  int size = -1);

// Functions of the language.
struct FunctionInfo {
  std::string signature;  // "tol(x, bounds, margin=0, at_margin=0.1, sigmoid="gaussian")"
  std::string help;
};
std::vector<FunctionInfo> expression_functions();
std::vector<std::string> function_names();
bool is_function(std::string_view name);
Value call_function(ProgramBuilder& builder, const SyntaxNode& call);

// Names of one object type that match `pattern` (* and ? are wildcards), in model order; "*" leaves out the
// world body. Throws UserError naming the nearest when nothing matches.
std::vector<int> match_names(const mjModel* model, int object_type, std::string_view pattern);
// A keyframe by its name, or by its number ("0" is the first) where none has that name. Throws UserError.
int find_keyframe(const mjModel* model, std::string_view name);
int find_keyframe(const mjModel* model, int64_t number);
// The keyframe that `key` of a table names, by a string or a whole number.
int read_keyframe_name(TableReader& reader, std::string_view key, const mjModel* model);
bool matches_pattern(std::string_view text, std::string_view pattern);

}  // namespace reverie::sim
