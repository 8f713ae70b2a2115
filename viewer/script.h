// Script: a user's actions and what they must lead to, line by line.
//
//   click "time/Step"        # a comment
//   wait 1.5
//   expect dream.error < 0.3
//
// Reading a script checks all of it: an unknown verb, key or value is found before anything is done.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace reverie::viewer {

// What a word of a line stands for.
enum class WordKind {
  kControl,   // "panel/label", or the name of a panel; looked up when the line is done
  kKey,       // ImGui's name of a key, with Ctrl+, Shift+ or Alt+ before it
  kNumber,    // a number
  kSeconds,   // a number from 0 to a million
  kCount,     // a whole number from 1 to a billion
  kText,      // anything
  kPath,      // of anything that can be opened
  kPicture,   // path of a file that is written, which ends in .png
  kValue,     // a name of viewer/values.h
  kOperator,  // == != < <= > >=
  kButton,    // left, right or middle
};

struct Word {
  const char* shown;  // in the documentation, "SECONDS"
  WordKind kind;
};

struct Verb {
  const char* name;
  std::vector<Word> words;
  size_t optional;   // how many of the last words may be left out
  const char* what;  // one line
};

// In the order in which the documentation has them.
std::span<const Verb> verbs();
std::string usage(const Verb& verb);  // "wait SECONDS"

struct ScriptLine {
  std::string place;  // "file:line"
  const Verb* verb = nullptr;
  std::vector<std::string> words;  // after the verb, without quotation marks
};

// Throws UserError as "file:line: ..." with the nearest valid name.
std::vector<ScriptLine> read_script(const std::filesystem::path& file);
std::vector<ScriptLine> parse_script(const std::string& text, const std::string& name);

// "Ctrl+Shift+F1" as ImGui's key with its modifiers; 0 when there is no such key.
int parse_key(const std::string& name);

}  // namespace reverie::viewer
