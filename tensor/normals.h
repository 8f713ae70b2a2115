// Many standard normal numbers at once.
#pragma once

#include <span>

#include "contract/rng.h"

namespace reverie::tensor {

// Fills `out` with standard normal numbers, a function of the rng's next 128 bits. They cost a tenth of what
// Rng::normal() costs.
void fill_normals(contract::Rng& rng, std::span<float> out);

}  // namespace reverie::tensor
