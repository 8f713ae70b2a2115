#include "base/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace reverie::base {
namespace {

struct Config {
  bool fast = true;
  int64_t seed = 1;
  double rate = 1e-3;
  std::string device = "auto";
  std::string note;
  int64_t latent_dim = 64;
  double rho = 0.5;
};

std::vector<Field> fields(Config& c) {
  return {{"fast", &c.fast, "skip checks"},
          {"seed", &c.seed, "key of every draw"},
          {"model.latent_dim", &c.latent_dim, "latent size"},
          {"rate", &c.rate, "learning rate"},
          {"model.rho", &c.rho, ""},
          {"device", &c.device, "where tensors live", one_of({"auto", "cpu", "cuda", "cuda:N"})},
          {"note", &c.note, ""}};
}

template <typename F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Fields, SetsEveryTypeFromText) {
  Config c;
  const auto list = fields(c);
  apply_override(list, "fast=false");
  apply_override(list, "seed=-12");
  apply_override(list, "rate=3");
  apply_override(list, "device=cpu");
  apply_override(list, "note=a = b");
  apply_override(list, "model.rho=2.5e-1");
  EXPECT_FALSE(c.fast);
  EXPECT_EQ(c.seed, -12);
  EXPECT_EQ(c.rate, 3.0);
  EXPECT_EQ(c.device, "cpu");
  EXPECT_EQ(c.note, "a = b");
  EXPECT_EQ(c.rho, 0.25);
}

TEST(Fields, SaysWhatWasExpected) {
  Config c;
  const auto list = fields(c);
  EXPECT_EQ(message_of([&] { apply_override(list, "sed=3"); }), "unknown key 'sed' (did you mean 'seed'?)");
  EXPECT_EQ(message_of([&] { apply_override(list, "seed=3.5"); }), "seed: expected an integer, found '3.5'");
  EXPECT_EQ(message_of([&] { apply_override(list, "seed="); }), "seed: expected an integer, found ''");
  EXPECT_EQ(message_of([&] { apply_override(list, "seed=99999999999999999999"); }),
            "seed: expected an integer, found '99999999999999999999'");
  EXPECT_EQ(message_of([&] { apply_override(list, "rate=fast"); }), "rate: expected a number, found 'fast'");
  EXPECT_EQ(message_of([&] { apply_override(list, "fast=1"); }), "fast: expected true or false, found '1'");
  EXPECT_EQ(message_of([&] { apply_override(list, "device=cud"); }),
            "device: expected one of auto, cpu, cuda, cuda:N, found 'cud' (did you mean 'cuda'?)");
  EXPECT_EQ(message_of([&] { apply_override(list, "seed"); }), "'seed': expected key=value");
  EXPECT_EQ(c.seed, 1);
  EXPECT_EQ(c.device, "auto");
}

TEST(Fields, DumpsTablesInOrderAndReadsThemBack) {
  Config c;
  c.rate = 0.1;
  c.note = "a \"quoted\" \\ line\nnext \x01";
  EXPECT_EQ(dump_toml(fields(c), false),
            "fast = true\nseed = 1\nrate = 0.1\ndevice = \"auto\"\n"
            "note = \"a \\\"quoted\\\" \\\\ line\\nnext \\u0001\"\n"
            "\n[model]\nlatent_dim = 64\nrho = 0.5\n");
  c.seed = std::numeric_limits<int64_t>::min();
  c.rho = std::nextafter(1.0 / 3.0, 1.0);
  c.fast = false;
  for (const bool with_help : {false, true}) {
    Config read;
    load_toml(fields(read), dump_toml(fields(c), with_help), "config.toml");
    EXPECT_EQ(read.fast, c.fast);
    EXPECT_EQ(read.seed, c.seed);
    EXPECT_EQ(read.rate, c.rate);
    EXPECT_EQ(read.note, c.note);
    EXPECT_EQ(read.rho, c.rho);
  }
}

TEST(Fields, DoublesKeepTheirTypeAndBits) {
  Config c;
  const Field rate = fields(c)[3];
  for (const double value : {1.0, 1e22, 1e-3, -0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2}) {
    c.rate = value;
    const std::string text = to_toml(rate);
    EXPECT_TRUE(text.find_first_of(".e") != std::string::npos) << text;
    Config read;
    load_toml(fields(read), "rate = " + text, "x");
    EXPECT_EQ(std::signbit(read.rate), std::signbit(value));
    EXPECT_EQ(read.rate, value) << text;
  }
  c.rate = std::numeric_limits<double>::infinity();
  EXPECT_EQ(to_toml(rate), "inf");
}

struct Ranges {
  int64_t envs = 1;
  double share = 0.5, temperature = 1.0, split = 1.0, any = 0.0;
};

