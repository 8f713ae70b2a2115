#include "sim/task/task_observation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reverie::sim {
namespace {

constexpr int kMaxDelay = 1000;
constexpr int kMaxHistory = 1000;
constexpr int kMaxSize = 100000;

std::vector<double> per_element(const Scope& scope, const TomlNode& node, const std::string& what,
                                int width) {
  std::vector<double> values = finite_values(scope, node, what);
  if (values.size() == 1) values.assign(static_cast<size_t>(width), values[0]);
  if (static_cast<int>(values.size()) != width) {
    fail_at(node.position, fmt::format("{}: expected 1 or {} numbers, found {}", what, width, values.size()));
  }
  return values;
}

std::pair<double, double> read_pair(const Scope& scope, const TomlNode& node, const std::string& what,
                                    bool single) {
  const std::vector<double> values = constant_values(scope, node, what);
  if (values.size() > 2 || (values.size() == 1 && !single) || values.front() > values.back()) {
    fail_at(node.position, fmt::format("{}: expected {}[low, high]", what, single ? "a number or " : ""));
  }
  return {values.front(), values.back()};
}

void read_noise(ObservationItem& item, const TomlNode& node, const Scope& scope, const std::string& what) {
  if (node.kind != TomlNode::Kind::kTable) {
    item.noise = per_element(scope, node, what + ".noise", item.width());
    return;
  }
  TableReader reader(node, what + ".noise");
  const TomlNode* uniform = reader.get("uniform");
  const TomlNode* normal = reader.get("normal");
  reader.finish();
  if ((uniform == nullptr) == (normal == nullptr)) {
    fail_at(node.position, what + ".noise: expected { uniform = half_width } or { normal = std }");
  }
  item.normal_noise = normal != nullptr;
  item.noise = per_element(scope, uniform ? *uniform : *normal, what + ".noise", item.width());
}

void allocate_buffers(ObservationItem& item, StateLayout& layout) {
  if (!item.bias.empty()) item.bias_state = layout.allocate(item.width());
  if (item.delay_high > 0) {
    item.delay_count = layout.allocate(1);
    item.delay_buffer = layout.allocate((item.delay_high + 1) * item.width());
  }
  if (item.history > 1) item.history_buffer = layout.allocate(item.size());
}

ObservationItem read_item(const TomlNode& node, const Scope& scope, ProgramBuilder& builder) {
  TableReader reader(node, "observation");
  ObservationItem item;
  item.name = reader.need_text("name");
  const std::string what = fmt::format("observation '{}'", item.name);
  const TomlNode& expr = reader.need("expr");
  item.slots = builder.compile(expr, what).slots;
  item.origin = origin_of(expr, what);
  item.privileged = reader.choice("group", "policy", {"policy", "privileged"}) == "privileged";
  if (const TomlNode* noise = reader.get("noise")) read_noise(item, *noise, scope, what);
  if (const TomlNode* bias = reader.get("bias"))
    item.bias = per_element(scope, *bias, what + ".bias", item.width());
  if (const TomlNode* scale = reader.get("scale"))
    item.scale = per_element(scope, *scale, what + ".scale", item.width());
  if (const TomlNode* clip = reader.get("clip")) {
    item.clipped = true;
    std::tie(item.clip_low, item.clip_high) = read_pair(scope, *clip, what + ".clip", false);
  }
  if (const TomlNode* delay = reader.get("delay_steps")) {
    const auto [low, high] = read_pair(scope, *delay, what + ".delay_steps", true);
    if (low < 0 || high > kMaxDelay || low != std::floor(low) || high != std::floor(high)) {
      fail_at(delay->position, fmt::format("{}.delay_steps: expected whole steps in 0..{}", what, kMaxDelay));
    }
    item.delay_low = static_cast<int>(low), item.delay_high = static_cast<int>(high);
  }
  item.history = static_cast<int>(reader.integer("history", 1, 1, kMaxHistory));
  reader.finish();
  if (int64_t{item.width()} * std::max(item.history, item.delay_high + 1) > kMaxSize) {
    fail_at(node.position, fmt::format("{}: more than {} numbers", what, kMaxSize));
  }
  allocate_buffers(item, *scope.layout);
  return item;
}

}  // namespace

