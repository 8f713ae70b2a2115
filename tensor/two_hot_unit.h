// Changes the unit in which an output layer of two-hot bins predicts.
// Predictions go on in the new unit at once, where the layer would otherwise learn all of them anew.
#pragma once

#include "tensor/network.h"

namespace reverie::tensor {

// `out` has logits of K bins, at symexp of evenly spaced numbers in [low, high]; [K, I] and [K], with or without
// an ensemble. In place: each bin takes the logit, linear between bins, that stood at `factor` times its value.
// So predictions become about 1/factor of what they were, as exactly as the bins lie close. Bins whose place is
// beyond the old ones take the last logit, lowered by 1/2 for every bin that they are beyond.
void divide_predictions(const LinearLayer& out, double low, double high, double factor);

}  // namespace reverie::tensor
