#include "viewer/pull.h"

#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include <algorithm>

#include "sim/model.h"

namespace reverie::viewer {

Pull spring_pull(const mjModel* model, const mjvPerturb& mouse, std::shared_ptr<mjData>& scratch) {
  if (!scratch) scratch = {sim::make_data(model).release(), mj_deleteData};
  return {mouse.select, [model, mouse, data = scratch](std::span<const double> physics) {
            Wrench wrench{};
            mj_setState(model, data.get(), physics.data(), mjSTATE_INTEGRATION);
            try {
              mj_forward(model, data.get());
            } catch (const sim::PhysicsError&) {  // physics is about to end
              return wrench;
            }
            mjv_applyPerturbForce(model, data.get(), &mouse);
            std::copy_n(data->xfrc_applied + 6 * static_cast<ptrdiff_t>(mouse.select), 6, wrench.begin());
            return wrench;
          }};
}

std::string body_name(std::span<const std::string> names, int body) {
  const auto at = static_cast<size_t>(body);
  return at < names.size() && !names[at].empty() ? names[at] : fmt::format("body {}", body);
}

int64_t forces_in_state(const mjModel* model) {
  return mj_stateSize(model, mjSTATE_INTEGRATION & (mjSTATE_XFRC_APPLIED - 1));
}

}  // namespace reverie::viewer
