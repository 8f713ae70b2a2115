#include "python/shapes.h"

#include <nanobind/stl/array.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "python/arrays.h"
#include "sim/model.h"
#include "sim/shapes.h"

namespace nb = nanobind;

namespace reverie::python {
namespace {

nb::list shapes(const sim::Task& task) {
  nb::list out;
  for (const sim::Shape& shape : sim::list_shapes(task.model())) {
    nb::dict one;
    one["body"] = shape.body;
    one["kind"] = shape.kind;
    one["size"] = shape.size;
    one["place"] = shape.place;
    one["turn"] = shape.turn;
    one["colour"] = shape.colour;
    one["vertices"] = shape.vertices;
    one["faces"] = shape.faces;
    out.append(one);
  }
  return out;
}

// states [T, P] and positions [T, nq], or none of them -> [T, B, 7]
nb::object poses(const sim::Task& task, const DoubleRows& states, const FloatRows& positions) {
  const size_t rows = states.shape(0), physics = states.shape(1), nq = positions.shape(1);
  if (positions.shape(0) != rows && positions.size() > 0)
    base::throw_user_error("positions: expected {} rows, found {}", rows, positions.shape(0));
  const sim::DataPtr data = sim::make_data(task.model());
  std::vector<double> out;
  for (size_t t = 0; t < rows; ++t) {
    const std::span<const float> position =
        positions.size() == 0 ? std::span<const float>{} : std::span(positions.data() + t * nq, nq);
    const std::vector<double> row =
        sim::body_poses(task.model(), data.get(), {states.data() + t * physics, physics}, position);
    out.insert(out.end(), row.begin(), row.end());
  }
  const size_t bodies = rows == 0 ? 0 : out.size() / (7 * rows);
  return owned(std::move(out), {rows, bodies, 7});
}

}  // namespace

void add_shapes(nb::class_<sim::Task>& task) {
  task.def_prop_ro("shapes", &shapes)
      .def_prop_ro("body_names",
                   [](const sim::Task& of) { return sim::object_names(of.model(), mjOBJ_BODY); })
      .def_prop_ro("extent", [](const sim::Task& of) { return of.model()->stat.extent; })
      .def("body_poses", &poses, nb::arg("states"), nb::arg("positions"));
}

}  // namespace reverie::python
