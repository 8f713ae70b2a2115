#include "viewer/script_player.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "viewer/random_input.h"
#include "viewer/values.h"

namespace reverie::viewer {

namespace {

constexpr int kDragFrames = 8;

double number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

int mouse_button(const std::string& name) { return name == "right" ? 1 : name == "middle" ? 2 : 0; }

// A number, the name of another value, or a text.
Value expected_value(const std::string& text, const ViewerContext& context) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() && *end == '\0') return value;
  const NamedValue* named = find_value(text);
  if (named != nullptr) return named->read(context);
  return text;
}

template <typename T>
bool compare(const T& a, const std::string& op, const T& b) {
  if (op == "==") return a == b;
  if (op == "!=") return a != b;
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  if (op == ">") return a > b;
  return a >= b;
}

}  // namespace

ScriptPlayer::ScriptPlayer(Stage& stage, Surface& surface, ScriptPlayerOptions options)
    : stage_(stage), surface_(surface), options_(std::move(options)) {}

void ScriptPlayer::run(std::span<const ScriptLine> script) {
  ImGui::GetIO().MouseDrawCursor = options_.after_frame != nullptr;
  frame();
  frame();  // ImGui measures its windows in the first frame and is right from the second on
  for (size_t i = 0; i < script.size(); ++i) {
    if (options_.progress) options_.progress(static_cast<double>(i) / static_cast<double>(script.size()));
    run(script[i]);
  }
}

void ScriptPlayer::run(const ScriptLine& line) {
  const std::string verb = line.verb->name;
  if (verb == "click") click(line);
  if (verb == "double-click") double_click(line);
  if (verb == "set") set(line);
  if (verb == "drag") drag(line);
  if (verb == "key") key(line, 0);
  if (verb == "hold") key(line, number(line.words[1]));
  if (verb == "type") {
    ImGui::GetIO().AddInputCharactersUTF8(line.words[0].c_str());
    frame();
  }
  if (verb == "say") {
    stage_.context().caption = line.words[0];
    frame();
  }
  if (verb == "wait") pass(number(line.words[0]));
  if (verb == "frames") {
    for (int i = 0; i < static_cast<int>(number(line.words[0])); ++i) {
      frame(options_.frame_seconds);
    }
  }
  if (verb == "resize") resize(line);
  if (verb == "random") random(line);
  if (verb == "until") until(line);
  if (verb == "expect") expect(line);
  if (verb == "print" && options_.print) {
    const NamedValue& value = *find_value(line.words[0]);
    options_.print(fmt::format("{} {}", value.name, to_text(value.read(stage_.context()))));
  }
  if (verb == "open") {
    stage_.context().asked.open = line.words[0];
    frame();
  }
  if (verb == "screenshot") screenshot(line);
}

void ScriptPlayer::frame(double seconds) {
  base::check_stop(options_.stop);
  stage_.frame(seconds, options_.after_frame ? Draw::kAll : Draw::kPanels);
  if (options_.after_frame) options_.after_frame();
}

void ScriptPlayer::pass(double seconds) {
  if (options_.real_time) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
      base::check_stop(options_.stop);
      stage_.frame();
    }
    return;
  }
  const auto frames = static_cast<int64_t>(std::llround(seconds / options_.frame_seconds));
  for (int64_t i = 0; i < frames; ++i) {
    base::check_stop(options_.stop);
    if (options_.after_frame) {
      frame(options_.frame_seconds);
    } else {
      stage_.advance(options_.frame_seconds);
    }
  }
}

// Where the first word's control or panel is, scrolled into view.
Rect ScriptPlayer::look_for(const ScriptLine& line) {
  const std::string& name = line.words[0];
  ViewerContext& context = stage_.context();
  const Rect panel = context.rect(name);
  if (panel.size.x > 0) return panel;
  const PlacedControl* control = context.controls.find(name);
  if (control != nullptr && !control->visible) {
    context.controls.scroll_to = name;
    frame();
    frame();
    control = context.controls.find(name);
  }
  if (control == nullptr) {
    std::vector<std::string> names;
    names.reserve(context.controls.placed.size() + context.placed.size());
    for (const PlacedControl& one : context.controls.placed) names.push_back(one.name);
    for (const PlacedPanel& one : context.placed) names.emplace_back(one.panel->name);
    base::throw_user_error("{}: nothing that is shown is called '{}'{}", line.place, name,
                           base::did_you_mean(name, names));
  }
  if (!control->enabled) base::throw_user_error("{}: '{}' cannot be used now", line.place, name);
  return control->rect;
}

void ScriptPlayer::move(ImVec2 position) {
  ImGui::GetIO().AddMousePosEvent(position.x, position.y);
  frame();
}

void ScriptPlayer::press(int button) {
  ImGui::GetIO().AddMouseButtonEvent(button, true);
  frame();
  ImGui::GetIO().AddMouseButtonEvent(button, false);
  frame();
  frame();  // what the click asked for is done
}

void ScriptPlayer::click(const ScriptLine& line) {
  const auto [position, size] = look_for(line);
  move({position.x + size.x / 2, position.y + size.y / 2});
  press(0);
}

void ScriptPlayer::double_click(const ScriptLine& line) {
  const auto [position, size] = look_for(line);
  move({position.x + static_cast<float>(number(line.words[1])) * size.x,
        position.y + static_cast<float>(number(line.words[2])) * size.y});
  press(0);
  press(0);
}

