#include "viewer/film.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evaluation/observation_error.h"
#include "render/gl_context.h"
#include "render/pose.h"
#include "render/scene_renderer.h"
#include "render/video_writer.h"
#include "sim/model.h"

namespace reverie::viewer {
namespace {

using evaluation::Strip;

constexpr int kWidth = 320, kHeight = 240, kStripHeight = 40;  // pixels of a picture, and of the error below
constexpr double kMostFrames = 25.0;                           // a second
constexpr double kFullError = 1.0;                             // sd: as high as the error's strip

std::span<const float> row_of(const std::vector<float>& rows, size_t k, int width) {
  return std::span(rows).subspan(k * static_cast<size_t>(width), static_cast<size_t>(width));
}

// One picture of three beside each other, and the error up to now below them.
class Film {
 public:
  explicit Film(const mjModel* model)
      : model_(model), physics_(sim::make_data(model)), dream_(sim::make_data(model)), renderer_(model) {
    frame_.width = 3 * kWidth;
    frame_.height = kHeight + kStripHeight;
    frame_.rgb.assign(3 * static_cast<size_t>(frame_.width) * static_cast<size_t>(frame_.height), 24);
  }

  const render::Image& picture(const Strip& strip, size_t k, const contract::EnvSpec& spec) {
    const int64_t row = static_cast<int64_t>(k + 1) * strip.control_steps;
    const auto state = strip.episode.physics_state(row);
    const auto part = [&](int offset, int size) {
      const auto values = state.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
      return std::vector<float>(values.begin(), values.end());
    };
    render::set_pose(model_, physics_.get(), state, part(contract::EnvSpec::kQposOffset, spec.nq),
                     part(spec.qvel_offset(), spec.nv));
    render::set_pose(model_, dream_.get(), state, row_of(strip.positions, k, spec.nq),
                     row_of(strip.velocities, k, spec.nv));
    renderer_.begin(physics_.get());
    paste(0);
    renderer_.begin(dream_.get());
    paste(kWidth);
    renderer_.begin(physics_.get());
    renderer_.add_ghost(dream_.get());
    paste(2 * kWidth);
    draw_error(strip, k);
    return frame_;
  }

 private:
  void paste(int x) {
    renderer_.draw(kWidth, kHeight);
    const render::Image image = renderer_.read();
    for (int y = 0; y < kHeight; ++y)
      std::copy_n(image.rgb.begin() + 3L * y * kWidth, 3L * kWidth, pixel(x, y));
  }

  // A column a moment of the whole episode; grey where it is still to come.
  void draw_error(const Strip& strip, size_t k) {
    const auto count = static_cast<size_t>(frame_.width);
    for (size_t x = 0; x < count; ++x) {
      const size_t at = x * strip.error.size() / count;
      const double share = std::isfinite(strip.error[at]) ? std::min(strip.error[at] / kFullError, 1.0) : 1.0;
      const int top = kStripHeight - static_cast<int>(std::lround(share * kStripHeight));
      const bool valid = strip.error[at] <= evaluation::kValidError;
      for (int y = 0; y < kStripHeight; ++y) {
        const auto to = pixel(static_cast<int>(x), kHeight + y);
        const bool filled = at <= k && y >= top;
        to[0] = filled ? (valid ? 90 : 230) : 24;
        to[1] = filled ? (valid ? 170 : 80) : 24;
        to[2] = filled ? (valid ? 250 : 70) : 30;
      }
    }
  }

  std::vector<uint8_t>::iterator pixel(int x, int y) {
    return frame_.rgb.begin() + 3 * (static_cast<std::ptrdiff_t>(y) * frame_.width + x);
  }

  const mjModel* model_;
  sim::DataPtr physics_, dream_;
  render::SceneRenderer renderer_;
  render::Image frame_;
};

}  // namespace

std::vector<std::string> write_strips(const sim::Task& task, std::span<const Strip> strips,
                                      const std::filesystem::path& directory, const base::Stop* stop,
                                      const evaluation::Progress& progress) {
  if (strips.empty()) return {};
  const contract::EnvSpec& spec = task.spec();
  const render::OffscreenContext context;
  Film film(task.model());
  std::filesystem::create_directories(directory);
  std::vector<std::string> files;
  int64_t done = 0, total = 0;
  for (const Strip& strip : strips) total += std::ssize(strip.error);
  for (const Strip& strip : strips) {
    const double decisions = 1.0 / (strip.control_steps * spec.control_dt);  // a second
    const auto every = static_cast<size_t>(std::max(1.0, std::ceil(decisions / kMostFrames)));
    const std::string file = fmt::format("strip-{}.mp4", strip.name);
    render::VideoWriter writer(directory / file, 3 * kWidth, kHeight + kStripHeight,
                               decisions / static_cast<double>(every));
    for (size_t k = 0; k < strip.error.size(); k += every) {
      base::check_stop(stop);
      writer.write(film.picture(strip, k, spec));
      progress.at(done + static_cast<int64_t>(k), total);
    }
    done += std::ssize(strip.error);
    writer.finish(stop);
    files.push_back(file);
  }
  return files;
}

}  // namespace reverie::viewer
