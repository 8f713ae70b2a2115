#include "sim/physics_csv.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <istream>
#include <iterator>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "sim/env.h"
#include "sim/model.h"
#include "sim/task/orientations.h"

namespace reverie::sim {
namespace {

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> out;
  if (line.ends_with('\r')) line.remove_suffix(1);
  for (size_t from = 0;;) {
    const size_t comma = line.find(',', from);
    std::string_view cell = line.substr(from, comma == std::string_view::npos ? comma : comma - from);
    while (cell.starts_with(' ')) cell.remove_prefix(1);
    while (cell.ends_with(' ')) cell.remove_suffix(1);
    if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') cell = cell.substr(1, cell.size() - 2);
    out.push_back(cell);
    if (comma == std::string_view::npos) return out;
    from = comma + 1;
  }
}

// Where a column goes, and the numbers of the row being read.
class Table {
 public:
  Table(const mjModel* model, std::string_view header, std::string_view name);
  void read_row(std::string_view line, int64_t line_number);
  bool reset() const { return reset_ != 0.0; }
  std::vector<double> qpos, qvel, act, ctrl, mocap_pos, mocap_quat;

 private:
  void expect(const std::string& prefix, std::vector<double>& values, bool needed_on_reset);
  double parse(std::string_view cell, size_t column) const;
  [[noreturn]] void fail(size_t column, const std::string& message) const {
    base::throw_user_error("{}:{}: column '{}': {}", name_, line_, names_[column], message);
  }

  struct Target {
    double* value = nullptr;
    bool on_reset = false;  // read on reset rows, else on step rows
  };
  const mjModel* model_;
  std::string name_;
  std::vector<std::string> names_;
  std::vector<Target> targets_;             // a column each
  std::map<std::string, Target> expected_;  // all valid names
  double reset_ = 0.0;
  int64_t line_ = 1;
};

Table::Table(const mjModel* m, std::string_view header, std::string_view name) : model_(m), name_(name) {
  qpos.resize(m->nq), qvel.resize(m->nv), act.resize(m->na), ctrl.resize(m->nu);
  expect("qpos", qpos, true);
  expect("qvel", qvel, true);
  expect("act", act, true);
  expect("ctrl", ctrl, false);
  expected_["reset"] = {&reset_, true};
  std::vector<std::string> required;
  required.reserve(expected_.size());
  for (const auto& [column, target] : expected_) required.push_back(column);
  mocap_pos.resize(3 * m->nmocap), mocap_quat.resize(4 * m->nmocap);
  for (int body = 0; body < m->nbody; ++body) {
    const int mocap = m->body_mocapid[body];
    if (mocap < 0) continue;
    const std::string prefix = "mocap_" + object_name(m, mjOBJ_BODY, body) + "_";
    for (int k = 0; k < 3; ++k) {
      mocap_pos[3 * mocap + k] = m->body_pos[3 * body + k];
      expected_[prefix + "xyz"[k]] = {&mocap_pos[3 * mocap + k], true};
    }
    for (int k = 0; k < 4; ++k) {
      mocap_quat[4 * mocap + k] = m->body_quat[4 * body + k];
      expected_[prefix + "q" + "wxyz"[k]] = {&mocap_quat[4 * mocap + k], true};
    }
  }
  std::vector<std::string> valid;
  valid.reserve(expected_.size());
  for (const auto& [column, target] : expected_) valid.push_back(column);
  for (const std::string_view cell : split(header)) {
    const std::string column(cell);
    const auto found = expected_.find(column);
    if (found == expected_.end()) {
      base::throw_user_error("{}:1: unknown column '{}'{}", name_, column, base::did_you_mean(column, valid));
    }
    for (const std::string& other : names_) {
      if (other == column) base::throw_user_error("{}:1: column '{}' appears twice", name_, column);
    }
    names_.push_back(column);
    targets_.push_back(found->second);
  }
  for (const std::string& column : required) {
    bool present = false;
    for (const std::string& other : names_) present = present || other == column;
    if (!present) base::throw_user_error("{}:1: column '{}' is missing", name_, column);
  }
}

void Table::expect(const std::string& prefix, std::vector<double>& values, bool needed_on_reset) {
  for (size_t i = 0; i < values.size(); ++i)
    expected_[fmt::format("{}_{}", prefix, i)] = {&values[i], needed_on_reset};
}

double Table::parse(std::string_view cell, size_t column) const {
  double value = 0.0;
  if (cell.starts_with('+')) cell.remove_prefix(1);
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error == std::errc::result_out_of_range) fail(column, fmt::format("'{}' is out of range", cell));
  if (error != std::errc() || end != cell.data() + cell.size())
    fail(column, fmt::format("'{}' is no number", cell));
  if (!std::isfinite(value)) fail(column, fmt::format("'{}' is not finite", cell));
  return value;
}

