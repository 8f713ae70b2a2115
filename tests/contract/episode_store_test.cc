#include "contract/episode_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "base/error.h"
#include "base/safetensors.h"
#include "base/temporary_directory.h"

namespace reverie::contract {
namespace {

namespace fs = std::filesystem;

Episode numbered(uint64_t index, int64_t length) {
  EnvSpec spec;
  spec.task = "test/numbers";
  spec.hash = "0123456789abcdef";
  spec.observation_dim = 3;
  spec.action_dim = 2;
  spec.physics_dim = 4;
  spec.task_dim = 1;
  spec.signals = {"foot[0]", "foot[1]"};
  spec.reward_terms = {"a \"quoted\", name"};
  Episode e = make_episode(spec, 0xffffffffffffffffu, index);
  e.policy = "actor@20000";
  const auto fill = [&](auto& values, int64_t n) {
    for (int64_t k = 0; k < n; ++k) values.push_back(std::sin(static_cast<double>(index * 1000 + k) + 0.1));
  };
  fill(e.observations, (length + 1) * 3);
  fill(e.actions, length * 2);
  fill(e.rewards, length);
  fill(e.physics, (length + 1) * 4);
  fill(e.task_state, length + 1);
  fill(e.signals, (length + 1) * 2);
  fill(e.reward_terms, length);
  e.randomisation = {1.0 / 3.0};
  e.terminated = index % 2 == 0;
  e.truncated = index % 3 == 0;
  e.diverged = index == 5;
  if (e.diverged) e.divergence = "Nan in QACC at DOF \"0\". Time = 0.02.";
  return e;
}

void expect_equal(const Episode& a, const Episode& b) {
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.task, b.task);
  EXPECT_EQ(a.hash, b.hash);
  EXPECT_EQ(a.policy, b.policy);
  EXPECT_EQ(a.observation_dim, b.observation_dim);
  EXPECT_EQ(a.action_dim, b.action_dim);
  EXPECT_EQ(a.physics_dim, b.physics_dim);
  EXPECT_EQ(a.task_dim, b.task_dim);
  EXPECT_EQ(a.observations, b.observations);
  EXPECT_EQ(a.actions, b.actions);
  EXPECT_EQ(a.rewards, b.rewards);
  EXPECT_EQ(a.physics, b.physics);
  EXPECT_EQ(a.task_state, b.task_state);
  EXPECT_EQ(a.randomisation, b.randomisation);
  EXPECT_EQ(a.signal_names.list(), b.signal_names.list());
  EXPECT_EQ(a.reward_term_names.list(), b.reward_term_names.list());
  EXPECT_EQ(a.signals, b.signals);
  EXPECT_EQ(a.reward_terms, b.reward_terms);
  EXPECT_EQ(a.terminated, b.terminated);
  EXPECT_EQ(a.truncated, b.truncated);
  EXPECT_EQ(a.diverged, b.diverged);
  EXPECT_EQ(a.divergence, b.divergence);
}

TEST(EpisodeStore, RoundTripKeepsEverything) {
  const base::TemporaryDirectory directory;
  std::vector<Episode> episodes;
  // More than ten, one of them empty: numbers in names must not sort as text.
  for (uint64_t k = 0; k < 12; ++k) episodes.push_back(numbered(k, static_cast<int64_t>(k)));
  const fs::path path = directory.path() / "shard-000000.safetensors";
  save_episodes(path, episodes);
  const std::vector<Episode> read = load_episodes(path);
  ASSERT_EQ(read.size(), episodes.size());
  for (size_t k = 0; k < read.size(); ++k) expect_equal(read[k], episodes[k]);
}

Episode without_terms(Episode e) {
  e.signal_names = {};
  e.reward_term_names = {};
  e.signals.clear();
  e.reward_terms.clear();
  return e;
}

// What the first two formats wrote: eight tensors an episode, or six without signals and reward terms.
base::SafeTensors old_content(const std::vector<Episode>& episodes, bool with_terms) {
  base::SafeTensors c;
  c.metadata = {{"format", with_terms ? "reverie-episodes-2" : "reverie-episodes-1"},
                {"episodes", std::to_string(episodes.size())},
                {"task", episodes[0].task},
                {"hash", episodes[0].hash}};
  if (with_terms) {
    c.metadata["signals"] = R"(["foot[0]","foot[1]"])";
    c.metadata["reward_terms"] = R"(["a \"quoted\", name"])";
  }
  for (size_t i = 0; i < episodes.size(); ++i) {
    const Episode& e = episodes[i];
    const int64_t steps = e.length();
    const auto key = [&](const char* name) { return std::to_string(i) + "/" + name; };
    c.tensors[key("observations")] = base::make_tensor<float>(e.observations, {steps + 1, 3});
    c.tensors[key("actions")] = base::make_tensor<float>(e.actions, {steps, 2});
    c.tensors[key("rewards")] = base::make_tensor<float>(e.rewards, {steps});
    c.tensors[key("physics")] = base::make_tensor<double>(e.physics, {steps + 1, 4});
    c.tensors[key("task_state")] = base::make_tensor<double>(e.task_state, {steps + 1, 1});
    c.tensors[key("randomisation")] = base::make_tensor<double>(e.randomisation, {1});
    if (with_terms) {
      c.tensors[key("signals")] = base::make_tensor<float>(e.signals, {steps + 1, 2});
      c.tensors[key("reward_terms")] = base::make_tensor<float>(e.reward_terms, {steps, 1});
    }
    c.metadata[key("seed")] = std::to_string(e.seed);
    c.metadata[key("index")] = std::to_string(e.index);
    c.metadata[key("policy")] = e.policy;
    c.metadata[key("end")] =
        std::string(e.terminated ? "T" : "-") + (e.truncated ? "L" : "-") + (e.diverged ? "D" : "-");
  }
  return c;
}

