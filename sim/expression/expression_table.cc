#include "sim/expression/expression_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.h"

namespace reverie::sim {

std::vector<const SyntaxNode*> bind_arguments(const SyntaxNode& call,
                                              const std::vector<std::string>& parameters, size_t required) {
  std::vector<const SyntaxNode*> out(parameters.size(), nullptr);
  for (size_t i = 0; i < call.children.size(); ++i) {
    const std::string& name = call.argument_names[i];
    size_t at = i;
    if (!name.empty()) {
      at = static_cast<size_t>(std::find(parameters.begin(), parameters.end(), name) - parameters.begin());
      if (at == parameters.size()) {
        throw ExpressionError(call.children[i].offset,
                              fmt::format("{}() has no argument '{}'{}", call.text, name,
                                          base::did_you_mean(name, parameters)));
      }
    }
    if (at >= parameters.size()) {
      throw ExpressionError(call.children[i].offset,
                            fmt::format("{}() takes {} argument{}", call.text, parameters.size(),
                                        parameters.size() == 1 ? "" : "s"));
    }
    if (out[at] != nullptr)
      throw ExpressionError(call.children[i].offset,
                            fmt::format("argument '{}' given twice", parameters[at]));
    out[at] = &call.children[i];
  }
  for (size_t i = 0; i < required; ++i) {
    if (out[i] == nullptr)
      throw ExpressionError(call.offset,
                            fmt::format("{}(): argument '{}' is missing", call.text, parameters[i]));
  }
  return out;
}

namespace {

const std::map<std::string, Function, std::less<>>& functions() {
  static const std::map<std::string, Function, std::less<>> table = [] {
    std::map<std::string, Function, std::less<>> out;
    for (const auto& half : {state_functions(), math_functions()}) {
      for (const Function& f : half) out.emplace(f.name, f);
    }
    return out;
  }();
  return table;
}

}  // namespace

bool is_function(std::string_view name) { return functions().find(name) != functions().end(); }

std::vector<std::string> function_names() {
  std::vector<std::string> out;
  for (const auto& [name, f] : functions()) out.push_back(name);
  return out;
}

std::vector<FunctionInfo> expression_functions() {
  std::vector<FunctionInfo> out;
  for (const auto& half : {state_functions(), math_functions()}) {
    for (const Function& f : half) out.push_back({f.signature, f.help});
  }
  return out;
}

Value call_function(ProgramBuilder& builder, const SyntaxNode& call) {
  const auto found = functions().find(call.text);
  if (found == functions().end()) {
    throw ExpressionError(call.offset, fmt::format("unknown function '{}'{}", call.text,
                                                   base::did_you_mean(call.text, function_names())));
  }
  return found->second.build(builder, call, found->second);
}

}  // namespace reverie::sim
