#include "training/dream_figures.h"

namespace reverie::training {

std::map<std::string, double> metric_values(const DreamFigures& figures) {
  return {{"dream/error_2", figures.error_2},
          {"dream/error_10", figures.error_10},
          {"dream/error_50", figures.error_50},
          {"dream/valid_steps", figures.valid_steps},
          {"dream/return", figures.imagined_return},
          {"dream/simulated_return", figures.simulated_return},
          {"dream/overpromise", figures.imagined_return - figures.simulated_return},
          {"dream/overpromise_low", figures.overpromise_low},
          {"dream/ks_mean", figures.ks_mean},
          {"dream/ks_max", figures.ks_max}};
}

}  // namespace reverie::training