TEST(EpisodeStore, ReadsTheFormatsBefore) {
  const base::TemporaryDirectory directory;
  const fs::path path = directory.path() / "shard-000000.safetensors";
  base::save_safetensors(path, old_content({numbered(0, 3), numbered(1, 0)}, false));
  std::vector<Episode> read = load_episodes(path);
  ASSERT_EQ(read.size(), 2u);
  expect_equal(read[0], without_terms(numbered(0, 3)));
  expect_equal(read[1], without_terms(numbered(1, 0)));
  base::save_safetensors(path, old_content({numbered(0, 3), numbered(1, 2)}, true));
  read = load_episodes(path);
  ASSERT_EQ(read.size(), 2u);
  expect_equal(read[0], numbered(0, 3));
  expect_equal(read[1], numbered(1, 2));
}

// A shard of a million short episodes must not have a header of a gigabyte.
TEST(EpisodeStore, TheHeaderDoesNotGrowWithTheEpisodes) {
  const base::TemporaryDirectory directory;
  const fs::path path = directory.path() / "shard-000000.safetensors";
  const auto header = [&](uint64_t count) {
    std::vector<Episode> episodes;
    for (uint64_t k = 0; k < count; ++k) episodes.push_back(numbered(k % 4, 1));
    save_episodes(path, episodes);
    return base::load_safetensors(path).tensors.size();
  };
  EXPECT_EQ(header(1), header(1000));
}

// A run that goes on from a checkpoint of the format before has both kinds.
TEST(EpisodeStore, KeepsEpisodesWithAndWithoutSignalsInOneShard) {
  const base::TemporaryDirectory directory;
  const fs::path path = directory.path() / "shard-000000.safetensors";
  const std::vector<Episode> episodes = {without_terms(numbered(0, 3)), numbered(1, 2)};
  save_episodes(path, episodes);
  const std::vector<Episode> read = load_episodes(path);
  for (size_t k = 0; k < 2; ++k) expect_equal(read[k], episodes[k]);
  Episode other = numbered(2, 2);
  other.signal_names = std::vector<std::string>{"hand", "foot[1]"};
  EXPECT_THROW(save_episodes(path, {numbered(1, 2), other}), std::logic_error);
}

TEST(EpisodeStore, ReadsADirectoryInOrder) {
  const base::TemporaryDirectory directory;
  for (const uint64_t k : {2, 0, 1}) {
    save_episodes(directory.path() / fmt::format("shard-{:06}.safetensors", k),
                  {numbered(k, 2), numbered(k + 10, 2)});
  }
  base::save_safetensors(directory.path() / "other.safetensors", {});
  std::vector<uint64_t> indices;
  for (const Episode& e : load_episode_directory(directory.path())) indices.push_back(e.index);
  EXPECT_EQ(indices, (std::vector<uint64_t>{0, 10, 1, 11, 2, 12}));
  EXPECT_EQ(load_episode_directory(directory.path(), 2).size(), 4u);
  EXPECT_EQ(load_episode_directory(directory.path(), 0).size(), 0u);
  EXPECT_THROW(load_episode_directory(directory.path() / "none"), base::UserError);
}

// What loading says after `damage` was done to `content`.
std::string complaint(base::SafeTensors content, const std::function<void(base::SafeTensors&)>& damage) {
  const base::TemporaryDirectory directory;
  const fs::path path = directory.path() / "shard.safetensors";
  damage(content);
  base::save_safetensors(path, content);
  try {
    load_episodes(path);
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith(path.string() + ": "));
    return error.what();
  }
  return "no error";
}

// The same of a good shard of the present format, and of the one before.
std::string complaint(const std::function<void(base::SafeTensors&)>& damage) {
  const base::TemporaryDirectory directory;
  const fs::path path = directory.path() / "shard.safetensors";
  save_episodes(path, {numbered(0, 3), numbered(1, 3)});
  return complaint(base::load_safetensors(path), damage);
}
std::string old_complaint(const std::function<void(base::SafeTensors&)>& damage) {
  return complaint(old_content({numbered(0, 3), numbered(1, 3)}, true), damage);
}

