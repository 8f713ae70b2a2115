#include "sim/model_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "base/files.h"
#include "sim/scene_files.h"

namespace reverie::sim {
namespace {

namespace fs = std::filesystem;

struct OpenFile {
  std::string bytes;
  bool read = false;
};

int read_resource(mjResource* resource, const void** buffer) {
  auto* file = static_cast<OpenFile*>(resource->data);
  try {
    if (!file->read) file->bytes = base::read_file(resource->name, base::kMostData);
  } catch (const std::exception&) {
    return -1;
  }
  file->read = true;
  if (file->bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return -1;
  *buffer = file->bytes.data();
  return static_cast<int>(file->bytes.size());
}

void close_resource(mjResource* resource) {
  delete static_cast<OpenFile*>(resource->data);
  resource->data = nullptr;
}

int is_modified(const mjResource* resource, const char* timestamp) {
  return std::strcmp(resource->timestamp, timestamp) == 0 ? 0 : 1;
}

int accept(mjResource*) { return 1; }

// Values of every attribute `name` in an XML text, found by plain search.
std::vector<std::string> attribute_values(const std::string& text, const std::string& name) {
  std::vector<std::string> out;
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    if (at == 0 || std::string_view(" \t\r\n").find(text[at - 1]) == std::string_view::npos) continue;
    const size_t equals = text.find_first_not_of(" \t\r\n", at + name.size());
    if (equals == std::string::npos || text[equals] != '=') continue;
    const size_t open = text.find_first_not_of(" \t\r\n", equals + 1);
    if (open == std::string::npos || (text[open] != '"' && text[open] != '\'')) continue;
    const size_t close = text.find(text[open], open + 1);
    if (close != std::string::npos) out.push_back(text.substr(open + 1, close - open - 1));
  }
  return out;
}

// The order in which hashes of earlier runs took a model's files: depth first, as the text names them.
void append_named(const fs::path& path, const std::vector<fs::path>& roots, std::set<fs::path>& seen,
                  std::string& out) {
  const fs::path normal = path.lexically_normal();
  if (!seen.insert(normal).second || seen.size() > 10000) return;
  std::error_code ignored;
  if (!fs::is_regular_file(normal, ignored) || !lies_in(normal, roots)) {
    out += normal.filename().string() + "\n";
    return;
  }
  const std::string text = base::read_file(normal, base::kMostData);
  out += text;
  if (normal.extension() != ".xml") return;
  std::vector<fs::path> directories = {normal.parent_path()};
  for (const char* name : {"meshdir", "texturedir", "assetdir"}) {
    for (const std::string& value : attribute_values(text, name))
      directories.push_back(normal.parent_path() / value);
  }
  for (const std::string& value : attribute_values(text, "file")) {
    fs::path found = directories.front() / value;
    for (const auto& directory : directories) {
      if (fs::is_regular_file(directory / value, ignored)) found = directory / value;
    }
    append_named(found, roots, seen, out);
  }
}

}  // namespace

std::vector<fs::path> model_roots(const fs::path& path) {
  std::error_code ignored;
  const fs::path absolute = fs::absolute(path);
  // Where a link to the model leads, its files may lie as well: caches of downloads are folders of links.
  std::vector<fs::path> roots = {fs::weakly_canonical(absolute.parent_path(), ignored),
                                 fs::weakly_canonical(absolute, ignored).parent_path()};
  for (const fs::path& scenes : scene_directories()) roots.push_back(fs::weakly_canonical(scenes, ignored));
  return roots;
}

bool lies_in(const fs::path& file, const std::vector<fs::path>& roots) {
  if (trusts_all_models()) return true;
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(file, ignored);
  return std::ranges::any_of(roots, [&](const fs::path& root) {
    const fs::path relative = real.lexically_relative(root);
    return !relative.empty() && *relative.begin() != "..";
  });
}

ModelFiles::ModelFiles(const fs::path& model) : roots_(model_roots(model)) {
  mj_defaultVFS(&vfs_);
  mjp_defaultResourceProvider(&provider_);
  provider_.open = open;
  provider_.read = read_resource;
  provider_.close = close_resource;
  provider_.mount = accept;
  provider_.modified = is_modified;
  provider_.data = this;
  // The engine looks for the nearest mounted folder above a file, and never asks for "/" itself.
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator("/", ignored))
    mj_mountVFS(&vfs_, entry.path().c_str(), &provider_);
}

ModelFiles::~ModelFiles() { mj_deleteVFS(&vfs_); }

std::vector<fs::path> ModelFiles::opened() const {
  const std::lock_guard lock(mutex_);
  return {opened_.begin(), opened_.end()};
}

std::string ModelFiles::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

bool ModelFiles::admits(const fs::path& file, uint64_t bytes) {
  const bool inside = lies_in(file, roots_);
  if (inside && bytes <= base::kMostData) return true;
  const std::lock_guard lock(mutex_);
  if (!refused_.empty()) return false;
  refused_ =
      inside ? fmt::format("; {} is too large, at most {} bytes are read", file.string(), base::kMostData)
             : fmt::format(
                   "; {} lies outside the model's folder {} and was not read: put it below that folder, or "
                   "give --trust if you know where the model comes from",
                   file.string(), roots_.front().string());
  return false;
}

// The engine keeps decoded assets for the next model and takes them again while the time stamp is the same.
int ModelFiles::open(mjResource* resource) {
  struct stat facts {};
  if (stat(resource->name, &facts) != 0 || !S_ISREG(facts.st_mode)) return 0;
  try {
    const std::string stamp =
        fmt::format("{}.{:09}+{}", facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_size);
    std::strncpy(resource->timestamp, stamp.c_str(), sizeof resource->timestamp - 1);
    auto* files = static_cast<ModelFiles*>(resource->provider->data);
    const fs::path path = fs::path(resource->name).lexically_normal();
    if (!files->admits(path, static_cast<uint64_t>(facts.st_size))) return 0;
    {
      const std::lock_guard lock(files->mutex_);
      files->opened_.insert(path);
    }
    resource->data = new OpenFile;
    return 1;
  } catch (const std::exception&) {
    return 0;
  }
}

std::string model_sources(const fs::path& path, const std::vector<fs::path>& opened) {
  std::string out;
  std::set<fs::path> seen, covered;
  append_named(path, model_roots(path), seen, out);
  std::error_code ignored;
  for (const fs::path& file : seen) covered.insert(fs::weakly_canonical(file, ignored));
  // By their paths as seen from the model, so that the hash is the same wherever the folder lies.
  const fs::path folder = fs::absolute(path).lexically_normal().parent_path();
  const fs::path model = folder / path.filename();
  if (std::ranges::find(opened, model) == opened.end())
    throw std::runtime_error(
        fmt::format("{}: the engine opened it unseen, so its files are not known", model.string()));
  std::set<std::pair<std::string, fs::path>> further;
  for (const fs::path& file : opened) further.emplace(file.lexically_relative(folder).generic_string(), file);
  for (const auto& [name, file] : further) {
    if (covered.insert(fs::weakly_canonical(file, ignored)).second) out += base::read_file(file);
  }
  return out;
}

}  // namespace reverie::sim
