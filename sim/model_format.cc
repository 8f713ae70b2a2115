#include "sim/model_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/files.h"

namespace reverie::sim {
namespace {

namespace fs = std::filesystem;
using std::string_view_literals::operator""sv;

struct Signature {
  std::string_view bytes;
  const char* verdict;
  size_t offset = 0;
};

constexpr const char* kUnpack = "a compressed file: unpack it first";
constexpr const char* kUsd = "a USD scene, which this engine does not read: export it as MJCF or URDF";
constexpr const char* kBinaryModel = "a compiled model (MJB): binary models are not read, save it as MJCF";
constexpr Signature kSignatures[] = {{"\x1f\x8b"sv, kUnpack},
                                     {"BZh"sv, kUnpack},
                                     {"\xfd"
                                      "7zXZ"sv,
                                      kUnpack},
                                     {"\x28\xb5\x2f\xfd"sv, kUnpack},
                                     {"7z\xbc\xaf"sv, kUnpack},
                                     {"ustar"sv, "a tar archive: unpack it first", 257},
                                     {"PXR-USDC"sv, kUsd},
                                     {"#usda"sv, kUsd},
                                     {"\x31\xd4\0\0"sv, kBinaryModel},
                                     {"\xff\xfe"sv, "text in UTF-16: save it as UTF-8"},
                                     {"\xfe\xff"sv, "text in UTF-16: save it as UTF-8"}};

struct Extension {
  std::string_view name;
  const char* verdict;  // nullptr: read
};
constexpr const char* kMesh = "a mesh, not a model: name the MJCF or URDF that uses it";
constexpr Extension kExtensions[] = {
    {".xml", nullptr}, {".mjcf", nullptr}, {".urdf", nullptr},    {".zip", nullptr}, {".mjz", nullptr},
    {".gz", kUnpack},  {".bz2", kUnpack},  {".xz", kUnpack},      {".zst", kUnpack}, {".7z", kUnpack},
    {".tgz", kUnpack}, {".tar", kUnpack},  {".usd", kUsd},        {".usda", kUsd},   {".usdc", kUsd},
    {".usdz", kUsd},   {".stl", kMesh},    {".obj", kMesh},       {".msh", kMesh},   {".ply", kMesh},
    {".dae", kMesh},   {".skn", kMesh},    {".mjb", kBinaryModel}};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

const Extension* find_extension(const fs::path& path) {
  const std::string name = lower(path.extension().string());
  const auto* found = std::ranges::find(kExtensions, name, &Extension::name);
  return found == std::end(kExtensions) ? nullptr : found;
}

const char* binary_verdict(const fs::path& path, std::string_view bytes) {
  for (const Signature& signature : kSignatures) {
    if (bytes.size() >= signature.offset && bytes.substr(signature.offset).starts_with(signature.bytes))
      return signature.verdict;
  }
  if (const Extension* extension = find_extension(path);
      extension != nullptr && extension->verdict != nullptr)
    return extension->verdict;
  if (bytes.substr(0, 4096).find('\0') != std::string_view::npos)
    return "a binary file: expected a model in XML (MJCF or URDF)";
  return nullptr;
}

// "robot" of "<?xml ...?><!-- ... --><robot name=...": empty when there is no element.
std::string_view root_element(std::string_view text) {
  while (true) {
    const size_t open = text.find('<');
    if (open == std::string_view::npos) return {};
    text.remove_prefix(open);
    std::string_view end;
    if (text.starts_with("<!--")) {
      end = "-->";
    } else if (text.starts_with("<?")) {
      end = "?>";
    } else if (text.starts_with("<!")) {
      end = ">";
    } else {
      return text.substr(1, text.find_first_of(" \t\r\n/>", 1) - 1);
    }
    const size_t close = text.find(end);
    if (close == std::string_view::npos) return {};
    text.remove_prefix(close + end.size());
  }
}

const char* xml_verdict(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "an empty file: expected a model in XML (MJCF or URDF)";
  if (text[first] != '<') return "not XML: expected a model (MJCF or URDF)";
  const std::string root = lower(std::string(root_element(text)));
  if (root == "sdf" || root == "world")
    return "an SDF file, which this engine does not read: convert it to URDF or MJCF";
  if (root == "mujocoinclude") return "a part of a model (mujocoinclude): name the MJCF that includes it";
  if (root == "robot" && text.find("<xacro:") != std::string_view::npos)
    return "a URDF with xacro macros: expand them first (xacro FILE > robot.urdf)";
  return nullptr;
}

}  // namespace

ModelFormat model_format(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::none)
    base::throw_user_error("{}: cannot read: {}", path.string(), error.message());
  if (status.type() == fs::file_type::not_found) base::throw_user_error("{}: no such file", path.string());
  if (fs::is_directory(status))
    base::throw_user_error("{}: a directory, expected a model (MJCF or URDF)", path.string());
  if (!fs::is_regular_file(status)) base::throw_user_error("{}: not a regular file", path.string());
  const std::string bytes = base::read_file(path, base::kMostData);
  if (bytes.empty()) base::throw_user_error("{}: an empty file", path.string());
  if (bytes.starts_with("PK\3\4") || bytes.starts_with("PK\5\6")) {
    const std::string extension = path.extension().string();  // the engine tells an archive by these two
    if (extension == ".zip" || extension == ".mjz") return ModelFormat::kArchive;
    base::throw_user_error("{}: a zip archive: unpack it first", path.string());
  }
  const char* verdict = binary_verdict(path, bytes);
  if (verdict == nullptr) verdict = xml_verdict(bytes);
  if (verdict != nullptr) base::throw_user_error("{}: {}", path.string(), verdict);
  return ModelFormat::kXml;
}

bool names_model(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return false;
  if (find_extension(path) != nullptr) return true;
  return fs::exists(path, ignored) && lower(path.extension().string()) != ".toml";
}

}  // namespace reverie::sim
