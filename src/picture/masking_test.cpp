// Painting over against a video that FFmpeg's own program made and reads again.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <vonglau/picture/masking.hpp>

namespace vl::picture {
namespace {

namespace fs = std::filesystem;
constexpr int mask_width = 320;
constexpr int mask_height = 180;

Helper::Start painter(int (*work)(int)) {
  return [work](int pipe) -> Result<pid_t> {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work(pipe));
    return child;
  };
}

class Masks : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "vl-masks-XXXXXX").string();
    here_ = ::mkdtemp(pattern.data());
    if (!run("ffmpeg -version")) GTEST_SKIP() << "no ffmpeg program here";
    // Two seconds that are white all over, with sound.
    ASSERT_TRUE(
        run(fmt::format("ffmpeg -f lavfi -i color=white:s={}x{}:r=10:d=2 -f lavfi -i "
                        "sine=d=2 -c:v libx264 -pix_fmt yuv420p -c:a aac -shortest in.mp4",
                        mask_width, mask_height)));
    order_ = {here_ + "/in.mp4", here_ + "/out.mp4", {{500'000, 1'500'000, 250, 500, 250, 250}}};
  }
  void TearDown() override { fs::remove_all(here_); }
  bool run(const std::string& command) const {
    return std::system(  // NOLINT
               fmt::format("cd {} && {} < /dev/null > log 2>&1", here_, command).c_str()) == 0;
  }
  /// Brightness of each picture.
  std::vector<Bytes> pictures() const {
    EXPECT_TRUE(run("ffmpeg -i out.mp4 -f rawvideo -pix_fmt gray out.gray"));
    std::ifstream in(here_ + "/out.gray", std::ios::binary);
    std::vector<Bytes> out;
    Bytes one(mask_width * mask_height);
    while (in.read(reinterpret_cast<char*>(one.data()), mask_width * mask_height))
      out.push_back(one);
    return out;
  }
  static int at(const Bytes& picture, int x, int y) {
    return picture[static_cast<std::size_t>(y * mask_width + x)];
  }

  std::string here_;
  MaskOrder order_;
};

TEST_F(Masks, CoverTheirAreaForTheirTimeAndNothingElse) {
  const auto masked = mask_apart(painter(run_mask_helper), order_, [] { return true; });
  ASSERT_TRUE(masked) << masked.error().message;
  EXPECT_EQ(masked->width, static_cast<unsigned>(mask_width));
  EXPECT_EQ(masked->pictures, 20u);
  const auto all = pictures();
  ASSERT_EQ(all.size(), 20u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool covered = i >= 5 && i < 15;
    for (const auto& [x, y] : {std::pair{81, 91}, {120, 110}, {159, 134}})
      EXPECT_EQ(at(all[i], x, y) < 80, covered) << i << " at " << x << "," << y;
    for (const auto& [x, y] : {std::pair{60, 110}, {180, 110}, {120, 70}, {120, 150}})
      EXPECT_GT(at(all[i], x, y), 180) << i << " at " << x << "," << y;
  }
  EXPECT_FALSE(
      run("ffprobe -v error -select_streams a -show_entries stream=index -of csv=p=0 "
          "out.mp4 | grep -q ."))
      << "there is no sound in it";
}

TEST_F(Masks, AtTheEdgesAndBeyondStayInThePicture) {
  order_.areas = {{0, 10'000'000, 900, 900, 1000, 1000}, {0, 10'000'000, -50, -50, 100, 100}};
  ASSERT_TRUE(mask_video(order_, [] { return true; }));
  const auto all = pictures();
  ASSERT_EQ(all.size(), 20u);
  EXPECT_LT(at(all[3], mask_width - 1, mask_height - 1), 80);
  EXPECT_LT(at(all[3], 2, 2), 80);
  EXPECT_GT(at(all[3], 160, 90), 180);
}

TEST_F(Masks, ThatAreNotWantedAnyMoreLeaveNothing) {
  EXPECT_FALSE(mask_apart(painter(run_mask_helper), order_, [] { return false; }));
  EXPECT_FALSE(fs::exists(order_.to));
  order_.from = here_ + "/log";  // no video
  const auto masked = mask_apart(painter(run_mask_helper), order_, [] { return true; });
  ASSERT_FALSE(masked);
  EXPECT_EQ(masked.error().code, code_of(PictureError::not_masked));
  EXPECT_FALSE(fs::exists(order_.to));
}

TEST_F(Masks, APainterThatDiesOrHangsCostsThisCopyAlone) {
  EXPECT_EQ(mask_apart(painter([](int) { return 1; }), order_, [] { return true; }).error().code,
            code_of(PictureError::helper_gone));
  const auto hangs = [](int) {
    ::pause();
    return 0;
  };
  EXPECT_EQ(mask_apart(
                painter(hangs), order_, [] { return true; }, 400)
                .error()
                .code,
            code_of(PictureError::helper_gone));
}

}  // namespace
}  // namespace vl::picture
