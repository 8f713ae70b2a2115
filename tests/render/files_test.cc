#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "base/error.h"
#include "render/video_writer.h"
#include "tests/render/fixture.h"

namespace reverie::render {
namespace {

Image gradient(int width, int height, int shift) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.rgb.push_back(static_cast<uint8_t>(x + shift));
      image.rgb.push_back(static_cast<uint8_t>(2 * y));
      image.rgb.push_back(static_cast<uint8_t>(x * y));
    }
  }
  return image;
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 256> buffer;
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) text += buffer.data();
  pclose(pipe);
  return text;
}

TEST(Png, RoundTrip) {
  const base::TemporaryDirectory folder;
  const Image image = gradient(37, 21, 5);
  write_png(folder.path() / "a.png", image);
  const Image back = read_png(folder.path() / "a.png");
  EXPECT_EQ(back.width, 37);
  EXPECT_EQ(back.height, 21);
  EXPECT_EQ(back.rgb, image.rgb);
}

TEST(Png, FlipMovesRows) {
  Image image = gradient(5, 3, 0);
  const Image before = image;
  flip_rows(image);
  for (int x = 0; x < 5; ++x) {
    for (int y = 0; y < 3; ++y)
      EXPECT_THAT(image.pixel(x, y), ::testing::ElementsAreArray(before.pixel(x, 2 - y)));
  }
}

TEST(Png, BadFilesAreTheUsersInput) {
  const base::TemporaryDirectory folder;
  EXPECT_THROW(write_png(folder.path() / "missing" / "a.png", gradient(4, 4, 0)), base::UserError);
  EXPECT_THROW(read_png(folder.path() / "none.png"), base::UserError);
  std::ofstream(folder.path() / "text.png") << "this is no picture";
  EXPECT_THROW(read_png(folder.path() / "text.png"), base::UserError);
}

TEST(Video, HoldsEveryFrameAtItsRate) {
  if (output_of("command -v ffprobe").empty()) GTEST_SKIP() << "ffprobe is not installed";
  const base::TemporaryDirectory folder;
  const auto path = folder.path() / "v.mp4";
  VideoWriter video(path, 65, 48, 25.0);
  for (int i = 0; i < 12; ++i) video.write(gradient(65, 48, 10 * i));
  EXPECT_FALSE(std::filesystem::exists(path));
  video.finish();
  EXPECT_EQ(output_of("ffprobe -v error -count_frames -select_streams v:0 -show_entries "
                      "stream=codec_name,width,height,pix_fmt,r_frame_rate,nb_read_frames -of csv=p=0 " +
                      path.string()),
            "h264,66,48,yuv420p,25/1,12\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Video, AbandonedWriterLeavesNothing) {
  const base::TemporaryDirectory folder;
  {
    VideoWriter video(folder.path() / "v.mp4", 64, 48, 25.0);
    video.write(gradient(64, 48, 0));
    EXPECT_THROW(video.write(gradient(64, 50, 0)), std::invalid_argument);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Video, ErrorsNameTheCause) {
  const base::TemporaryDirectory folder;
  const auto path = folder.path() / "v.mp4";
  EXPECT_THAT([&] { VideoWriter(path, 64, 48, 25.0, "no-such-encoder"); },
              ::testing::ThrowsMessage<base::UserError>(::testing::HasSubstr("no-such-encoder")));
  EXPECT_THROW(VideoWriter(folder.path() / "missing" / "v.mp4", 64, 48, 25.0), base::UserError);
  EXPECT_THROW(VideoWriter(path, 0, 48, 25.0), base::UserError);
  // A program that gives up at once: writing must report it, not kill the process.
  EXPECT_THROW(
      {
        VideoWriter video(path, 64, 48, 25.0, "false");
        for (int i = 0; i < 100; ++i) video.write(gradient(64, 48, i));
        video.finish();
      },
      std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace reverie::render
