#include "viewer/script.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "viewer/values.h"

namespace reverie::viewer {

namespace {

const Verb kVerbs[] = {
    {"click", {{"\"NAME\"", WordKind::kControl}}, 0, "click on the middle of a control or panel"},
    {"double-click",
     {{"\"NAME\"", WordKind::kControl}, {"X", WordKind::kNumber}, {"Y", WordKind::kNumber}},
     0,
     "click twice on a place of a control or panel, in fractions of its width and height"},
    {"set",
     {{"\"NAME\"", WordKind::kControl}, {"NUMBER", WordKind::kNumber}},
     0,
     "type a number into a slider, as Ctrl and a click let a user do"},
    {"drag",
     {{"\"NAME\"", WordKind::kControl},
      {"X0", WordKind::kNumber},
      {"Y0", WordKind::kNumber},
      {"X1", WordKind::kNumber},
      {"Y1", WordKind::kNumber},
      {"BUTTON", WordKind::kButton},
      {"KEY", WordKind::kKey},
      {"SECONDS", WordKind::kSeconds}},
     3,
     "drag the mouse across a panel or control, from and to fractions of its width and height; with another "
     "button than the left one, with a key held, and held at the end while seconds pass"},
    {"key", {{"KEY", WordKind::kKey}}, 0, "press and release a key"},
    {"hold",
     {{"KEY", WordKind::kKey}, {"SECONDS", WordKind::kSeconds}},
     0,
     "hold a key while seconds pass in the viewer"},
    {"type", {{"TEXT", WordKind::kText}}, 0, "type characters"},
    {"say",
     {{"\"TEXT\"", WordKind::kText}},
     0,
     "show a line of text under the header from now on; an empty text takes it away"},
    {"wait", {{"SECONDS", WordKind::kSeconds}}, 0, "let seconds pass in the viewer"},
    {"frames", {{"N", WordKind::kCount}}, 0, "let frames pass, and draw each"},
    {"resize",
     {{"WIDTH", WordKind::kCount}, {"HEIGHT", WordKind::kCount}},
     0,
     "give the window another size in pixels; not while a film is written"},
    {"random",
     {{"FRAMES", WordKind::kCount}, {"SEED", WordKind::kCount}},
     0,
     "keys, clicks, drags, the wheel and sizes by chance while frames pass, each drawn; no training is begun "
     "and no file is written"},
    {"until",
     {{"VALUE", WordKind::kValue},
      {"OP", WordKind::kOperator},
      {"EXPECTED", WordKind::kText},
      {"SECONDS", WordKind::kSeconds}},
     0,
     "wait until a value is as expected; it fails as expect does when that takes longer"},
    {"expect",
     {{"VALUE", WordKind::kValue}, {"OP", WordKind::kOperator}, {"EXPECTED", WordKind::kText}},
     0,
     "compare a value with a number, a text or another value"},
    {"open",
     {{"PATH", WordKind::kPath}},
     0,
     "open a run, dataset, model or task, as if it was dropped on the window"},
    {"print", {{"VALUE", WordKind::kValue}}, 0, "write a value to standard output"},
    {"screenshot", {{"FILE", WordKind::kPicture}}, 0, "write the picture of this moment as a PNG"},
};

// Words apart by spaces; quotation marks keep spaces; # begins a comment.
std::vector<std::string> split(const std::string& line, const std::string& place) {
  std::vector<std::string> words;
  for (size_t i = 0; i < line.size() && line[i] != '#';) {
    if (std::isspace(static_cast<unsigned char>(line[i]))) {
      ++i;
    } else if (line[i] == '"') {
      const size_t end = line.find('"', i + 1);
      if (end == std::string::npos) base::throw_user_error("{}: a quotation mark is not closed", place);
      words.push_back(line.substr(i + 1, end - i - 1));
      i = end + 1;
    } else {
      const size_t end = std::min(line.find_first_of(" \t\r", i), line.size());
      words.push_back(line.substr(i, end - i));
      i = end;
    }
  }
  return words;
}

template <typename List>
std::string nearest(const std::string& name, const List& list) {
  std::vector<std::string> names;
  for (const auto& one : list) names.emplace_back(one.name);
  return base::did_you_mean(name, names);
}

std::string nearest_key(const std::string& name) {
  std::vector<std::string> names;
  for (int key = ImGuiKey_NamedKey_BEGIN; key < ImGuiKey_NamedKey_END; ++key)
    names.emplace_back(ImGui::GetKeyName(static_cast<ImGuiKey>(key)));
  return base::did_you_mean(name, names);
}

template <typename Number>
bool is_number(const std::string& text, Number least, Number most) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= least && value <= most;
}

void check_among(const std::string& place, const Word& word, const std::string& found,
                 const std::vector<std::string>& allowed) {
  if (std::ranges::find(allowed, found) != allowed.end()) return;
  base::throw_user_error("{}: {} is '{}', expected one of {}", place, word.shown, found,
                         fmt::join(allowed, " "));
}

void check_word(const std::string& place, const Word& word, const std::string& found) {
  const auto wrong = [&](const char* expected, const std::string& hint = "") {
    base::throw_user_error("{}: {} is '{}', expected {}{}", place, word.shown, found, expected, hint);
  };
  switch (word.kind) {
    case WordKind::kKey:
      if (parse_key(found) == 0) wrong("the name of a key", nearest_key(found));
      return;
    case WordKind::kNumber:
      if (!is_number(found, -1e9, 1e9)) wrong("a number from -1e9 to 1e9");
      return;
    case WordKind::kSeconds:
      if (!is_number(found, 0.0, 1e6)) wrong("seconds, a number from 0 to 1e6");
      return;
    case WordKind::kCount:
      if (!is_number<int64_t>(found, 1, 1'000'000'000)) wrong("a whole number from 1 to 1000000000");
      return;
    case WordKind::kValue:
      if (find_value(found) == nullptr) wrong("the name of a value", nearest(found, named_values()));
      return;
    case WordKind::kOperator:
      return check_among(place, word, found, {"==", "!=", "<", "<=", ">", ">="});
    case WordKind::kButton:
      return check_among(place, word, found, {"left", "right", "middle"});
    case WordKind::kControl:
    case WordKind::kText:
    case WordKind::kPath:
      return;
    case WordKind::kPicture:  // whoever plays a stranger's script loses no other file to it
      if (!found.ends_with(".png")) wrong("a name that ends in .png");
      return;
  }
}

ScriptLine parse_line(std::vector<std::string> words, const std::string& place) {
  const std::string name = words.front();
  const auto verb = std::ranges::find_if(kVerbs, [&](const Verb& one) { return name == one.name; });
  if (verb == std::end(kVerbs))
    base::throw_user_error("{}: unknown verb '{}'{}", place, name, nearest(name, kVerbs));
  words.erase(words.begin());
  if (words.size() > verb->words.size() || words.size() + verb->optional < verb->words.size())
    base::throw_user_error("{}: found {} words after '{}', expected {}", place, words.size(), name,
                           usage(*verb));
  for (size_t i = 0; i < words.size(); ++i) check_word(place, verb->words[i], words[i]);
  return {place, &*verb, std::move(words)};
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

std::string usage(const Verb& verb) {
  std::string text = verb.name;
  for (size_t i = 0; i < verb.words.size(); ++i) {
    const bool left_out = i + verb.optional >= verb.words.size();
    text += fmt::format(fmt::runtime(left_out ? " [{}]" : " {}"), verb.words[i].shown);
  }
  return text;
}

std::vector<ScriptLine> read_script(const std::filesystem::path& file) {
  return parse_script(base::read_file(file, base::kMostText), file.string());
}

std::vector<ScriptLine> parse_script(const std::string& text, const std::string& name) {
  std::vector<ScriptLine> script;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string place = fmt::format("{}:{}", name, number);
    std::vector<std::string> words = split(line, place);
    if (!words.empty()) script.push_back(parse_line(std::move(words), place));
  }
  return script;
}

int parse_key(const std::string& name) {
  constexpr std::pair<std::string_view, int> kModifiers[] = {
      {"Ctrl+", ImGuiMod_Ctrl}, {"Shift+", ImGuiMod_Shift}, {"Alt+", ImGuiMod_Alt}};
  for (const auto& [prefix, modifier] : kModifiers) {
    if (prefix.substr(0, prefix.size() - 1) == name) return modifier;
    if (!name.starts_with(prefix)) continue;
    const int rest = parse_key(name.substr(prefix.size()));
    return rest == 0 ? 0 : rest | modifier;
  }
  for (int key = ImGuiKey_NamedKey_BEGIN; key < ImGuiKey_NamedKey_END; ++key) {
    if (name == ImGui::GetKeyName(static_cast<ImGuiKey>(key))) return key;
  }
  return 0;
}

}  // namespace reverie::viewer
