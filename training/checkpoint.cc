#include "training/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/checksum.h"
#include "base/error.h"
#include "base/files.h"
#include "contract/episode_store.h"
#include "training/run_directory.h"

namespace reverie::training {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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
  if (!c.run_id.empty()) state["run"] = c.run_id;
  if (c.owed_row) state["owed_row"] = *c.owed_row;
  if (c.rollbacks > 0) state["rollbacks"] = c.rollbacks;
  if (c.has_environment()) state["shards_checksum"] = c.shards_checksum;
  return state;
}

void write_state(const fs::path& path, json state) {
  state[base::kSealKey] = base::kOpenSeal;
  std::string text = state.dump(1) + "\n";
  base::seal(text);
  base::write_file_atomic(path, text);
}

// Whoever lists the files of a checkpoint has a seal.
json read_sealed_state(const fs::path& path) {
  const std::string text = base::read_file(path, base::kMostText);
  const bool sealed = base::check_seal(text, path.string());
  json state = json::parse(text);
  if (!sealed && state.is_object() && state.contains("files"))
    base::throw_user_error("{}: damaged: its checksum is gone", path.string());
  return state;
}

// The row that an evaluation owes; null stands for what is not finite.
std::map<std::string, double> row_of(const json& values) {
  std::map<std::string, double> row;
  for (const auto& [name, value] : values.items())
    row[name] = value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  return row;
}

// A name leads nowhere else.
bool is_own_file(const std::string& name) {
  return name.ends_with(".safetensors") && name.find('/') == std::string::npos;
}

