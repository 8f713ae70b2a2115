// Loads the plugins that come with the engine.
// They are actuators, sensors, elastic cables and signed distance fields in a folder beside its library.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reverie::sim {

// plugin/ beside the library of the engine that this process runs; it may not be there.
std::filesystem::path plugin_folder();

// Loads every library of plugin_folder(), once a process. Thread-safe. A library that the system refuses is left
// out: a model that needs it is told so.
void load_plugins();

// Names that a model can use, sorted: "mujoco.pid", ... Loads them first.
std::vector<std::string> plugin_names();

}  // namespace reverie::sim
