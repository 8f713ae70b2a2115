#include "training/data/dataset_list.h"

#include <nlohmann/json.hpp>

#include "base/checksum.h"
#include "base/error.h"
#include "base/files.h"

namespace fs = std::filesystem;

namespace reverie::training {
namespace {

constexpr const char* kFile = "dataset.json";
constexpr int64_t kSchema = 1;

}  // namespace

void save_dataset_list(const fs::path& directory, const DatasetList& shards) {
  const nlohmann::ordered_json object{
      {"schema", kSchema}, {"shards", shards}, {base::kSealKey, base::kOpenSeal}};
  std::string text = object.dump(1) + "\n";
  base::seal(text);
  base::write_file_atomic(directory / kFile, text);
}

std::optional<DatasetList> load_dataset_list(const fs::path& directory) {
  const fs::path path = directory / kFile;
  if (!fs::exists(path)) return std::nullopt;
  const std::string text = base::read_file(path, base::kMostData);
  if (!base::check_seal(text, path.string()))
    base::throw_user_error("{}: damaged: its checksum is gone", path.string());
  try {
    const auto object = nlohmann::json::parse(text);
    if (const int64_t schema = object.at("schema"); schema > kSchema)
      base::throw_user_error("{}: it has schema {}, of a newer program; expected {} at most", path.string(),
                             schema, kSchema);
    return object.at("shards").get<DatasetList>();
  } catch (const nlohmann::json::exception& error) {
    base::throw_user_error("{}: damaged: {}", path.string(), error.what());
  }
}

bool check_listed(const DatasetList& list, const fs::path& shard) {
  const auto listed = list.find(shard.filename().string());
  if (listed == list.end()) return false;
  if (const std::string found = base::file_checksum(shard); found != listed->second)
    base::throw_user_error(
        "{}: damaged, or of another dataset: its bytes have the checksum {}, dataset.json has {}",
        shard.string(), found, listed->second);
  return true;
}

}  // namespace reverie::training
