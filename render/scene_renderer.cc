#include "render/scene_renderer.h"

#define GL_GLEXT_PROTOTYPES
#include <GL/gl.h>
#include <GL/glext.h>
#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/robot.h"

#include "base/error.h"

namespace reverie::render {

namespace {

constexpr int kMaxGeoms = 20000;
constexpr int kFirstSize = 64;  // pixels of the off-screen buffer before draw() asks for more
constexpr const char* kMainCamera = "main";

mjModel* private_copy(const mjModel* model, const RenderOptions& options) {
  mjModel* copy = mj_copyModel(nullptr, model);
  if (copy == nullptr) throw std::runtime_error("MuJoCo could not copy the model for drawing");
  copy->vis.global.offwidth = copy->vis.global.offheight = kFirstSize;
  copy->vis.quality.offsamples = options.samples;
  if (!options.shadows) copy->vis.quality.shadowsize = 0;
  return copy;
}

// Mocap bodies are the task's targets, given to both worlds: they are no part of what is imagined.
bool is_target(const mjModel& model, const mjvGeom& geom) {
  if (geom.objid < 0) return false;
  int body = 0;
  if (geom.objtype == mjOBJ_GEOM) body = model.geom_bodyid[geom.objid];
  if (geom.objtype == mjOBJ_SITE) body = model.site_bodyid[geom.objid];
  return model.body_mocapid[model.body_rootid[body]] >= 0;
}

// The body of the first robot that moves about. -1 when there is none.
int floating_robot(const mjModel& model) {
  const std::vector<bool> driven = sim::driven_trees(&model);
  for (int tree = 0; tree < model.ntree; ++tree)
    if (driven[tree] && sim::is_floating(&model, tree)) return sim::root_of_tree(&model, tree);
  return -1;
}

// 0 where the ghost's geom is on its reference, 1 from the style's far distance on.
double far_blend(const mjModel& model, const mjvGeom& geom, const mjData* ghost, const GhostStyle& style) {
  if (style.reference == nullptr || geom.objtype != mjOBJ_GEOM || geom.objid < 0) return 0;
  const int at = 3 * geom.objid;
  const double distance = mju_dist3(ghost->geom_xpos + at, style.reference->geom_xpos + at);
  return std::clamp(distance / (style.far_distance * model.stat.extent), 0.0, 1.0);
}

// Behind everything that was drawn: the renderer leaves opacity 0 where it drew nothing.
void fill_background(const std::array<float, 3>& colour) {
  glPushAttrib(GL_ALL_ATTRIB_BITS);
  glUseProgram(0);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_LIGHTING);
  glDisable(GL_TEXTURE_2D);
  glDisable(GL_TEXTURE_CUBE_MAP);
  glDisable(GL_CULL_FACE);
  glDisable(GL_FOG);
  glEnable(GL_BLEND);
  glBlendFunc(GL_ONE_MINUS_DST_ALPHA, GL_ONE);
  for (const GLenum mode : {GL_PROJECTION, GL_MODELVIEW}) {
    glMatrixMode(mode);
    glPushMatrix();
    glLoadIdentity();
  }
  glColor4f(colour[0], colour[1], colour[2], 1.0f);
  glRectf(-1, -1, 1, 1);
  for (const GLenum mode : {GL_PROJECTION, GL_MODELVIEW}) {
    glMatrixMode(mode);
    glPopMatrix();
  }
  glPopAttrib();
}

struct Path {
  std::vector<float> points;  // [n, 3]
  std::array<float, 4> colour{};
  float width = 1;
};

// Over everything else that was drawn, hidden by what is nearer. mjr_render leaves the view of its camera behind. Lines of one
// width are one primitive: as geoms of MuJoCo each would be drawn several times, with a state of its own.
void draw_paths(std::span<const Path> paths) {
  if (paths.empty()) return;
  glPushAttrib(GL_ALL_ATTRIB_BITS);
  glUseProgram(0);
  glDisable(GL_LIGHTING);
  glDisable(GL_TEXTURE_2D);
  glDisable(GL_TEXTURE_CUBE_MAP);
  glDisable(GL_FOG);
  glEnable(GL_DEPTH_TEST);
  glDepthMask(GL_FALSE);
  glEnable(GL_BLEND);
  glBlendFuncSeparate(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA, GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
  for (size_t i = 0; i < paths.size();) {
    const float width = paths[i].width;
    glLineWidth(width);
    glBegin(GL_LINES);
    for (; i < paths.size() && paths[i].width == width; ++i) {
      const std::vector<float>& points = paths[i].points;
      glColor4fv(paths[i].colour.data());
      for (size_t to = 3; to + 2 < points.size(); to += 3) {
        glVertex3fv(points.data() + to - 3);
        glVertex3fv(points.data() + to);
      }
    }
    glEnd();
  }
  glPopAttrib();
}

}  // namespace

struct SceneRenderer::Impl {
  mjModel* model = nullptr;
  mjrContext context{};
  mjvScene scene{};
  mjvOption option{};
  mjvCamera camera{};
  mjvPerturb perturb{};
  std::array<float, 3> background{};
  std::vector<Path> paths;
  int width = 0, height = 0;

