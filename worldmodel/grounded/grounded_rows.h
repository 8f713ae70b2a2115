// The grounded model on plain float rows.
#pragma once

#include <memory>

#include "worldmodel/grounded/grounded.h"
#include "worldmodel/row_model.h"

namespace reverie::worldmodel {

// Works for weights on the CPU. The networks must outlive it.
std::unique_ptr<RowModel> make_grounded_rows(const Grounded& networks);

}  // namespace reverie::worldmodel
