#include "interop/scene_messages.h"

#include <array>
#include <cstddef>

namespace reverie::interop {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kFar = 20.0;      // m, half length of a ground that has no end
constexpr double kThick = 1e-3;    // m, of a ground
constexpr double kDreamed = 0.75;  // opacity of all robots but the first

Json seconds_of(uint64_t time) { return {{"sec", time / 1'000'000'000}, {"nsec", time % 1'000'000'000}}; }

Json vector(double x, double y, double z) { return {{"x", x}, {"y", y}, {"z", z}}; }

Json quaternion(double w, double x, double y, double z) { return {{"x", x}, {"y", y}, {"z", z}, {"w", w}}; }

// The geom's place in its body, moved `along` its own z axis.
Json pose(const sim::Shape& shape, double along = 0.0) {
  const auto [w, x, y, z] = shape.turn;
  const std::array<double, 3> axis = {2 * (x * z + w * y), 2 * (y * z - w * x),
                                      w * w - x * x - y * y + z * z};
  const auto& at = shape.place;
  return {{"position", vector(at[0] + along * axis[0], at[1] + along * axis[1], at[2] + along * axis[2])},
          {"orientation", quaternion(w, x, y, z)}};
}

// An entity without primitives, with every key that the schema wants.
Json empty_entity(const std::string& frame, const std::string& id) {
  Json entity = {{"timestamp", seconds_of(0)}, {"frame_id", frame},    {"id", id},
                 {"lifetime", seconds_of(0)},  {"frame_locked", true}, {"metadata", Json::array()}};
  for (const char* kind :
       {"arrows", "cubes", "spheres", "cylinders", "lines", "triangles", "texts", "models"})
    entity[kind] = Json::array();
  return entity;
}

Json triangles(const sim::Shape& shape, const Json& colour) {
  Json points = Json::array();
  for (size_t i = 0; i + 2 < shape.vertices.size(); i += 3)
    points.push_back(vector(shape.vertices[i], shape.vertices[i + 1], shape.vertices[i + 2]));
  return {{"pose", pose(shape)},
          {"points", points},
          {"color", colour},
          {"colors", Json::array()},
          {"indices", shape.faces}};
}

// One geom as primitives, whose sizes are whole lengths.
void add_shape(const sim::Shape& shape, double opacity, Json& entity) {
  const auto [red, green, blue, alpha] = shape.colour;
  const Json colour = {{"r", red}, {"g", green}, {"b", blue}, {"a", alpha * opacity}};
  const auto [a, b, c] = shape.size;
  const auto solid = [&](const Json& at, const Json& size) {
    return Json{{"pose", at}, {"size", size}, {"color", colour}};
  };
  const auto cylinder = [&, a = a, b = b] {
    Json one = solid(pose(shape), vector(2 * a, 2 * a, 2 * b));
    one["bottom_scale"] = one["top_scale"] = 1.0;
    return one;
  };
  if (shape.kind == "plane") {
    const auto length = [](double half) { return 2 * (half > 0 ? half : kFar); };
    entity["cubes"].push_back(solid(pose(shape, -kThick / 2), vector(length(a), length(b), kThick)));
  } else if (shape.kind == "box") {
    entity["cubes"].push_back(solid(pose(shape), vector(2 * a, 2 * b, 2 * c)));
  } else if (shape.kind == "sphere") {
    entity["spheres"].push_back(solid(pose(shape), vector(2 * a, 2 * a, 2 * a)));
  } else if (shape.kind == "ellipsoid") {
    entity["spheres"].push_back(solid(pose(shape), vector(2 * a, 2 * b, 2 * c)));
  } else if (shape.kind == "cylinder") {
    entity["cylinders"].push_back(cylinder());
  } else if (shape.kind == "capsule") {
    entity["cylinders"].push_back(cylinder());
    for (const double end : {b, -b})
      entity["spheres"].push_back(solid(pose(shape, end), vector(2 * a, 2 * a, 2 * a)));
  } else {
    entity["triangles"].push_back(triangles(shape, colour));
  }
}

Json transform(const std::string& parent, const std::string& child, const Json& place, const Json& turn,
               const Json& stamp) {
  return {{"timestamp", stamp},
          {"parent_frame_id", parent},
          {"child_frame_id", child},
          {"translation", place},
          {"rotation", turn}};
}

Json schema(const Json& example) {
  if (example.is_object()) {
    Json properties = Json::object();
    for (const auto& [key, value] : example.items()) properties[key] = schema(value);
    return {{"type", "object"}, {"properties", properties}};
  }
  if (example.is_array()) {
    Json array = {{"type", "array"}};
    if (!example.empty()) array["items"] = schema(example.front());
    return array;
  }
  if (example.is_number_integer()) return {{"type", "integer"}};
  return {{"type", example.is_string() ? "string" : example.is_boolean() ? "boolean" : "number"}};
}

}  // namespace

Json scene_update(const std::vector<std::string>& worlds, std::span<const std::string> names,
                  std::span<const sim::Shape> shapes) {
  Json entities = Json::array();
  for (const std::string& world : worlds) {
    const double opacity = &world == &worlds.front() ? 1.0 : kDreamed;
    int body = -1;
    for (const sim::Shape& shape : shapes) {
      if (shape.body != body) {
        body = shape.body;
        entities.push_back(
            empty_entity(world + "/" + names[static_cast<size_t>(body)], world + " " + std::to_string(body)));
      }
      add_shape(shape, opacity, entities.back());
    }
  }
  return {{"deletions", Json::array()}, {"entities", entities}};
}

Json frame_transforms(const std::string& world, double aside, std::span<const std::string> names,
                      std::span<const double> poses, uint64_t time) {
  const Json stamp = seconds_of(time);
  Json transforms = Json::array();
  transforms.push_back(
      transform("world", world, vector(0.0, aside, 0.0), quaternion(1.0, 0.0, 0.0, 0.0), stamp));
  for (size_t body = 0; body < names.size(); ++body) {
    const std::span<const double> at = poses.subspan(7 * body, 7);
    transforms.push_back(transform(world, world + "/" + names[body], vector(at[0], at[1], at[2]),
                                   quaternion(at[3], at[4], at[5], at[6]), stamp));
  }
  return {{"transforms", transforms}};
}

Json schema_of(const std::string& title, const Json& example) {
  Json found = {{"title", title}};
  found.update(schema(example));
  return found;
}

// Of one shape of each kind.
Json scene_update_schema() {
  std::vector<sim::Shape> shapes;
  for (const char* kind : {"box", "sphere", "cylinder", "mesh"}) {
    shapes.emplace_back().kind = kind;
    shapes.back().vertices.assign(9, 0.0F);
    shapes.back().faces = {0, 1, 2};
  }
  const std::vector<std::string> names = {"body"};
  return schema_of("foxglove.SceneUpdate", scene_update({"world"}, names, shapes));
}

Json frame_transforms_schema() {
  const std::vector<std::string> names = {"body"};
  const std::vector<double> poses(7, 0.0);
  return schema_of("foxglove.FrameTransforms", frame_transforms("world", 0.0, names, poses, 0));
}

}  // namespace reverie::interop
