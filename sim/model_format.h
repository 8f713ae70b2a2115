// Tells what kind of file a model comes in, and what to do with one that is not read.
// The engine's own words for a wrong file are those of its XML parser.
#pragma once

#include <filesystem>

namespace reverie::sim {

enum class ModelFormat {
  kXml,     // MJCF or URDF
  kArchive  // zip or mjz: the engine looks for NAME.xml or model.xml at its top
};

// The format of a file that the engine can be given. Anything else throws a UserError of one line
// "<path>: <what it is>: <what to do>": a directory, an empty or unreadable file, a binary or compressed one, a
// mesh, USD, SDF, unexpanded xacro, a part that only an including file makes a model.
ModelFormat model_format(const std::filesystem::path& path);

// True for a regular file that is no task file (.toml), and for a name with the extension of a model, in lower
// or upper case: what `inspect` takes for a model.
bool names_model(const std::filesystem::path& path);

}  // namespace reverie::sim