// Element `at` of a tensor of numbers T.
template <typename T>
void put(base::SafeTensors& content, const char* name, size_t at, T value) {
  std::memcpy(content.tensors.at(name).data.data() + at * sizeof(T), &value, sizeof(T));
}

TEST(EpisodeStore, DamageNamesFileAndArray) {
  using testing::HasSubstr;
  EXPECT_THAT(complaint([](base::SafeTensors&) {}), "no error");
  EXPECT_THAT(complaint([](base::SafeTensors& c) { c.metadata.clear(); }), HasSubstr("not an episode shard"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { c.metadata.erase("policies"); }),
              HasSubstr("'policies' is missing"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { c.metadata["policies"] = "[]"; }),
              HasSubstr("episode 0: policy 0 of 0"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { c.tensors.erase("physics"); }),
              HasSubstr("'physics' is missing"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { put<int64_t>(c, "episodes", 2, 4); }),
              HasSubstr("numbers are missing"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { put<int64_t>(c, "episodes", 2, -1); }),
              HasSubstr("episode 0: -1 steps"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { put<int64_t>(c, "episodes", 2, INT64_MAX); }),
              HasSubstr("the shard holds 6"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { put<int64_t>(c, "episodes", 2, 2); }),
              HasSubstr("belong to no episode"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) {
                c.tensors["rewards"] = base::make_tensor<double>({}, {0, 1});
              }),
              HasSubstr("'rewards' has type F64"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { c.metadata["signals"] = "[1]"; }),
              HasSubstr("expected a JSON list of names, found '[1]'"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { c.metadata["signals"] = "[\"foot\"]"; }),
              HasSubstr("'signals': expected 1 columns"));
  EXPECT_THAT(complaint([](base::SafeTensors& c) { c.tensors["actions"].shape = {12}; }),
              HasSubstr("expected 2 dimensions"));
}

TEST(EpisodeStore, DamageOfAnOldFileNamesFileAndArray) {
  using testing::HasSubstr;
  EXPECT_THAT(old_complaint([](base::SafeTensors&) {}), "no error");
  EXPECT_THAT(old_complaint([](base::SafeTensors& c) { c.metadata["episodes"] = "3"; }),
              HasSubstr("3 episodes"));
  EXPECT_THAT(old_complaint([](base::SafeTensors& c) { c.metadata["episodes"] = "many"; }),
              HasSubstr("expected a number"));
  EXPECT_THAT(old_complaint([](base::SafeTensors& c) { c.metadata.erase("1/seed"); }),
              HasSubstr("'1/seed' is missing"));
  EXPECT_THAT(old_complaint([](base::SafeTensors& c) { c.metadata["1/end"] = ""; }), HasSubstr("1/end"));
  EXPECT_THAT(old_complaint([](base::SafeTensors& c) {
                c.tensors["0/rewards"] = base::make_tensor<float>(std::vector<float>(2), {2});
              }),
              HasSubstr("episode 0"));
  EXPECT_THAT(old_complaint([](base::SafeTensors& c) {
                c.tensors["0/signals"] = base::make_tensor<float>(std::vector<float>(2), {1, 2});
              }),
              HasSubstr("episode 0: episode: signals holds 2 numbers, expected 8"));
}

TEST(EpisodeStore, NumbersThatAreNotFiniteNameTheirPlace) {
  using testing::HasSubstr;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(complaint([&](base::SafeTensors& c) { put<float>(c, "observations", 12 + 4, nan); }),
              HasSubstr("episode 1: observations: row 1, column 1 is nan"));
  EXPECT_THAT(complaint([&](base::SafeTensors& c) { put<double>(c, "physics", 2, -1.0 / 0.0); }),
              HasSubstr("episode 0: physics: row 0, column 2 is infinite"));
  EXPECT_THAT(old_complaint([&](base::SafeTensors& c) { put<float>(c, "1/rewards", 2, nan); }),
              HasSubstr("episode 1: rewards: row 2, column 0 is nan"));
  Episode episode = numbered(0, 3);
  episode.actions[3] = nan;
  const base::TemporaryDirectory directory;
  EXPECT_THROW(save_episodes(directory.path() / "shard.safetensors", {episode}), std::logic_error);
}

TEST(EpisodeStore, RefusesWhatCannotBeAShard) {
  const base::TemporaryDirectory directory;
  const fs::path path = directory.path() / "shard.safetensors";
  Episode other = numbered(1, 2);
  other.task = "test/other";
  EXPECT_THROW(save_episodes(path, {}), std::logic_error);
  EXPECT_THROW(save_episodes(path, {numbered(0, 2), other}), std::logic_error);
  Episode broken = numbered(0, 2);
  broken.physics.pop_back();
  EXPECT_THROW(save_episodes(path, {broken}), std::logic_error);
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace reverie::contract
