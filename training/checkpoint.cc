#include "training/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "contract/episode_store.h"
#include "training/run_directory.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path shard_path(const fs::path& run, int64_t shard) {
  return run / "episodes" / fmt::format("shard-{:06d}.safetensors", shard);
}

void sync_directory(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

constexpr int64_t kSchema = 1;  // of state.json

json best_json(const Incumbent& best) { return {{"step", best.step}, {"returns", best.returns}}; }

// Nothing while nobody holds the name: runs whose dream is not measured.
void put_most_faithful(json& state, const MostFaithful& holder) {
  if (holder.held())
    state["most_faithful"] = {
        {"step", holder.step}, {"valid_steps", holder.valid_steps}, {"error_2", holder.error_2}};
}

MostFaithful most_faithful_of(const json& state) {
  if (!state.contains("most_faithful")) return {};
  const json& holder = state["most_faithful"];
  const json& error = holder.at("error_2");
  return {.step = holder.at("step"),
          .valid_steps = holder.at("valid_steps"),
          .error_2 = error.is_null() ? std::numeric_limits<double>::quiet_NaN() : error.get<double>()};
}

json state_json(const Checkpoint& c) {
  json state = {{"schema", kSchema},       {"env_steps", c.env_steps},  {"updates", c.updates},
                {"shards", c.shards},      {"best", best_json(c.best)}, {"task_hash", c.task_hash},
                {"data_hash", c.data_hash}};
  put_most_faithful(state, c.most_faithful);
  if (!c.from_hash.empty()) state["from_hash"] = c.from_hash;
  if (c.owed_row) state["owed_row"] = *c.owed_row;
  return state;
}

void write_state(const fs::path& path, const json& state) {
  base::write_file_atomic(path, state.dump(1) + "\n");
}

// The row that an evaluation owes; null stands for what is not finite.
std::map<std::string, double> row_of(const json& values) {
  std::map<std::string, double> row;
  for (const auto& [name, value] : values.items())
    row[name] = value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  return row;
}

void read_state(const fs::path& path, Checkpoint& c) {
  try {
    const json state = json::parse(base::read_file(path));
    if (const int64_t schema = state.value("schema", kSchema); schema > kSchema)
      base::throw_user_error("{}: the checkpoint has schema {}, of a newer program; expected {} at most",
                             path.string(), schema, kSchema);
    c.env_steps = state.at("env_steps");
    c.updates = state.at("updates");
    c.shards = state.at("shards");
    c.task_hash = state.at("task_hash");
    c.data_hash = state.value("data_hash", "");
    c.from_hash = state.value("from_hash", "");
    if (state.contains("owed_row")) c.owed_row = row_of(state["owed_row"]);
    if (state.contains("best")) {  // not in checkpoints of before there was one
      c.best.step = state["best"].at("step");
      c.best.returns = state["best"].at("returns").get<std::vector<double>>();
    }
    c.most_faithful = most_faithful_of(state);
  } catch (const json::exception& e) {
    base::throw_user_error("{}: damaged checkpoint state: {}", path.string(), e.what());
  }
}

// Older checkpoints have no average of the actor: it starts as the actor.
void add_average_actor(base::SafeTensors& model) {
  std::map<std::string, base::TensorData> average;
  for (const auto& [name, tensor] : model.tensors) {
    if (name.starts_with("actor.")) average["average_" + name] = tensor;
  }
  model.tensors.merge(average);  // what is there stays
}

}  // namespace

void save_checkpoint(const fs::path& run, const Checkpoint& checkpoint) {
  const fs::path target = checkpoint_directory(run, checkpoint.step());
  if (!fs::exists(target)) {
    const fs::path temporary = target.parent_path() / fmt::format(".{}.tmp", target.filename().string());
    fs::remove_all(temporary);
    fs::create_directories(temporary);
    base::save_safetensors(temporary / "model.safetensors", checkpoint.model);
    base::save_safetensors(temporary / "optimizer.safetensors", checkpoint.optimizer);
    if (checkpoint.has_environment())
      contract::save_episodes(temporary / "running.safetensors", checkpoint.running);
    write_state(temporary / "state.json", state_json(checkpoint));
    sync_directory(temporary);
    fs::rename(temporary, target);
    sync_directory(target.parent_path());
  }
  link_checkpoint(run, "last", checkpoint.step());
  link_holders(run, checkpoint.best, checkpoint.most_faithful);
  sync_directory(target.parent_path());
}

void settle_checkpoint(const fs::path& run, int64_t step, const Incumbent& best,
                       const MostFaithful& most_faithful) {
  const fs::path path = checkpoint_directory(run, step) / "state.json";
  json state = json::parse(base::read_file(path));
  state["best"] = best_json(best);
  put_most_faithful(state, most_faithful);
  state.erase("owed_row");
  write_state(path, state);
  link_holders(run, best, most_faithful);
}

void link_holders(const fs::path& run, const Incumbent& best, const MostFaithful& most_faithful) {
  const auto link = [&](const char* name, bool held, int64_t step) {
    if (held) {
      link_checkpoint(run, name, step);
    } else {
      fs::remove(run / "checkpoints" / name);
    }
  };
  link("best", !best.returns.empty(), best.step);
  link("most_faithful", most_faithful.held(), most_faithful.step);
}

Checkpoint load_checkpoint(const fs::path& run, std::string_view name, bool weights_only) {
  const fs::path directory = run / "checkpoints" / std::string(name);
  Checkpoint checkpoint;
  read_state(directory / "state.json", checkpoint);
  checkpoint.model = base::load_safetensors(directory / "model.safetensors");
  add_average_actor(checkpoint.model);
  if (!weights_only) {
    checkpoint.optimizer = base::load_safetensors(directory / "optimizer.safetensors");
    if (checkpoint.has_environment())
      checkpoint.running = contract::load_episodes(directory / "running.safetensors");
  }
  return checkpoint;
}

void save_shard(const fs::path& run, int64_t shard, const std::vector<contract::Episode>& episodes) {
  fs::create_directories(run / "episodes");
  contract::save_episodes(shard_path(run, shard), episodes);
}

void drop_shards_from(const fs::path& run, int64_t shards) {
  while (fs::remove(shard_path(run, shards))) ++shards;
  if (!fs::is_directory(run / "episodes")) return;
  std::vector<fs::path> unfinished;  // of a process that was killed while it wrote
  for (const auto& entry : fs::directory_iterator(run / "episodes"))
    if (entry.path().extension() == ".tmp") unfinished.push_back(entry.path());
  for (const fs::path& path : unfinished) fs::remove(path);
}

}  // namespace reverie::training
