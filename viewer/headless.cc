#include "viewer/headless.h"

#include <cmath>
#include <optional>
#include <utility>

#include "render/video_writer.h"
#include "viewer/recorder.h"
#include "viewer/script_player.h"

namespace reverie::viewer {

namespace {

constexpr double kSlowestVideo = 12, kFastestVideo = 60;  // frames a second

// Frames a second: one a step where that is a usual video rate, else a whole number of steps a frame or of
// frames a step, so that motion is even.
double frame_rate(const Opened& opened, double speed) {
  const TwinParts& parts = opened.parts;
  const double steps = speed / (parts.spec.control_dt * (parts.dream ? parts.dream->control_steps() : 1));
  if (steps > kFastestVideo) return steps / std::ceil(steps / kFastestVideo);
  if (steps < kSlowestVideo) return steps * std::ceil(kSlowestVideo / steps);
  return steps;
}

// Without a script: time passes.
void let_pass(Stage& stage, const ViewOptions& options, double rate,
              const std::function<void()>& after_frame) {
  const auto frames = static_cast<int64_t>(std::llround(options.seconds * rate));
  for (int64_t i = 0; i < frames; ++i) {
    base::check_stop(options.stop);
    if (options.progress) options.progress(static_cast<double>(i) / static_cast<double>(frames));
    if (after_frame) {
      stage.frame(i == 0 ? 0 : 1.0 / rate);
      after_frame();
    } else {
      stage.advance(1.0 / rate);
    }
  }
}

}  // namespace

void write_files(Opened opened, const ViewOptions& asked) {
  ViewOptions options = asked;
  options.layout.clear();  // files are the same for every user
  std::vector<ScriptLine> script;
  if (!options.script.empty()) script = read_script(options.script);
  const double rate = frame_rate(opened, options.speed);
  const auto surface = make_offscreen_surface(options.width, options.height, 1.0 / rate);
  Stage stage(*surface, std::move(opened), options, options.real_time ? Pace::kRealTime : Pace::kLockStep);
  stage.frame(0);  // ImGui measures its windows in the first frame and is right from the second on
  std::optional<Recorder> recorder;
  if (!options.record.empty()) recorder.emplace(options.record, stage.opened(), stage.twin(), options.stop);
  std::optional<render::VideoWriter> video;
  std::function<void()> after_frame;
  if (!options.video.empty()) {
    video.emplace(options.video, options.width, options.height, rate);
    after_frame = [&] { video->write(surface->read()); };
  }
  if (options.script.empty()) {
    let_pass(stage, options, rate, after_frame);
  } else {
    ScriptPlayer player(
        stage, *surface,
        {1.0 / rate, options.real_time, after_frame, options.print, options.progress, options.stop});
    player.run(script);
  }
  if (video) video->finish(options.stop);
  if (recorder) recorder->finish(stage.twin());
  if (options.screenshot.empty()) return;
  stage.frame(0);
  stage.frame(0);  // plots fit what they showed the frame before
  write_png(options.screenshot, surface->read());
}

}  // namespace reverie::viewer
