// BodyRows: where a robot's bodies are and how they move, as operations of a Graph.
// The same forward kinematics as worldmodel/mechanics/kinematics.h, on rows that hold all bodies side by side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contract/mechanics.h"
#include "interop/graph.h"

namespace reverie::interop {

// A constant matrix by rows, [rows, columns].
struct Matrix {
  Matrix(int64_t rows_of, int64_t columns_of)
      : rows(rows_of), columns(columns_of), values(static_cast<size_t>(rows_of * columns_of)) {}
  float& operator()(int64_t row, int64_t column) {
    return values[static_cast<size_t>(row * columns + column)];
  }

  int64_t rows, columns;
  std::vector<float> values;
};

// matrix x + offset for each row x [N, columns] -> [N, rows]; an empty offset is 0. `name` is that of the constants.
Value product(Graph& graph, const std::string& name, const Matrix& matrix, const Value& x,
              const std::vector<float>& offset = {});

// Of B bodies side by side: [N, 3B], [N, 9B] (rotation matrices by rows), [N, 3B], [N, 3B], in the world's frame.
struct BodyRows {
  Value place, rotation, velocity, spin;
};
// positions [N, nq], velocities [N, nv].
BodyRows move_bodies(Graph& graph, const contract::Mechanics& mechanics, const Value& positions,
                     const Value& velocities);

// Of P touch points, as worldmodel::TouchMotion: [N, P], [N, P], [N, 3P].
struct TouchRows {
  Value clearance, approach, slide;
};
TouchRows touch_surfaces(Graph& graph, const contract::Mechanics& mechanics, const BodyRows& bodies);

// Quaternions w, x, y, z [N, 4]: the product, and one of length 1.
Value quaternion_product(Graph& graph, const Value& a, const Value& b);
Value unit_quaternion(Graph& graph, const Value& q, float least_square);

}  // namespace reverie::interop