  ~Impl() {
    mjr_freeContext(&context);
    mjv_freeScene(&scene);
    mj_deleteModel(model);
  }
};

SceneRenderer::SceneRenderer(const mjModel_* model, const RenderOptions& options)
    : impl_(std::make_unique<Impl>()) {
  Impl& r = *impl_;
  mjr_defaultContext(&r.context);
  mjv_defaultScene(&r.scene);
  mjv_defaultOption(&r.option);
  mjv_defaultPerturb(&r.perturb);
  r.background = options.background;
  r.model = private_copy(model, options);
  mjv_makeScene(r.model, &r.scene, kMaxGeoms);
  mjr_makeContext(r.model, &r.context, mjFONTSCALE_100);
  mjr_setBuffer(mjFB_OFFSCREEN, &r.context);
  if (!r.context.glInitialized || r.context.currentBuffer != mjFB_OFFSCREEN) {
    base::throw_user_error("MuJoCo's renderer found no usable OpenGL off-screen buffer");
  }
  r.scene.flags[mjRND_SHADOW] = options.shadows;
  r.scene.flags[mjRND_REFLECTION] = options.reflections;
  reset_camera();
}

SceneRenderer::~SceneRenderer() = default;

mjvCamera_& SceneRenderer::camera() { return impl_->camera; }

void SceneRenderer::reset_camera() {
  mjv_defaultFreeCamera(impl_->model, &impl_->camera);
  const int id = mj_name2id(impl_->model, mjOBJ_CAMERA, kMainCamera);
  const int robot = floating_robot(*impl_->model);
  if (id >= 0) {
    impl_->camera.type = mjCAMERA_FIXED;
    impl_->camera.fixedcamid = id;
  } else if (robot >= 0) {
    impl_->camera.type = mjCAMERA_TRACKING;
    impl_->camera.trackbodyid = robot;
  }
}

void SceneRenderer::choose_camera(int fixed) {
  impl_->camera.type = mjCAMERA_FIXED;
  impl_->camera.fixedcamid = fixed;
}

void SceneRenderer::set_visual(int flag, bool on) { impl_->option.flags[flag] = on ? 1 : 0; }
void SceneRenderer::set_rendering(int flag, bool on) { impl_->scene.flags[flag] = on ? 1 : 0; }

void SceneRenderer::free_camera() {
  mjvCamera& camera = impl_->camera;
  if (camera.type != mjCAMERA_FIXED || impl_->scene.ngeom == 0) return;
  const mjvGLCamera& seen = impl_->scene.camera[0];
  const mjtNum* centre = impl_->model->stat.center;
  double distance = 0;
  for (int i = 0; i < 3; ++i) distance += (centre[i] - seen.pos[i]) * seen.forward[i];
  distance = std::max(distance, 0.1 * impl_->model->stat.extent);
  const int id = std::exchange(camera.fixedcamid, -1);
  const int mode = impl_->model->cam_mode[id];
  const bool follows = mode == mjCAMLIGHT_TRACK || mode == mjCAMLIGHT_TRACKCOM;
  camera.type = follows ? mjCAMERA_TRACKING : mjCAMERA_FREE;
  camera.trackbodyid = follows ? impl_->model->cam_bodyid[id] : -1;
  camera.distance = distance;
  for (int i = 0; i < 3; ++i) camera.lookat[i] = seen.pos[i] + distance * seen.forward[i];
  camera.azimuth = std::atan2(seen.forward[1], seen.forward[0]) * 180 / mjPI;
  camera.elevation = std::asin(std::clamp(seen.forward[2], -1.0f, 1.0f)) * 180 / mjPI;
}

void SceneRenderer::move_camera(int action, double dx, double dy) {
  free_camera();
  if (action == mjMOUSE_MOVE_H || action == mjMOUSE_MOVE_V) impl_->camera.type = mjCAMERA_FREE;
  mjv_moveCamera(impl_->model, action, dx, dy, &impl_->camera);
}

const mjvPerturb_& SceneRenderer::hand() const { return impl_->perturb; }

int SceneRenderer::select(const mjData_* data, double aspect, double x, double y) {
  Impl& r = *impl_;
  mjtNum at[3] = {};
  int geom = -1, flex = -1, skin = -1;
  const int body = mjv_select(r.model, data, &r.option, aspect, x, y, &r.scene, at, &geom, &flex, &skin);
  mjv_defaultPerturb(&r.perturb);
  if (body <= 0 || (r.model->body_weldid[body] == 0 && r.model->body_mocapid[body] < 0)) return 0;
  r.perturb.select = body;
  mjtNum from_body[3];
  mju_sub3(from_body, at, data->xpos + 3 * static_cast<ptrdiff_t>(body));
  mju_mulMatTVec(r.perturb.localpos, data->xmat + 9 * static_cast<ptrdiff_t>(body), from_body, 3, 3);
  return body;
}

void SceneRenderer::hold(mjData_* data, int bits) {
  Impl& r = *impl_;
  r.perturb.active = 0;
  if (bits == 0 || r.perturb.select <= 0) return;
  mjv_initPerturb(r.model, data, &r.scene, &r.perturb);
  r.perturb.active = bits;
}

void SceneRenderer::move_hand(const mjData_* data, int action, double dx, double dy) {
  Impl& r = *impl_;
  if (r.perturb.active != 0) mjv_movePerturb(r.model, data, action, dx, dy, &r.scene, &r.perturb);
}

void SceneRenderer::begin(mjData_* data, bool scene_only) {
  Impl& r = *impl_;
  mjv_updateScene(r.model, data, &r.option, &r.perturb, &r.camera, scene_only ? mjCAT_STATIC : mjCAT_ALL,
                  &r.scene);
  r.paths.clear();
}

void SceneRenderer::add_ghost(mjData_* ghost, const GhostStyle& style) {
  Impl& r = *impl_;
  const int first = r.scene.ngeom;
  mjv_addGeoms(r.model, ghost, &r.option, &r.perturb, mjCAT_DYNAMIC, &r.scene);
  for (int i = first; i < r.scene.ngeom; ++i) {
    mjvGeom& geom = r.scene.geoms[i];
    if (is_target(*r.model, geom)) continue;
    geom.matid = -1;
    geom.texid = -1;
    const double far = far_blend(*r.model, geom, ghost, style);
    for (size_t c = 0; c < 4; ++c) {
      const double aim = (1 - far) * style.colour[c] + far * style.far_colour[c];
      const double own = c == 3 ? aim : geom.rgba[c];
      geom.rgba[c] = static_cast<float>(own + std::max(far, static_cast<double>(style.tint)) * (aim - own));
    }
    geom.transparent = geom.rgba[3] < 1.0f;
    geom.emission = style.glow;
    if (geom.type != mjGEOM_MESH) {
      for (float& size : geom.size) size *= style.swell;
    }
    geom.reflectance = 0;
  }
}

void SceneRenderer::add_path(std::span<const float> points, const std::array<float, 4>& colour, float width) {
  impl_->paths.push_back({{points.begin(), points.end()}, colour, width});
}

void SceneRenderer::shrink() { mjr_resizeOffscreen(kFirstSize, kFirstSize, &impl_->context); }

int64_t SceneRenderer::buffer_pixels() const {
  return int64_t{impl_->context.offWidth} * impl_->context.offHeight;
}

void SceneRenderer::draw(int width, int height) {
  Impl& r = *impl_;
  if (width < 1 || height < 1) {
    throw std::invalid_argument(fmt::format("draw: {} x {} pixels, expected at least 1 x 1", width, height));
  }
  if (width > r.context.offWidth || height > r.context.offHeight) {
    mjr_resizeOffscreen(std::max(width, r.context.offWidth), std::max(height, r.context.offHeight),
                        &r.context);
  }
  r.width = width;
  r.height = height;
  mjr_setBuffer(mjFB_OFFSCREEN, &r.context);
  mjr_render({0, 0, width, height}, &r.scene, &r.context);
  fill_background(r.background);
  draw_paths(r.paths);
}

void SceneRenderer::copy_to(RenderTarget& target) const {
  target.resize(impl_->width, impl_->height);
  target.copy_from(impl_->context.offFBO);
}

Image SceneRenderer::read() const {
  Image image{impl_->width, impl_->height, {}};
  image.rgb.resize(static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3);
  mjr_readPixels(image.rgb.data(), nullptr, {0, 0, image.width, image.height}, &impl_->context);
  flip_rows(image);
  return image;
}

}  // namespace reverie::render