std::vector<Field> fields(Ranges& r) {
  return with_prefix("r.", {{"envs", &r.envs, "stepped together", at_least(1)},
                            {"share", &r.share, "of all", from_to(0, 1)},
                            {"temperature", &r.temperature, "of weights", above(0)},
                            {"split", &r.split, "of samples", above_up_to(0, 1)},
                            {"any", &r.any, "offset"}});
}

TEST(Fields, ARangeIsCheckedWhereverAValueComesFrom) {
  Ranges r;
  const auto list = fields(r);
  const std::pair<const char*, const char*> wrong[] = {
      {"r.envs=0", "r.envs: expected at least 1, found 0"},
      {"r.share=1.5", "r.share: expected a value from 0 to 1, found 1.5"},
      {"r.share=nan", "r.share: expected a value from 0 to 1, found nan"},
      {"r.temperature=0", "r.temperature: expected above 0, found 0"},
      {"r.split=0", "r.split: expected a value above 0 and at most 1, found 0"},
      {"r.temperature=inf", "r.temperature: expected a finite number, found inf"},
      {"r.any=-inf", "r.any: expected a finite number, found -inf"},
      {"r.any=nan", "r.any: expected a finite number, found nan"}};
  for (const auto& [word, error] : wrong) EXPECT_EQ(message_of([&] { apply_override(list, word); }), error);
  EXPECT_EQ(message_of([&] { load_toml(list, "[r]\nenvs = 0\n", "x"); }),
            "x:2:1: r.envs: expected at least 1, found 0");
  EXPECT_NO_THROW(check_fields(list));  // what was refused has changed nothing
  for (const char* word : {"r.envs=1", "r.share=0", "r.share=1", "r.split=1", "r.any=-1e300"})
    EXPECT_NO_THROW(apply_override(list, word)) << word;
  r.share = -0.5;
  EXPECT_EQ(message_of([&] { check_fields(list); }), "r.share: expected a value from 0 to 1, found -0.5");
}

TEST(Fields, HelpShowsWhatIsAllowed) {
  Ranges r;
  EXPECT_EQ(dump_toml(fields(r), true),
            "[r]\n"
            "envs = 1  # stepped together [at least 1]\n"
            "share = 0.5  # of all [from 0 to 1]\n"
            "temperature = 1.0  # of weights [above 0]\n"
            "split = 1.0  # of samples [above 0 and at most 1]\n"
            "any = 0.0  # offset\n");
}

TEST(Fields, AChoiceMayEndInANumber) {
  Config c;
  const auto list = fields(c);
  apply_override(list, "device=cuda:12");
  EXPECT_EQ(c.device, "cuda:12");
  for (const char* word : {"device=cuda:", "device=cuda:N", "device=cuda:1x", "device=cpu:1"})
    EXPECT_THROW(apply_override(list, word), UserError) << word;
}

TEST(Fields, TomlTakesIntegersForNumbersOnly) {
  Config c;
  load_toml(fields(c), "rate = 2\n[model]\nlatent_dim = 0x20\n", "x");
  EXPECT_EQ(c.rate, 2.0);
  EXPECT_EQ(c.latent_dim, 32);
  EXPECT_EQ(message_of([&] { load_toml(fields(c), "seed = 2.0", "x"); }),
            "x:1:1: seed: expected an integer, found floating-point");
}

TEST(Fields, TomlErrorsCarryTheirPlace) {
  Config c;
  const auto load = [&](const char* text) {
    return message_of([&] { load_toml(fields(c), text, "run.toml"); });
  };
  EXPECT_EQ(load("fast = true\n  sede = 3\n"), "run.toml:2:3: unknown key 'sede' (did you mean 'seed'?)");
  EXPECT_EQ(load("[model]\nlatent = 3\nhidden = 4\n"),
            "run.toml:2:1: unknown key 'model.latent' (did you mean 'model.latent_dim'?)");
  EXPECT_EQ(load("[modle]\nrho = 3.0\n"), "run.toml:1:2: unknown key 'modle' (did you mean 'model'?)");
  EXPECT_EQ(load("seed = \"x\"\n"), "run.toml:1:1: seed: expected an integer, found string");
  EXPECT_EQ(
      load("\ndevice = \"gpu\"\n"),
      "run.toml:2:1: device: expected one of auto, cpu, cuda, cuda:N, found 'gpu' (did you mean 'cpu'?)");
  EXPECT_THAT(load("seed = = 3\n"), testing::StartsWith("run.toml:1:"));
  EXPECT_EQ(load("model = 3\n"), "run.toml:1:1: model: expected a table, found integer");
}

}  // namespace
}  // namespace reverie::base
