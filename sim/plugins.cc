#include "sim/plugins.h"

#include <dlfcn.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <mutex>

#include "sim/model.h"

namespace reverie::sim {

namespace fs = std::filesystem;

fs::path plugin_folder() {
  Dl_info facts{};
  if (dladdr(reinterpret_cast<const void*>(&mj_step), &facts) == 0 || facts.dli_fname == nullptr) return {};
  std::error_code ignored;
  return fs::canonical(facts.dli_fname, ignored).parent_path() / "plugin";
}

void load_plugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    std::vector<fs::path> libraries;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(plugin_folder(), ignored)) {
      if (entry.path().extension() == ".so") libraries.push_back(entry.path());
    }
    std::ranges::sort(libraries);
    for (const fs::path& library : libraries) {
      try {
        mj_loadPluginLibrary(library.c_str());
      } catch (const PhysicsError&) {  // the others are still of use
      }
    }
  });
}

std::vector<std::string> plugin_names() {
  install_mujoco_handlers();
  load_plugins();
  std::vector<std::string> out;
  for (int slot = 0; slot < mjp_pluginCount(); ++slot) {
    const mjpPlugin* plugin = mjp_getPluginAtSlot(slot);
    if (plugin != nullptr) out.emplace_back(plugin->name);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace reverie::sim
