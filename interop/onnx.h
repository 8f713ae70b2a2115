// Graphs as ONNX files.
#pragma once

#include <map>
#include <string>

#include "interop/graph.h"

namespace reverie::interop {

// The bytes of an ONNX model: IR version 8, operators of version 17, float32, any number of rows. `metadata` becomes its
// metadata_props.
std::string onnx_bytes(const Graph& graph, const std::map<std::string, std::string>& metadata);

}  // namespace reverie::interop
