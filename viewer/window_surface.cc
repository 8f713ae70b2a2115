#include <GLFW/glfw3.h>
#include <imgui_impl_glfw.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "render/render_target.h"
#include "viewer/gui.h"
#include "viewer/surface.h"

namespace reverie::viewer {

namespace {

std::string glfw_reason() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text != nullptr ? text : "no reason given";
}

// GLFW itself, from its start to its end.
struct GlfwLibrary {
  GlfwLibrary() {
    if (!glfwInit()) {
      base::throw_user_error("cannot open a window: {}; on a machine without a display use --headless",
                             glfw_reason());
    }
  }
  ~GlfwLibrary() { glfwTerminate(); }
  GlfwLibrary(const GlfwLibrary&) = delete;
  GlfwLibrary& operator=(const GlfwLibrary&) = delete;
};

struct WindowDeleter {
  void operator()(GLFWwindow* window) const { glfwDestroyWindow(window); }
};

std::unique_ptr<GLFWwindow, WindowDeleter> open_window(int width, int height, const char* title) {
  std::unique_ptr<GLFWwindow, WindowDeleter> window(glfwCreateWindow(width, height, title, nullptr, nullptr));
  if (!window) base::throw_user_error("cannot open a window: {}; --headless needs none", glfw_reason());
  glfwMakeContextCurrent(window.get());
  glfwSwapInterval(1);
  return window;
}

float content_scale(GLFWwindow* window) {
  float x = 1, y = 1;
  glfwGetWindowContentScale(window, &x, &y);
  return x > 1 ? x : 0;  // the usual scale changes nothing
}

class WindowSurface final : public Surface {
 public:
  WindowSurface(int width, int height, const char* title)
      : window_(open_window(width, height, title)),
        gui_(height, content_scale(window_.get())),
        last_time_(glfwGetTime()) {
    glfwSetWindowUserPointer(window_.get(), &dropped_);
    glfwSetDropCallback(window_.get(), [](GLFWwindow* window, int count, const char** paths) {
      auto& dropped = *static_cast<std::vector<std::string>*>(glfwGetWindowUserPointer(window));
      dropped.insert(dropped.end(), paths, paths + count);
    });
    ImGui_ImplGlfw_InitForOpenGL(window_.get(), true);
  }
  ~WindowSurface() override { ImGui_ImplGlfw_Shutdown(); }

  bool begin_frame() override {
    glfwPollEvents();
    if (glfwWindowShouldClose(window_.get())) return false;
    glfwGetFramebufferSize(window_.get(), &width_, &height_);
    const double now = glfwGetTime();
    frame_seconds_ = now - last_time_;
    last_time_ = now;
    ImGui_ImplGlfw_NewFrame();
    gui_.begin();
    return true;
  }

  void end_frame() override {
    // By way of a target of our own: a window's front buffer cannot be read back reliably.
    target_.resize(width_, height_);
    target_.bind();
    gui_.end();
    target_.copy_to(0);
    glfwSwapBuffers(window_.get());
  }

  void resize(int width, int height) override { glfwSetWindowSize(window_.get(), width, height); }
  int width() const override { return width_; }
  int height() const override { return height_; }
  double frame_seconds() const override { return frame_seconds_; }
  const Fonts& fonts() const override { return gui_.fonts(); }

  render::Image read() override { return target_.read(); }
  std::vector<std::string> take_dropped() override { return std::exchange(dropped_, {}); }

 private:
  GlfwLibrary library_;
  std::unique_ptr<GLFWwindow, WindowDeleter> window_;
  Gui gui_;
  render::RenderTarget target_;
  std::vector<std::string> dropped_;
  int width_ = 1, height_ = 1;
  double last_time_ = 0;
  double frame_seconds_ = 0;
};

}  // namespace

std::unique_ptr<Surface> make_window_surface(int width, int height, const char* title) {
  return std::make_unique<WindowSurface>(width, height, title);
}

}  // namespace reverie::viewer
