#include <GL/gl.h>

#include "render/gl_context.h"
#include "render/render_target.h"
#include "viewer/gui.h"
#include "viewer/surface.h"

namespace reverie::viewer {

namespace {

class OffscreenSurface final : public Surface {
 public:
  OffscreenSurface(int width, int height, double frame_seconds)
      : gui_(height), frame_seconds_(frame_seconds) {
    target_.resize(width, height);
    ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_HasGamepad;  // scripts have one
  }

  bool begin_frame() override {
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = {static_cast<float>(target_.width()), static_cast<float>(target_.height())};
    io.DeltaTime = static_cast<float>(frame_seconds_);
    gui_.begin();
    return true;
  }

  void end_frame() override {
    target_.bind();
    gui_.end();
    glFinish();  // as a window does to show a picture: software OpenGL has memory for each one in the works
  }

  void resize(int width, int height) override { target_.resize(width, height); }
  int width() const override { return target_.width(); }
  int height() const override { return target_.height(); }
  double frame_seconds() const override { return frame_seconds_; }
  const Fonts& fonts() const override { return gui_.fonts(); }
  render::Image read() override { return target_.read(); }

 private:
  render::OffscreenContext context_;  // first: the rest needs it
  Gui gui_;
  render::RenderTarget target_;
  double frame_seconds_;
};

}  // namespace

std::unique_ptr<Surface> make_offscreen_surface(int width, int height, double frame_seconds) {
  return std::make_unique<OffscreenSurface>(width, height, frame_seconds);
}

}  // namespace reverie::viewer
