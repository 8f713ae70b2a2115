// A colour texture with a framebuffer around it.
// It needs a current OpenGL context from construction to destruction.
#pragma once

#include "render/image.h"

namespace reverie::render {

class RenderTarget {
 public:
  RenderTarget() = default;  // holds nothing until the first resize
  ~RenderTarget();
  RenderTarget(const RenderTarget&) = delete;
  RenderTarget& operator=(const RenderTarget&) = delete;

  // Make it width x height pixels (at least 1 x 1); keeps the objects when the size is the same.
  void resize(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  unsigned framebuffer() const { return framebuffer_; }
  unsigned texture() const { return texture_; }  // row 0 is the bottom one: show it with flipped v

  // Draw into this target from now on, over its whole area.
  void bind() const;
  // Copy the lower left width x height pixels of another framebuffer.
  void copy_from(unsigned framebuffer) const;
  // The other way: the whole target into the lower left of another framebuffer (0: the window).
  void copy_to(unsigned framebuffer) const;
  // Read back, top row first.
  Image read() const;

 private:
  int width_ = 0;
  int height_ = 0;
  unsigned framebuffer_ = 0;
  unsigned texture_ = 0;
};

}  // namespace reverie::render
