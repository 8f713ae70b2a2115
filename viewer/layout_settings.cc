#include "viewer/layout_settings.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/files.h"

namespace reverie::viewer {

std::filesystem::path layout_file() {
  const char* folder = std::getenv("XDG_CONFIG_HOME");
  if (folder != nullptr && *folder != '\0') return std::filesystem::path(folder) / "reverie/viewer.json";
  const char* home = std::getenv("HOME");
  return home == nullptr ? std::filesystem::path()
                         : std::filesystem::path(home) / ".config/reverie/viewer.json";
}

LayoutSettings read_layout(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none)) return {};
  try {
    const auto json = nlohmann::json::parse(base::read_file(file));
    LayoutSettings settings;
    settings.views_share = std::clamp(json.at("views_share").get<float>(), 0.2f, 0.9f);
    settings.side_width = std::clamp(json.at("side_width").get<float>(), 10.0f, 60.0f);
    settings.light = json.at("light").get<bool>();
    settings.shown = json.at("shown").get<std::map<std::string, bool>>();
    settings.apart = json.value("apart", settings.apart);
    settings.docking = json.value("docking", "");
    return settings;
  } catch (const std::exception&) {
    return {};
  }
}

std::string write_layout(const std::filesystem::path& file, const LayoutSettings& settings) {
  try {
    std::filesystem::create_directories(file.parent_path());
    const nlohmann::ordered_json json{{"views_share", settings.views_share},
                                      {"side_width", settings.side_width},
                                      {"light", settings.light},
                                      {"shown", settings.shown},
                                      {"apart", settings.apart},
                                      {"docking", settings.docking}};
    base::write_file_atomic(file, json.dump(2) + "\n");
    return "";
  } catch (const std::exception& failed) {
    return failed.what();
  }
}

}  // namespace reverie::viewer
