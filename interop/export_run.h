// Exports a run: its policy, and its world model's functions, for programs that know nothing of Reverie.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "training/run.h"

namespace reverie::interop {

enum class Format { kSafetensors, kTorchScript, kOnnx };

// "safetensors", "torchscript", "onnx"; parse_format throws UserError with the nearest name.
std::vector<std::string> format_names();
Format parse_format(const std::string& name);

// What a file says of itself: task, hash, checkpoint, names and order of the observation, of joints and actuators, range
// of actions, seconds a decision, simulated return where one was measured. Every value is JSON.
std::map<std::string, std::string> export_metadata(const training::Run& run);

// Writes into `directory`, made when missing: onnx: policy.onnx and one file for each function of the world model;
// torchscript: policy.pt and world_model.pt; safetensors: policy.safetensors and world_model.safetensors, the weights
// with the list of operations in the metadata. Each file is replaced atomically.
std::vector<std::filesystem::path> export_run(const training::Run& run, Format format,
                                              const std::filesystem::path& directory);

}  // namespace reverie::interop
