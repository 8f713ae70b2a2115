// DatasetList: which shards belong to a dataset, with their checksums.
// Each shard seals itself; the list tells one that was exchanged for a whole shard of another dataset, and one that is
// missing. A directory of shards needs no list: whoever puts shards together leaves it out.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace reverie::training {

// File name -> checksum of its bytes.
using DatasetList = std::map<std::string, std::string>;

// Writes `directory`/dataset.json, sealed.
void save_dataset_list(const std::filesystem::path& directory, const DatasetList& shards);

// Nothing when there is none. Throws UserError when it is damaged.
std::optional<DatasetList> load_dataset_list(const std::filesystem::path& directory);

// Throws UserError, beginning with the shard's path, when `list` names it with another checksum. False when it is not
// in the list.
bool check_listed(const DatasetList& list, const std::filesystem::path& shard);

}  // namespace reverie::training
