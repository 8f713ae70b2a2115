#include "worldmodel/make_latent_model.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "worldmodel/grounded/grounded_model.h"
#include "worldmodel/joint_embedding/joint_embedding_model.h"
#include "worldmodel/mechanics/mechanics_model.h"

namespace reverie::worldmodel {
namespace {

// Of an environment, the control steps that make one decision, settings and a source of random numbers.
using Make = std::unique_ptr<LatentModel>(const contract::EnvSpec&, int, const ModelConfig&, contract::Rng&);

// A kind that predicts whole decisions does not ask how many control steps make one.
template <std::unique_ptr<LatentModel> (*Maker)(const contract::EnvSpec&, const ModelConfig&, contract::Rng&)>
std::unique_ptr<LatentModel> of_decisions(const contract::EnvSpec& spec, int /*action_repeat*/,
                                          const ModelConfig& config, contract::Rng& rng) {
  return Maker(spec, config, rng);
}

struct Kind {
  std::string_view name;
  Make* make;
};

constexpr Kind kKinds[] = {
    {kDefaultKind, of_decisions<make_joint_embedding_model>},
    {"grounded", of_decisions<make_grounded_model>},
    {"mechanics", make_mechanics_model},
};

}  // namespace

std::unique_ptr<LatentModel> make_latent_model(std::string_view kind, const contract::EnvSpec& spec,
                                               int action_repeat, const ModelConfig& config,
                                               contract::Rng& rng) {
  std::vector<std::string> names;
  for (const Kind& known : kKinds) {
    if (known.name == kind) return known.make(spec, action_repeat, config, rng);
    names.emplace_back(known.name);
  }
  base::throw_user_error("kind of latent model: found '{}', expected one of {}{}", kind,
                         fmt::join(names, ", "), base::did_you_mean(kind, names));
}

}  // namespace reverie::worldmodel
