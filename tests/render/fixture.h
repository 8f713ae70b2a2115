// The small test model with its mjData, and an off-screen context.
#pragma once

#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cstdlib>

#include "base/temporary_directory.h"
#include "render/gl_context.h"
#include "render/image.h"
#include "render/pose.h"
#include "sim/model.h"

namespace reverie::render {

inline sim::ModelPtr load_twin_model() { return sim::load_model(REVERIE_TEST_DATA "/twin.xml"); }

// Pixels whose colour differs by more than `threshold` in a channel.
inline int64_t differing_pixels(const Image& a, const Image& b, int threshold = 8) {
  int64_t count = 0;
  for (size_t i = 0; i + 2 < a.rgb.size(); i += 3) {
    bool differs = false;
    for (size_t c = 0; c < 3; ++c) differs |= std::abs(a.rgb[i + c] - b.rgb[i + c]) > threshold;
    count += differs;
  }
  return count;
}

// Pixels with much more blue than green: the ghost's colour, which the test model itself does not have.
inline int64_t ghost_pixels(const Image& image) {
  int64_t count = 0;
  for (size_t i = 0; i + 2 < image.rgb.size(); i += 3) count += image.rgb[i + 2] > image.rgb[i + 1] + 60;
  return count;
}

}  // namespace reverie::render
