// Snapshot: all that a world needs to go on from its present.
// It has one record for each rollout.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace reverie::contract {

// Only the kind of world that made a snapshot reads its records.
struct Snapshot {
  std::string kind;                // which worlds can go on from it
  size_t record_bytes = 0;         // W, the length of one record
  std::vector<std::byte> records;  // [N, W]

  int batch_size() const { return record_bytes == 0 ? 0 : static_cast<int>(records.size() / record_bytes); }
  std::span<const std::byte> record(int row) const {
    return std::span(records).subspan(static_cast<size_t>(row) * record_bytes, record_bytes);
  }
};

// The records of `rows`, in that order. A row may come many times: as many futures of one present. Throws
// std::out_of_range for a row that `snapshot` does not have.
Snapshot pick_rows(const Snapshot& snapshot, std::span<const int> rows);

// Throws std::logic_error naming both kinds or both lengths when `snapshot` is not of this kind or its
// records are not `record_bytes` long.
void check_snapshot(const Snapshot& snapshot, const std::string& kind, size_t record_bytes);

// Appends `numbers` to a record.
template <typename T>
void append_numbers(std::vector<std::byte>& record, std::span<T> numbers) {
  const auto bytes = std::as_bytes(numbers);
  const size_t before = record.size();
  record.resize(before + bytes.size());
  std::ranges::copy(bytes, record.begin() + static_cast<std::ptrdiff_t>(before));
}

// Takes the next numbers from a record; `record` becomes what is left of it.
template <typename T>
void take_numbers(std::span<const std::byte>& record, std::span<T> numbers) {
  const auto bytes = std::as_writable_bytes(numbers);
  std::copy_n(record.begin(), bytes.size(), bytes.begin());
  record = record.subspan(bytes.size());
}

}  // namespace reverie::contract