void ScriptPlayer::set(const ScriptLine& line) {
  key_event(ImGuiMod_Ctrl, true);
  click(line);
  key_event(ImGuiMod_Ctrl, false);
  ImGui::GetIO().AddInputCharactersUTF8(line.words[1].c_str());
  frame();
  key_event(ImGuiKey_Enter, true);
  key_event(ImGuiKey_Enter, false);
  frame();
}

void ScriptPlayer::drag(const ScriptLine& line) {
  const auto [position, size] = look_for(line);
  const int button = line.words.size() > 5 ? mouse_button(line.words[5]) : 0;
  const int key = line.words.size() > 6 ? parse_key(line.words[6]) : 0;
  const auto at = [&](double share) {
    const double x = std::lerp(number(line.words[1]), number(line.words[3]), share);
    const double y = std::lerp(number(line.words[2]), number(line.words[4]), share);
    return ImVec2{position.x + static_cast<float>(x) * size.x, position.y + static_cast<float>(y) * size.y};
  };
  move(at(0));
  if (key != 0) key_event(key, true);
  ImGui::GetIO().AddMouseButtonEvent(button, true);
  frame();
  for (int i = 1; i <= kDragFrames; ++i) move(at(static_cast<double>(i) / kDragFrames));
  if (line.words.size() > 7) {
    frame();
    pass(number(line.words[7]));
  }
  ImGui::GetIO().AddMouseButtonEvent(button, false);
  frame();
  if (key != 0) key_event(key, false);
  frame();
}

void ScriptPlayer::key_event(int key, bool down) {
  ImGuiIO& io = ImGui::GetIO();
  for (const int modifier : {ImGuiMod_Ctrl, ImGuiMod_Shift, ImGuiMod_Alt}) {
    if ((key & modifier) != 0) io.AddKeyEvent(static_cast<ImGuiKey>(modifier), down);
  }
  const int plain = key & ~ImGuiMod_Mask_;
  if (plain != 0) io.AddKeyEvent(static_cast<ImGuiKey>(plain), down);
  frame();
}

void ScriptPlayer::key(const ScriptLine& line, double seconds) {
  const int key = parse_key(line.words[0]);
  key_event(key, true);
  pass(seconds);
  key_event(key, false);
  frame();
}

bool ScriptPlayer::holds(const ScriptLine& line, std::string* found) const {
  const ViewerContext& context = stage_.context();
  const Value value = find_value(line.words[0])->read(context);
  const Value expected = expected_value(line.words[2], context);
  *found = to_text(value);
  // A text that looks like a number, such as a checkpoint's name, is compared as it is written.
  if (value.index() != expected.index())
    return compare(*found, line.words[1],
                   find_value(line.words[2]) == nullptr ? line.words[2] : to_text(expected));
  if (const double* a = std::get_if<double>(&value))
    return compare(*a, line.words[1], std::get<double>(expected));
  return compare(std::get<std::string>(value), line.words[1], std::get<std::string>(expected));
}

void ScriptPlayer::expect(const ScriptLine& line) const {
  std::string found;
  if (holds(line, &found)) return;
  const std::string& wanted = line.words[2];
  const NamedValue* other = find_value(wanted);
  const std::string now =
      other == nullptr ? "" : fmt::format(" ({})", to_text(other->read(stage_.context())));
  throw ExpectationFailed(fmt::format("{}: expected {} {} {}{}, found {}", line.place, line.words[0],
                                      line.words[1], wanted, now, found));
}

void ScriptPlayer::until(const ScriptLine& line) {
  std::string found;
  for (double left = number(line.words[3]); left > 0 && !holds(line, &found);
       left -= options_.frame_seconds) {
    pass(options_.frame_seconds);
  }
  expect(line);
}

void ScriptPlayer::resize(const ScriptLine& line) {
  if (options_.after_frame) base::throw_user_error("{}: a film keeps its size", line.place);
  const double width = number(line.words[0]), height = number(line.words[1]);
  if (width > kMostWidth || height > kMostHeight)
    base::throw_user_error("{}: expected a size of at most {} x {} pixels, found {} x {}", line.place,
                           kMostWidth, kMostHeight, width, height);
  surface_.resize(static_cast<int>(width), static_cast<int>(height));
  frame();
  frame();
}

void ScriptPlayer::random(const ScriptLine& line) {
  RandomInput input(static_cast<uint64_t>(number(line.words[1])));
  const ImVec2 before{static_cast<float>(surface_.width()), static_cast<float>(surface_.height())};
  const auto resize = [&](ImVec2 size) {
    if (size.x > 0 && !options_.after_frame)
      surface_.resize(static_cast<int>(size.x), static_cast<int>(size.y));
  };
  for (int i = 0; i < static_cast<int>(number(line.words[0])); ++i) {
    base::check_stop(options_.stop);
    resize(input.resize());
    input.act(stage_.context(), surface_.width(), surface_.height());
    stage_.frame(options_.frame_seconds);
    if (options_.after_frame) options_.after_frame();
  }
  input.let_go();
  resize(before);
  frame();
  frame();
}

void ScriptPlayer::screenshot(const ScriptLine& line) {
  frame();
  stage_.frame(0);
  render::write_png(line.words[0], surface_.read());
}

}  // namespace reverie::viewer