std::vector<ObservationItem> read_observation(const TomlNode& section, const Scope& scope,
                                              ProgramBuilder& builder) {
  if (section.kind != TomlNode::Kind::kArray || section.array.empty()) {
    fail_at(section.position, "observation: expected [[observation]] entries");
  }
  std::vector<ObservationItem> items;
  int sizes[2] = {0, 0};
  for (const TomlNode& node : section.array) {
    ObservationItem item = read_item(node, scope, builder);
    for (const ObservationItem& other : items) {
      if (other.name == item.name)
        fail_at(node.position, fmt::format("observation '{}' appears twice", item.name));
    }
    item.offset = sizes[item.privileged];
    sizes[item.privileged] += item.size();
    items.push_back(std::move(item));
  }
  if (sizes[0] == 0) fail_at(section.position, "observation: the policy sees nothing");
  if (sizes[0] + sizes[1] > kMaxSize)
    fail_at(section.position, fmt::format("observation: more than {} numbers", kMaxSize));
  return items;
}

void reset_observation(const std::vector<ObservationItem>& items, contract::Rng& rng,
                       std::span<double> task_state) {
  for (const ObservationItem& item : items) {
    if (item.bias_state >= 0) {
      for (int i = 0; i < item.width(); ++i)
        task_state[item.bias_state + i] = rng.uniform(-item.bias[i], item.bias[i]);
    }
    if (item.delay_count >= 0) {
      task_state[item.delay_count] =
          item.delay_low + static_cast<double>(rng.below(item.delay_high - item.delay_low + 1));
    }
  }
}

void observe(const std::vector<ObservationItem>& items, ObserveMode mode, std::span<const double> slots,
             contract::Rng& rng, std::span<double> task_state, std::span<double> policy,
             std::span<double> privileged) {
  double* state = task_state.data();
  for (const ObservationItem& item : items) {
    const int64_t n = item.width();
    double* out = (item.privileged ? privileged : policy).data() + item.offset;
    double* newest = out + (item.history - 1) * n;
    for (int64_t i = 0; i < n; ++i) {
      newest[i] = slots[item.slots[i]];
      if (item.bias_state >= 0) newest[i] += state[item.bias_state + i];
      if (!item.noise.empty()) {
        newest[i] +=
            item.normal_noise ? item.noise[i] * rng.normal() : rng.uniform(-item.noise[i], item.noise[i]);
      }
    }
    if (item.delay_buffer >= 0) {
      double* buffer = state + item.delay_buffer;  // newest first
      const int rows = item.delay_high + 1;
      if (mode == ObserveMode::kNext) std::copy_backward(buffer, buffer + (rows - 1) * n, buffer + rows * n);
      if (mode == ObserveMode::kFirst) {
        for (int row = 0; row < rows; ++row) std::copy(newest, newest + n, buffer + row * n);
      }
      if (mode == ObserveMode::kNext) std::copy(newest, newest + n, buffer);
      const double* delayed = buffer + static_cast<int>(state[item.delay_count]) * n;
      std::copy(delayed, delayed + n, newest);
    }
    for (int64_t i = 0; i < n; ++i) {
      if (!item.scale.empty()) newest[i] *= item.scale[i];
      if (item.clipped) newest[i] = std::clamp(newest[i], item.clip_low, item.clip_high);
    }
    if (item.history_buffer < 0) continue;
    double* buffer = state + item.history_buffer;  // oldest first
    if (mode == ObserveMode::kFirst) {
      for (int row = 0; row < item.history; ++row) std::copy(newest, newest + n, buffer + row * n);
    } else if (mode == ObserveMode::kNext) {
      std::copy(buffer + n, buffer + item.history * n, buffer);
      std::copy(newest, newest + n, buffer + (item.history - 1) * n);
    }
    std::copy(buffer, buffer + item.history * n, out);
  }
}

}  // namespace reverie::sim
