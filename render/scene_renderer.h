// SceneRenderer: draws a MuJoCo model off screen.
// Other states of the same model can be laid over it as tinted ghosts.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "render/image.h"
#include "render/render_target.h"

struct mjModel_;
struct mjData_;
struct mjvCamera_;
struct mjvPerturb_;

namespace reverie::render {

struct RenderOptions {
  std::array<float, 3> background{0.105f, 0.128f, 0.160f};  // where the model has no sky
  bool shadows = false;  // off: shadows, reflections and multisampling cost 5x in software GL
  bool reflections = false;
  int samples = 0;  // multisampling
};

// How a ghost looks: one colour for all its geoms, so that it is never taken for the robot.
struct GhostStyle {
  std::array<float, 4> colour{0.52f, 0.24f, 1.0f, 0.50f};  // red, green, blue, opacity
  // Colour of a geom that is `far_distance` or more from where `reference` has it.
  std::array<float, 4> far_colour{1.0f, 0.10f, 0.22f, 0.60f};
  float swell = 1.02f;  // a little larger than the robot, so that the two do not flicker where they coincide
  float glow = 0.2f;    // light of its own
  float tint = 1.0f;    // 0: the geoms' own colours with `colour`'s opacity; 1: `colour` alone
  const mjData_* reference = nullptr;  // null: `colour` everywhere
  double far_distance = 0.3;           // in units of the model's extent
};

// Needs a current OpenGL context from construction to destruction. One call of begin() starts a picture,
// add_ghost() lays more states over it, draw() makes the pixels, which copy_to() and read() hand out.
class SceneRenderer {
 public:
  // Works on a private copy of `model`. Throws UserError when OpenGL is not usable.
  explicit SceneRenderer(const mjModel_* model, const RenderOptions& options = {});
  ~SceneRenderer();

  // The camera of the next picture. reset_camera(), also done at the start: the fixed one named "main" if
  // there is one, else one that follows a robot floating on a free joint, else a free one fitted to the
  // model's extent. Change it at will (mjv_moveCamera and the like).
  mjvCamera_& camera();
  void reset_camera();
  // The fixed camera number `fixed` of the model.
  void choose_camera(int fixed);
  // MuJoCo's own switches of what is drawn: `flag` is an mjtVisFlag, or of rendering an mjtRndFlag.
  void set_visual(int flag, bool on);
  void set_rendering(int flag, bool on);
  // Turn a fixed camera into one that can be moved and looks the same way; it follows the body that the fixed one
  // follows, until it is shifted. Nothing for a free one.
  void free_camera();
  // Move the free camera as MuJoCo's viewer does: `action` is an mjtMouse, dx and dy fractions of the
  // picture's height.
  void move_camera(int action, double dx, double dy);

  // What is selected and how the mouse pulls it, as MuJoCo keeps it; begin() draws it.
  const mjvPerturb_& hand() const;
  // Select the body at a place of the last picture, fractions of its width and height from the lower left corner, where
  // `data` has it; `aspect` is width over height. 0: nothing that moves is there, and nothing is selected then.
  int select(const mjData_* data, double aspect, double x, double y);
  // The mouse takes hold of what is selected where `data` (after mj_forward) has it, to turn or to pull it; hold(data, 0)
  // lets go. `bits` are mjtPertBit.
  void hold(mjData_* data, int bits);
  // Move the hand: `action` is an mjtMouse, dx and dy fractions of the picture's height.
  void move_hand(const mjData_* data, int action, double dx, double dy);

  // The off-screen buffer grows to the largest picture that draw() was asked for. shrink() makes it as small as at first;
  // buffer_pixels() are its pixels now.
  void shrink();
  int64_t buffer_pixels() const;

  // Start a picture of `data`, whose position-dependent values are up to date (see set_pose). `scene_only`
  // leaves the moving bodies out: floor, sky and walls, to be filled by a ghost.
  void begin(mjData_* data, bool scene_only = false);
  void add_ghost(mjData_* ghost, const GhostStyle& style = {});
  // A line through points [n, 3] in the world, `width` pixels wide, drawn after everything else. It has no shadow, no
  // reflection and no light.
  void add_path(std::span<const float> points, const std::array<float, 4>& colour, float width);
  void draw(int width, int height);  // pixels, at least 1 x 1

  void copy_to(RenderTarget& target) const;  // resized to the picture
  Image read() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie::render
