#include "worldmodel/make_latent_model.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "worldmodel/grounded/grounded_model.h"
#include "worldmodel/joint_embedding/joint_embedding_model.h"

namespace reverie::worldmodel {
namespace {

struct Kind {
  std::string_view name;
  std::unique_ptr<LatentModel> (*make)(const contract::EnvSpec&, const ModelConfig&, contract::Rng&);
};

constexpr Kind kKinds[] = {
    {kDefaultKind, make_joint_embedding_model},
    {"grounded", make_grounded_model},
};

}  // namespace

std::unique_ptr<LatentModel> make_latent_model(std::string_view kind, const contract::EnvSpec& spec,
                                               const ModelConfig& config, contract::Rng& rng) {
  std::vector<std::string> names;
  for (const Kind& known : kKinds) {
    if (known.name == kind) return known.make(spec, config, rng);
    names.emplace_back(known.name);
  }
  base::throw_user_error("kind of latent model: found '{}', expected one of {}{}", kind,
                         fmt::join(names, ", "), base::did_you_mean(kind, names));
}

}  // namespace reverie::worldmodel
