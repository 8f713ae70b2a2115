// TensorBoard event files: metrics rows as scalars that people's own TensorBoard shows.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "training/metrics.h"

namespace reverie::training {

// The file in a run that TensorBoard finds by its name.
std::filesystem::path event_path(const std::filesystem::path& run);

// A sink that appends to event_path(). Its first row writes the file anew from metrics.jsonl, which must hold that row
// already: after a resume both files tell the same. Values that are not finite are left out.
MetricSink event_sink(const std::filesystem::path& run);

// CRC-32C (Castagnoli) of `bytes`, by which records of event files are guarded.
uint32_t crc32c(std::span<const std::byte> bytes);

}  // namespace reverie::training
