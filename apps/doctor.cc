// reverie doctor: versions, devices and displays, and what will be used.
#include <torch/headeronly/version.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/settings.h"
#include "base/error.h"
#include "sim/plugins.h"
#include "sim/scene_files.h"
#include "tensor/device.h"
#ifdef REVERIE_HAS_VIEWER
#include "render/gl_context.h"
#endif

namespace reverie::apps {
namespace {

std::string drawing() {
#ifdef REVERIE_HAS_VIEWER
  try {
    return render::OffscreenContext().description();
  } catch (const std::exception& error) {
    return fmt::format("not possible: {}", error.what());
  }
#else
  return "built without the viewer";
#endif
}

std::string window() {
  const char* x11 = std::getenv("DISPLAY");
  const char* wayland = std::getenv("WAYLAND_DISPLAY");
  if (wayland != nullptr) return fmt::format("Wayland {}", wayland);
  if (x11 != nullptr) return fmt::format("X11 {}", x11);
  return "no display: view works with --headless";
}

std::string video() {
  return std::system("ffmpeg -version >/dev/null 2>&1") == 0 ? "ffmpeg"
                                                             : "not possible: ffmpeg is not installed";
}

std::string plugins() {
  const std::vector<std::string> names = sim::plugin_names();
  if (names.empty()) return fmt::format("none in {}", shown(sim::plugin_folder()));
  return fmt::format("{}", fmt::join(names, ", "));
}

int print_facts(bool json) {
  const tensor::Device device = tensor::resolve_device("auto");
  std::vector<std::string> scenes;
  for (const auto& folder : sim::scene_directories()) scenes.push_back(shown(folder));
  const std::vector<std::pair<std::string, std::string>> facts = {
      {"reverie", REVERIE_VERSION},
      {"mujoco", REVERIE_MUJOCO_VERSION},
      {"plugins", plugins()},
      {"libtorch", TORCH_VERSION},
      {"processors", fmt::format("{}", std::thread::hardware_concurrency())},
      {"learning", tensor::describe_device(device)},
      {"drawing", drawing()},
      {"window", window()},
      {"video", video()},
      {"scenes", fmt::format("{}", fmt::join(scenes, ", "))},
      {"runs", shown(runs_folder())}};
  nlohmann::ordered_json object;
  for (const auto& [name, value] : facts) {
    object[name] = value;
    if (!json) fmt::print("{:<12} {}\n", name, value);
  }
  if (json) fmt::print("{}\n", object.dump());
  return kDone;
}

}  // namespace

void add_doctor(CommandLine& line, Shell& shell) {
  Command command = line.add("doctor", "versions, devices and displays, and what will be used");
  command.footer("Examples:\n  reverie doctor\n  reverie doctor --json");
  command.action([&shell] { return print_facts(shell.json); });
}

}  // namespace reverie::apps
