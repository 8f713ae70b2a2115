// Mutated files of data: read whole or refused by one line, whatever their bytes.
// Each starts from the files of tests/fuzz/corpus and from a sound file.
#include <gtest/gtest.h>

#include <fstream>

#include "base/fields.h"
#include "base/safetensors.h"
#include "base/temporary_directory.h"
#include "evaluation/report_file.h"
#include "tests/fuzz/formats.h"

namespace reverie::fuzz {
namespace {

TEST(Fuzz, TensorFilesReadOrFailClearly) {
  const base::TemporaryDirectory folder;
  const std::string path = (folder.path() / "sound.safetensors").string();
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  base::SafeTensors sound;
  sound.tensors["a"] = base::make_tensor<float>(values, {2, 3});
  sound.tensors["b"] = base::make_tensor<float>(values, {6});
  sound.metadata["format"] = "x";
  base::save_safetensors(path, sound);
  fuzz("safetensors", {base::read_file(path)}, kJsonWords, 12, 3000, [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    base::load_safetensors(path);
  });
}

struct Settings {
  int64_t count = 1;
  double rate = 0.1;
  bool on = false;
  std::string device = "cpu";
};

TEST(Fuzz, SettingsReadOrFailClearly) {
  const std::string sound =
      "# settings\ncount = 3\ndevice = \"cuda:1\"\n\n[learner]\nrate = 1e-3\non = true\n";
  fuzz("toml", {sound},
       {"[", "]", "=", "\"", "'''", "\"\"\"", "\n", "[[", "{", "}", "inf", "nan", "0x", "\\u", "1979-05-27",
        ".", "\xff"},
       14, 5000, [&](const std::string& text) {
         Settings settings;
         base::load_toml({{"count", &settings.count, "", base::from_to(0, 10)},
                          {"device", &settings.device, "", base::one_of({"cpu", "cuda:N"})},
                          {"learner.rate", &settings.rate, ""},
                          {"learner.on", &settings.on, ""}},
                         text, "settings.toml");
       });
}

TEST(Fuzz, ReportsReadOrFailClearly) {
  const base::TemporaryDirectory folder;
  const std::string path = (folder.path() / "report.json").string();
  const std::string sound =
      R"({"schema":3,"run":"runs/a","checkpoint":"000000100","think":"0","weights_hash":"0","seed":1,"episodes":2,)"
      R"("sections":{"returns":{"points":{"returns":{"starts":[{"id":"returns-0","set":"on_policy","episode":4,)"
      R"("step":0,"state":"f00"},{"id":"returns-1","set":"pushed","episode":5,"step":3,"state":"f01"}]}}}}})";
  fuzz("report", {sound}, kJsonWords, 15, 5000, [&](const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    evaluation::point_of_report(path, "returns-1");
  });
}

}  // namespace
}  // namespace reverie::fuzz
