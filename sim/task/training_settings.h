// TrainingSetting: how a task file says a training of it should differ.
// sim/ does not know what can be set: it hands on words that training/ reads.
#pragma once

#include <string>
#include <vector>

namespace reverie::sim {

struct TomlNode;

struct TrainingSetting {
  std::string word;   // "learner.imagination_horizon=1"
  std::string place;  // "file:line:column" of its value, for errors
};

// `section` is [training] or nullptr: tables within tables whose values are numbers, texts, true or false; in the order of
// the file. Throws UserError.
std::vector<TrainingSetting> read_training_settings(const TomlNode* section);

}  // namespace reverie::sim
