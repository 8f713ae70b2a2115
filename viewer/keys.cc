#include "viewer/keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <utility>

namespace reverie::viewer {

namespace {

std::vector<double> numbers(const mjtNum* from, int64_t count) { return {from, from + count}; }

sim::DataPtr data_at(const mjModel* model, std::span<const double> physics) {
  sim::DataPtr data = sim::make_data(model);
  mj_setState(model, data.get(), physics.data(), mjSTATE_INTEGRATION);
  return data;
}

}  // namespace

std::vector<Key> keys_of(const mjModel* model) {
  std::vector<Key> keys;
  const std::vector<std::string> names = sim::object_names(model, mjOBJ_KEY);
  for (int64_t i = 0; i < model->nkey; ++i) {
    const std::string& name = names[static_cast<size_t>(i)];
    keys.push_back({.name = name.empty() ? fmt::format("key {}", i) : name,
                    .qpos = numbers(model->key_qpos + i * model->nq, model->nq),
                    .qvel = numbers(model->key_qvel + i * model->nv, model->nv),
                    .act = numbers(model->key_act + i * model->na, model->na),
                    .ctrl = numbers(model->key_ctrl + i * model->nu, model->nu),
                    .mocap_pos = numbers(model->key_mpos + i * 3 * model->nmocap, 3 * model->nmocap),
                    .mocap_quat = numbers(model->key_mquat + i * 4 * model->nmocap, 4 * model->nmocap)});
  }
  return keys;
}

Key key_at(const mjModel* model, std::span<const double> physics, std::string name) {
  const sim::DataPtr data = data_at(model, physics);
  return {.name = std::move(name),
          .qpos = numbers(data->qpos, model->nq),
          .qvel = numbers(data->qvel, model->nv),
          .act = numbers(data->act, model->na),
          .ctrl = numbers(data->ctrl, model->nu),
          .mocap_pos = numbers(data->mocap_pos, 3 * model->nmocap),
          .mocap_quat = numbers(data->mocap_quat, 4 * model->nmocap)};
}

std::vector<double> state_at(const mjModel* model, const Key& key, std::span<const double> physics) {
  const sim::DataPtr data = data_at(model, physics);
  std::ranges::copy(key.qpos, data->qpos);
  std::ranges::copy(key.qvel, data->qvel);
  std::ranges::copy(key.act, data->act);
  std::ranges::copy(key.ctrl, data->ctrl);
  std::ranges::copy(key.mocap_pos, data->mocap_pos);
  std::ranges::copy(key.mocap_quat, data->mocap_quat);
  std::fill_n(data->qacc_warmstart, model->nv, 0.0);
  std::vector<double> state(physics.size());
  mj_getState(model, data.get(), state.data(), mjSTATE_INTEGRATION);
  return state;
}

std::string to_xml(const Key& key) {
  std::string text = fmt::format("<key name=\"{}\"", key.name);
  const auto add = [&](const char* name, const std::vector<double>& values) {
    if (std::ranges::any_of(values, [](double value) { return value != 0; }))
      text += fmt::format(" {}=\"{}\"", name, fmt::join(values, " "));
  };
  text += fmt::format(" qpos=\"{}\"", fmt::join(key.qpos, " "));
  add("qvel", key.qvel);
  add("act", key.act);
  add("ctrl", key.ctrl);
  add("mpos", key.mocap_pos);
  add("mquat", key.mocap_quat);
  return text + "/>";
}

}  // namespace reverie::viewer
