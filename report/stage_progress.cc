#include "report/stage_progress.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <string_view>
#include <utility>

#include "report/progress.h"

namespace reverie::report {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kFirstShare = 0.02;  // of all; what is left cannot be told before
// Back to the first column, clear, and cut what does not fit rather than wrap: a wrapped line could not be redrawn.
constexpr std::string_view kRedraw = "\r\x1b[K\x1b[?7l", kWrapAgain = "\x1b[?7h";

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string stage_text(const std::string& stage, double of_stage, double of_all, double seconds) {
  std::string text = fmt::format("{:.0f}%  {}", std::floor(100.0 * of_all), stage);
  if (of_stage > 0.0) text += fmt::format(", {:.0f}% of it", std::floor(100.0 * of_stage));
  text += "  " + duration_text(seconds);
  if (of_all >= kFirstShare && of_all < 1.0)
    text += "  ETA " + duration_text(seconds * (1.0 - of_all) / of_all);
  return text;
}

StageProgress::StageProgress(bool is_tty, std::ostream* out, std::function<double()> seconds)
    : is_tty_(is_tty),
      out_(out ? out : &std::cerr),
      seconds_(seconds ? std::move(seconds) : steady_seconds) {}

StageProgress::~StageProgress() { finish(); }

void StageProgress::update(const std::string& stage, double of_stage, double of_all) {
  const std::scoped_lock lock(mutex_);
  if (finished_) return;
  const double now = seconds_();
  if (begun_ < 0.0) begun_ = now;
  const double plain_after = stage == stage_ ? kPlainSeconds : kShortStage;
  if (stage != stage_) stage_ = stage;
  of_stage_ = of_stage;
  of_all_ = of_all;
  if (!shown_ || now - last_drawn_ >= (is_tty_ ? kRedrawSeconds : plain_after)) draw(now);
}

void StageProgress::hide() {
  const std::scoped_lock lock(mutex_);
  if (is_tty_ && shown_ && !finished_) *out_ << kRedraw << kWrapAgain << std::flush;
}

void StageProgress::tick() {
  const std::scoped_lock lock(mutex_);
  if (finished_ || begun_ < 0.0) return;
  const double now = seconds_();
  if (now - last_drawn_ >= (is_tty_ ? kRedrawSeconds : kPlainSeconds)) draw(now);
}

void StageProgress::tick_by_itself() {
  ticker_ = std::jthread([this](const std::stop_token& end) {
    std::mutex waiting;
    std::unique_lock lock(waiting);
    while (!end.stop_requested()) {
      wake_.wait_for(lock, end, std::chrono::seconds(1), [] { return false; });
      if (!end.stop_requested()) tick();
    }
  });
}

void StageProgress::draw(double now) {
  const std::string text = stage_text(stage_, of_stage_, of_all_, now - begun_);
  if (is_tty_) {
    *out_ << kRedraw << text << kWrapAgain << std::flush;
  } else {
    *out_ << text << '\n' << std::flush;
  }
  last_drawn_ = now;
  shown_ = true;
}

void StageProgress::finish() {
  ticker_ = {};  // asks it to stop and waits for it
  const std::scoped_lock lock(mutex_);
  if (finished_) return;
  finished_ = true;
  if (is_tty_ && shown_) *out_ << kRedraw << kWrapAgain << std::flush;
}

}  // namespace reverie::report
