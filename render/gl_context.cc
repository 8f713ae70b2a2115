#include "render/gl_context.h"

#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>
#include <fmt/format.h>

#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace reverie::render {

struct OffscreenContext::Impl {
  EGLDisplay display = EGL_NO_DISPLAY;
  EGLContext context = EGL_NO_CONTEXT;
  std::string description;
};

namespace {

bool has_extension(const char* list, std::string_view name) {
  return list != nullptr && std::string_view(list).find(name) != std::string_view::npos;
}

struct Candidate {
  std::string name;
  EGLDisplay display;
};

std::vector<Candidate> device_displays(bool nvidia) {
  const char* client = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  if (!has_extension(client, "EGL_EXT_platform_device")) return {};
  const auto query_devices =
      reinterpret_cast<PFNEGLQUERYDEVICESEXTPROC>(eglGetProcAddress("eglQueryDevicesEXT"));
  const auto query_string =
      reinterpret_cast<PFNEGLQUERYDEVICESTRINGEXTPROC>(eglGetProcAddress("eglQueryDeviceStringEXT"));
  if (query_devices == nullptr || query_string == nullptr) return {};
  EGLDeviceEXT devices[16];
  EGLint count = 0;
  if (!query_devices(16, devices, &count)) return {};
  std::vector<Candidate> found;
  for (int i = 0; i < count; ++i) {
    if (has_extension(query_string(devices[i], EGL_EXTENSIONS), "EGL_NV_device_cuda") != nvidia) continue;
    found.push_back({fmt::format("EGL device {}", i),
                     eglGetPlatformDisplay(EGL_PLATFORM_DEVICE_EXT, devices[i], nullptr)});
  }
  return found;
}

std::vector<Candidate> candidates() {
  std::vector<Candidate> all = device_displays(true);
  if (has_extension(eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS), "EGL_MESA_platform_surfaceless")) {
    all.push_back({"EGL surfaceless",
                   eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr)});
  }
  for (auto& other : device_displays(false)) all.push_back(std::move(other));
  return all;
}

// A current context on `display`; EGL_NO_CONTEXT, with the display closed again, when one of the steps fails.
EGLContext create_context(EGLDisplay display) {
  if (display == EGL_NO_DISPLAY || !eglInitialize(display, nullptr, nullptr)) return EGL_NO_CONTEXT;
  const EGLint wanted[] = {EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  EGLContext context = EGL_NO_CONTEXT;
  if (eglChooseConfig(display, wanted, &config, 1, &count) && count == 1 && eglBindAPI(EGL_OPENGL_API)) {
    context = eglCreateContext(display, config, EGL_NO_CONTEXT, nullptr);
  }
  if (context != EGL_NO_CONTEXT) {
    if (eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) return context;
    eglDestroyContext(display, context);
  }
  eglTerminate(display);
  return EGL_NO_CONTEXT;
}

std::string gl_string(GLenum name) {
  const auto* text = reinterpret_cast<const char*>(glGetString(name));
  return text != nullptr ? text : "unknown";
}

}  // namespace

OffscreenContext::OffscreenContext() : impl_(std::make_unique<Impl>()) {
  std::string tried;
  for (const Candidate& candidate : candidates()) {
    impl_->context = create_context(candidate.display);
    if (impl_->context != EGL_NO_CONTEXT) {
      impl_->display = candidate.display;
      impl_->description =
          fmt::format("{}, OpenGL {} via {}", gl_string(GL_RENDERER), gl_string(GL_VERSION), candidate.name);
      return;
    }
    tried += (tried.empty() ? "" : ", ") + candidate.name;
  }
  base::throw_user_error("no off-screen OpenGL context: tried {}; install libegl1 and libgl1-mesa-dri",
                         tried.empty() ? "no EGL platform (none is offered)" : tried);
}

OffscreenContext::~OffscreenContext() {
  eglMakeCurrent(impl_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  eglDestroyContext(impl_->display, impl_->context);
  eglTerminate(impl_->display);
}

void OffscreenContext::make_current() {
  eglBindAPI(EGL_OPENGL_API);
  if (!eglMakeCurrent(impl_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, impl_->context)) {
    throw std::runtime_error(
        fmt::format("the off-screen OpenGL context cannot be made current: EGL error 0x{:x}",
                    static_cast<unsigned>(eglGetError())));
  }
}

const std::string& OffscreenContext::description() const { return impl_->description; }

}  // namespace reverie::render