void Table::read_row(std::string_view line, int64_t line_number) {
  line_ = line_number;
  const std::vector<std::string_view> cells = split(line);
  if (cells.size() != names_.size()) {
    const size_t column = std::min(cells.size(), names_.size() - 1);
    fail(column, fmt::format("expected {} columns, found {}", names_.size(), cells.size()));
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    if (names_[i] != "reset") continue;
    reset_ = parse(cells[i], i);
    if (reset_ != 0.0 && reset_ != 1.0) fail(i, fmt::format("expected 0 or 1, found '{}'", cells[i]));
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool used = targets_[i].on_reset == reset() || names_[i] == "reset";
    if (cells[i].empty() && !used) continue;
    const double value = parse(cells[i], i);
    if (used) *targets_[i].value = value;
  }
  if (!reset()) return;
  const std::string where = fmt::format("{}:{}", name_, line_);
  normalise_joint_orientations(model_, qpos.data(), where);
  normalise_mocap_orientations(model_, mocap_quat.data(), where);
}

void append(fmt::memory_buffer& out, const char* prefix, int64_t count) {
  for (int64_t i = 0; i < count; ++i) fmt::format_to(std::back_inserter(out), ",{}_{}", prefix, i);
}

void write_header(const contract::EnvSpec& spec, std::ostream& output) {
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), "reward,terminated,truncated");
  append(line, "obs", spec.observation_dim);
  append(line, "qpos", spec.nq);
  append(line, "qvel", spec.nv);
  line.push_back('\n');
  output.write(line.data(), static_cast<std::streamsize>(line.size()));
}

void write_row(Env& env, const StepResult& result, std::ostream& output) {
  fmt::memory_buffer line;
  const auto out = std::back_inserter(line);
  fmt::format_to(out, "{:.17g},{:d},{:d}", result.reward, result.terminated, result.truncated);
  for (const double value : env.observation()) fmt::format_to(out, ",{:.17g}", value);
  for (int i = 0; i < env.spec().nq; ++i) fmt::format_to(out, ",{:.17g}", env.data()->qpos[i]);
  for (int i = 0; i < env.spec().nv; ++i) fmt::format_to(out, ",{:.17g}", env.data()->qvel[i]);
  line.push_back('\n');
  output.write(line.data(), static_cast<std::streamsize>(line.size()));
}

}  // namespace

CsvResult step_csv(const std::shared_ptr<const Task>& task, std::istream& input, std::string_view input_name,
                   std::ostream& output, const base::Stop* stop) {
  Env env(task);
  std::string line;
  if (!std::getline(input, line)) base::throw_user_error("{}: empty, expected a header line", input_name);
  if (line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);  // the byte order mark that spreadsheets write
  Table table(env.model(), line, input_name);
  write_header(env.spec(), output);
  CsvResult result;
  int64_t resets = 0;
  for (int64_t line_number = 2; std::getline(input, line); ++line_number) {
    base::check_stop(stop);
    if (line.empty() || line == "\r") continue;
    table.read_row(line, line_number);
    if (result.rows == 0 && !table.reset()) {
      base::throw_user_error("{}:{}: column 'reset': the first row must be a reset (1)", input_name,
                             line_number);
    }
    StepResult step;
    if (table.reset()) {
      env.reset_to(table.qpos, table.qvel, table.act, table.mocap_pos, table.mocap_quat, 0,
                   static_cast<uint64_t>(resets++));
    } else {
      step = env.step_raw(table.ctrl);
    }
    if (step.diverged) {
      result.diverged_line = line_number;
      result.divergence = env.divergence();
      break;
    }
    write_row(env, step, output);
    ++result.rows;
  }
  return result;
}

CsvResult csv_of_resets(const std::shared_ptr<const Task>& task, int64_t count, uint64_t seed,
                        std::ostream& output, const base::Stop* stop) {
  Env env(task);
  write_header(env.spec(), output);
  for (int64_t i = 0; i < count; ++i) {
    base::check_stop(stop);
    env.reset(seed, static_cast<uint64_t>(i));
    write_row(env, {}, output);
  }
  return {.rows = count};
}

}  // namespace reverie::sim
