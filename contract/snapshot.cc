#include "contract/snapshot.h"

#include <fmt/format.h>

#include <stdexcept>

namespace reverie::contract {

Snapshot pick_rows(const Snapshot& snapshot, std::span<const int> rows) {
  Snapshot picked{snapshot.kind, snapshot.record_bytes, {}};
  picked.records.reserve(rows.size() * snapshot.record_bytes);
  for (const int row : rows) {
    if (row < 0 || row >= snapshot.batch_size()) {
      throw std::out_of_range(
          fmt::format("snapshot: row {} is outside 0..{}", row, snapshot.batch_size() - 1));
    }
    append_numbers(picked.records, snapshot.record(row));
  }
  return picked;
}

void check_snapshot(const Snapshot& snapshot, const std::string& kind, size_t record_bytes) {
  if (snapshot.kind != kind) {
    throw std::logic_error(fmt::format("snapshot of '{}', expected one of '{}'", snapshot.kind, kind));
  }
  if (snapshot.record_bytes != record_bytes || snapshot.records.size() % record_bytes != 0) {
    throw std::logic_error(fmt::format("snapshot of '{}': {} bytes in records of {}, expected records of {}",
                                       kind, snapshot.records.size(), snapshot.record_bytes, record_bytes));
  }
}

}  // namespace reverie::contract