void read_state(const fs::path& path, Checkpoint& c) {
  try {
    const json state = read_sealed_state(path);
    if (const int64_t schema = state.value("schema", kSchema); schema > kSchema)
      throw NewerSchema(
          fmt::format("{}: the checkpoint has schema {}, of a newer program; expected {} at most",
                      path.string(), schema, kSchema));
    c.env_steps = state.at("env_steps");
    c.updates = state.at("updates");
    c.shards = state.at("shards");
    c.task_hash = state.at("task_hash");
    c.data_hash = state.value("data_hash", "");
    c.from_hash = state.value("from_hash", "");
    c.run_id = state.value("run", "");
    c.shards_checksum = state.value("shards_checksum", "");
    c.files = state.value("files", c.files);
    for (const auto& [name, sum] : c.files)
      if (!is_own_file(name))
        base::throw_user_error("{}: damaged: '{}' is no file of a checkpoint", path.string(), name);
    c.rollbacks = state.value("rollbacks", c.rollbacks);
    if (state.contains("owed_row")) c.owed_row = row_of(state["owed_row"]);
    if (state.contains("best")) {  // not in checkpoints of before there was one
      c.best.step = state["best"].at("step");
      c.best.returns = state["best"].at("returns").get<std::vector<double>>();
    }
    c.most_faithful = most_faithful_of(state);
    if (c.env_steps < 0 || c.updates < 0 || c.shards < 0)
      base::throw_user_error("{}: damaged checkpoint state: a negative count", path.string());
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

// A checkpoint of before there were checksums lists no files.
void check_files(const fs::path& directory, const Checkpoint& checkpoint, bool weights_only) {
  for (const auto& [name, written] : checkpoint.files) {
    if (weights_only && name != "model.safetensors") continue;
    if (const std::string found = base::file_checksum(directory / name); found != written)
      base::throw_user_error("{}: damaged: its bytes have the checksum {}, it was written with {}",
                             (directory / name).string(), found, written);
  }
}

// The directory of a checkpoint that is being written.
void write_files(const fs::path& directory, const Checkpoint& checkpoint) {
  json state = state_json(checkpoint);
  const auto list = [&](const char* name) { state["files"][name] = base::file_checksum(directory / name); };
  base::save_safetensors(directory / "model.safetensors", checkpoint.model);
  list("model.safetensors");
  base::save_safetensors(directory / "optimizer.safetensors", checkpoint.optimizer);
  list("optimizer.safetensors");
  if (checkpoint.has_environment()) {
    contract::save_episodes(directory / "running.safetensors", checkpoint.running);
    list("running.safetensors");
  }
  write_state(directory / "state.json", state);
}

// The steps that links and a checkpoint's own state name.
void add_named(const Checkpoint& checkpoint, std::set<std::string>& names, const fs::path& run) {
  if (!checkpoint.best.returns.empty())
    names.insert(checkpoint_directory(run, checkpoint.best.step).filename().string());
  if (checkpoint.most_faithful.held())
    names.insert(checkpoint_directory(run, checkpoint.most_faithful.step).filename().string());
}

}  // namespace

fs::path shard_path(const fs::path& run, int64_t shard) {
  return run / "episodes" / fmt::format("shard-{:06d}.safetensors", shard);
}

void save_checkpoint(const fs::path& run, const Checkpoint& checkpoint) {
  const fs::path target = checkpoint_directory(run, checkpoint.step());
  if (!fs::exists(target)) {
    const fs::path temporary = target.parent_path() / fmt::format(".{}.tmp", target.filename().string());
    fs::remove_all(temporary);
    fs::create_directory(temporary);  // in a run that is there: one that was moved away is not begun anew
    try {
      write_files(temporary, checkpoint);
    } catch (...) {  // a disk that is full gets its room back
      std::error_code ignored;
      fs::remove_all(temporary, ignored);
      throw;
    }
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
  json state = read_sealed_state(path);
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

Checkpoint load_state(const fs::path& run, std::string_view name) {
  const fs::path path = run / "checkpoints" / std::string(name) / "state.json";
  Checkpoint checkpoint;
  read_state(path, checkpoint);
  const std::string own = checkpoint_directory(run, checkpoint.step()).filename().string();
  if (!checkpoint.files.empty() && is_step_name(name) && own != name)
    base::throw_user_error("{}: damaged: it is that of checkpoint {}", path.string(), own);
  if (const std::string id = read_run_id(run); !is_same_run(checkpoint.run_id, id))
    base::throw_user_error("{}: damaged: it is of run {}, and config.toml of run {}", path.string(),
                           checkpoint.run_id, id);
  return checkpoint;
}

std::string read_checkpoint_run_id(const fs::path& run, std::string_view name) {
  Checkpoint checkpoint;
  try {
    read_state(run / "checkpoints" / std::string(name) / "state.json", checkpoint);
  } catch (const base::UserError&) {
    return "";
  }
  return checkpoint.run_id;
}

Checkpoint load_checkpoint(const fs::path& run, std::string_view name, bool weights_only) {
  const fs::path directory = run / "checkpoints" / std::string(name);
  Checkpoint checkpoint = load_state(run, name);
  check_files(directory, checkpoint, weights_only);
  checkpoint.model = base::load_safetensors(directory / "model.safetensors");
  add_average_actor(checkpoint.model);
  if (!weights_only) {
    checkpoint.optimizer = base::load_safetensors(directory / "optimizer.safetensors");
    if (checkpoint.has_environment())
      checkpoint.running = contract::load_episodes(directory / "running.safetensors");
  }
  return checkpoint;
}

void prune_checkpoints(const fs::path& run, int64_t keep) {
  const std::vector<std::string> names = list_checkpoints(run);
  if (keep < 1 || std::ssize(names) <= keep) return;
  std::set<std::string> kept(names.end() - keep, names.end());
  for (const std::string& name : std::set<std::string>(kept)) add_named(load_state(run, name), kept, run);
  for (const char* link : {"last", "best", "most_faithful"})
    if (const fs::path path = run / "checkpoints" / link; fs::is_symlink(path))
      kept.insert(fs::read_symlink(path).filename().string());
  for (const std::string& name : names) {
    if (kept.contains(name)) continue;
    const fs::path leaving = run / "checkpoints" / fmt::format(".{}.tmp", name);
    fs::remove_all(leaving);
    fs::rename(run / "checkpoints" / name, leaving);  // whole or gone
    fs::remove_all(leaving);
  }
}

std::string save_shard(const fs::path& run, int64_t shard, const std::vector<contract::Episode>& episodes) {
  if (!fs::exists(run / "episodes")) fs::create_directory(run / "episodes");
  contract::save_episodes(shard_path(run, shard), episodes);
  return base::file_checksum(shard_path(run, shard));
}

std::string next_shards_checksum(const std::string& before, const std::string& shard) {
  return base::checksum(before + shard);
}

void drop_unfinished(const fs::path& run, int64_t shards) {
  while (fs::remove(shard_path(run, shards))) ++shards;
  std::vector<fs::path> unfinished;  // of a process that was killed while it wrote or removed
  for (const fs::path& folder : {run, run / "episodes", run / "checkpoints"}) {
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".tmp") unfinished.push_back(entry.path());
  }
  for (const fs::path& path : unfinished) fs::remove_all(path);
}

}  // namespace reverie::training
