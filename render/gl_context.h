// An OpenGL context without window or display.
// It comes from EGL, with the compatibility profile that MuJoCo's fixed-function renderer needs.
#pragma once

#include <memory>
#include <string>

namespace reverie::render {

// Creates the context and makes it current in the calling thread; it is released by the destructor. An
// NVIDIA device is taken when there is one, else Mesa's surfaceless platform (software GL works), else
// any other EGL device.
class OffscreenContext {
 public:
  // Throws UserError naming every way that was tried when no context can be made.
  OffscreenContext();
  ~OffscreenContext();
  OffscreenContext(const OffscreenContext&) = delete;
  OffscreenContext& operator=(const OffscreenContext&) = delete;

  void make_current();
  const std::string& description() const;  // "llvmpipe (LLVM 15.0.6, 256 bits), 4.5 ... via EGL surfaceless"

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::render
