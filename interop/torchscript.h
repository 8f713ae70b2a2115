// Graphs as one TorchScript module.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "interop/graph.h"

namespace reverie::interop {

// Writes a module with one method for each graph, called as the graph; a single graph is `forward` as well.
// `metadata` travels as the extra file "metadata.json".
void write_torchscript(const std::vector<Graph>& graphs, const std::map<std::string, std::string>& metadata,
                       const std::filesystem::path& path);

}  // namespace reverie::interop
