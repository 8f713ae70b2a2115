// Robots as messages that viewers know: Foxglove's published schemas, as JSON.
// A world is a frame of that name with a frame "<world>/<body>" for each body of the model.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "sim/shapes.h"

namespace reverie::interop {

// What the bodies of `worlds` look like, one entity a body and world: a foxglove.SceneUpdate. `names` [B] are the frames
// of bodies; shapes of one body follow each other. Of every world but the first the shapes are see-through.
nlohmann::ordered_json scene_update(const std::vector<std::string>& worlds,
                                    std::span<const std::string> names, std::span<const sim::Shape> shapes);

// Where the bodies of a world are at `time` ns: a foxglove.FrameTransforms. `poses` [B, 7] are those of
// sim::body_poses() in the frame `world`, which stands `aside` m along y in the frame "world".
nlohmann::ordered_json frame_transforms(const std::string& world, double aside,
                                        std::span<const std::string> names, std::span<const double> poses,
                                        uint64_t time);

// A JSON schema of values that look like `example`: its keys, and the types of its values. An array is of what its first
// element is.
nlohmann::ordered_json schema_of(const std::string& title, const nlohmann::ordered_json& example);

// Schemas of both messages.
nlohmann::ordered_json scene_update_schema();
nlohmann::ordered_json frame_transforms_schema();

}  // namespace reverie::interop
