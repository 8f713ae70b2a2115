#include "report/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <string_view>
#include <utility>

namespace reverie::report {
namespace {

constexpr double kRedrawSeconds = 0.1;
// Back to the first column, clear, and cut what does not fit rather than wrap: a wrapped line
// could not be redrawn.
constexpr std::string_view kRedraw = "\r\x1b[K\x1b[?7l";
constexpr std::string_view kWrapAgain = "\x1b[?7h";

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string bar(int64_t step, int64_t total) {
  constexpr int kCells = 20;
  const double part = total > 0 ? std::clamp(double(step) / double(total), 0.0, 1.0) : 0.0;
  const int full = static_cast<int>(part * kCells);
  std::string text;
  for (int i = 0; i < kCells; ++i) text += i < full ? "━" : "╌";
  return text;
}

std::string value_text(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) return "–";
  if (size >= 100.0) return fmt::format("{:.1f}", value);
  if (size >= 0.01 || size == 0.0) return fmt::format("{:.3g}", value);
  return fmt::format("{:.1e}", value);
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string progress_text(int64_t step, int64_t total, double rate, const ProgressValues& values) {
  std::string text = fmt::format("{}/{}", step, total);
  if (total > 0) text += fmt::format("  {}%", 100 * std::min(step, total) / total);
  if (rate > 0.0) {
    text += rate >= 10.0 ? fmt::format("  {:.0f}/s", rate) : fmt::format("  {:.2g}/s", rate);
    if (step < total) text += fmt::format("  ETA {}", duration_text(double(total - step) / rate));
  }
  for (const auto& [name, value] : values) text += fmt::format("  {} {}", name, value_text(value));
  return text;
}

Progress::Progress(int64_t total, bool is_tty, std::ostream* out, std::function<double()> seconds)
    : total_(total),
      is_tty_(is_tty),
      out_(out ? out : &std::cerr),
      seconds_(seconds ? std::move(seconds) : steady_seconds) {}

Progress::~Progress() { finish(); }

void Progress::update(int64_t step, const ProgressValues& values) {
  const double now = seconds_();
  const bool first = first_step_ < 0;
  if (first) {
    first_step_ = step;
    first_seconds_ = now;
  }
  last_step_ = step;
  last_values_ = values;
  pending_ = true;
  const int64_t twentieth = total_ > 0 ? step * 20 / total_ : 0;
  const bool due = is_tty_ ? now - last_drawn_ >= kRedrawSeconds : twentieth != last_twentieth_;
  if (!first && !due && step < total_) return;
  last_drawn_ = now;
  last_twentieth_ = twentieth;
  draw(step, values);
}

void Progress::draw(int64_t step, const ProgressValues& values) {
  const double elapsed = seconds_() - first_seconds_;
  const double rate = elapsed > 0.0 ? double(step - first_step_) / elapsed : 0.0;
  line_ = progress_text(step, total_, rate, values);
  if (is_tty_) {
    line_ = bar(step, total_) + "  " + line_;
    *out_ << kRedraw << line_ << kWrapAgain << std::flush;
  } else {
    *out_ << line_ << '\n' << std::flush;
  }
  pending_ = false;
}

void Progress::finish() {
  if (finished_) return;
  if (pending_) draw(last_step_, last_values_);
  finished_ = true;
  if (is_tty_ && !line_.empty()) *out_ << '\n' << std::flush;
}

}  // namespace reverie::report
