// The joint-embedding model on plain float rows.
#pragma once

#include <memory>

#include "worldmodel/joint_embedding/joint_embedding.h"
#include "worldmodel/row_model.h"

namespace reverie::worldmodel {

// Works for weights on the CPU. The networks must outlive it.
std::unique_ptr<RowModel> make_joint_embedding_rows(const JointEmbedding& networks);

}  // namespace reverie::worldmodel
