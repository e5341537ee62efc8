// `vonglau recordings check` on a real recorder's folder.
#include "recordings.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include <vonglau/base/clock.hpp>
#include <vonglau/media/sample.hpp>

#include "subcommands.hpp"

namespace vl::app {
namespace {

namespace fs = std::filesystem;
using namespace recording;

class Recordings : public ::testing::Test {
 protected:
  Recordings() {
    std::string pattern = (fs::temp_directory_path() / "vonglau-recordings-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    config_.folders.footage = folder_ + "/footage";
    config_.limits.footage_gib = 1;
    config_.limits.journal_reserve_mib = 64;
  }
  ~Recordings() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  std::unique_ptr<FragmentStore> open() {
    auto store = open_fragment_store(footage_options(config_), *disk_, clock_, ids_, observer_);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }
  /// A second each, of one camera.
  void record(int fragments) {
    const auto store = open();
    auto sample = std::make_shared<media::Sample>();
    sample->bytes = Bytes(20'000, 7);
    sample->is_key = true;
    sample->format = std::make_shared<const media::TrackFormat>(
        media::TrackFormat{.codec = media::Codec::h264, .width = 64, .height = 64});
    const auto from_us = clock_.wall().us - fragments * 1'000'000LL;
    for (int i = 0; i < fragments; ++i) {
      NewFragment one{{CameraId{Uuid{{9}}}, StreamKind::main},
                      1,
                      from_us + i * 1'000'000LL,
                      from_us + (i + 1) * 1'000'000LL,
                      {sample}};
      ASSERT_TRUE(store->append(one));
      ASSERT_TRUE(store->sync());
    }
  }
  int check(const RecordingsCheckOptions& options) {
    char* text = nullptr;
    std::size_t bytes = 0;
    std::FILE* out = ::open_memstream(&text, &bytes);
    const int code = recordings_check(config_, options, out);
    std::fclose(out);
    said_ = std::string(text, bytes);
    std::free(text);
    return code;
  }
  std::string extent() const { return config_.folders.footage + "/log-2/000000.vle"; }

  std::string folder_;
  Config config_;
  SystemClock clock_;
  SystemIdSource ids_{clock_};
  StoreObserver observer_;
  std::unique_ptr<Disk> disk_ = posix_disk();
  std::string said_;
};

TEST_F(Recordings, SaysThatAllIsWell) {
  record(10);
  EXPECT_EQ(check({}), exit_ok) << said_;
  EXPECT_NE(said_.find("fragments  10,"), std::string::npos) << said_;
  EXPECT_EQ(check({.content = true, .json = true}), exit_ok);
  EXPECT_NE(said_.find(R"("ok":true)"), std::string::npos) << said_;
}

TEST_F(Recordings, IsRefusedWhileARecorderRunsAndWhereNoneWas) {
  EXPECT_EQ(check({}), exit_failed);
  record(1);
  const auto running = open();
  EXPECT_EQ(check({}), exit_failed);
  EXPECT_EQ(check({.rebuild_index = true}), exit_failed);
  EXPECT_TRUE(fs::exists(config_.folders.footage + "/footage.db"));
}

TEST_F(Recordings, GivesUpWhatCannotBeReadWhenAskedTo) {
  record(30);
  (void)open();                        // and now the index has all of it
  fs::resize_file(extent(), 400'000);  // the second half of it
  EXPECT_EQ(check({}), exit_problems);
  EXPECT_NE(said_.find("PROBLEM"), std::string::npos) << said_;
  EXPECT_EQ(check({.repair = true}), exit_problems);
  EXPECT_NE(said_.find("no longer looked for"), std::string::npos) << said_;
  const auto store = open();
  const auto gaps = store->gaps(store->streams().front(), 0, clock_.wall().us);
  ASSERT_TRUE(gaps);
  EXPECT_FALSE(gaps->empty());
}

TEST_F(Recordings, SaysThatAnArchiveWasNotLookedAt) {
  record(10);
  config_.archive.endpoint = "http://127.0.0.1:1";
  config_.archive.bucket = "footage";
  config_.archive.folder = folder_ + "/archive";
  config_.archive.credentials_file = folder_ + "/nothing";
  EXPECT_EQ(footage_options(config_).disks.size(), 2u);
  EXPECT_EQ(check({}), exit_problems);
  EXPECT_NE(said_.find("unreachable"), std::string::npos) << said_;
  EXPECT_NE(said_.find("write the archive's key into it"), std::string::npos) << said_;
  EXPECT_NE(said_.find("fragments  10,"), std::string::npos) << said_;
}

TEST_F(Recordings, MakesALostIndexAgain) {
  record(10);
  fs::remove(config_.folders.footage + "/footage.db");
  EXPECT_EQ(check({.content = true, .rebuild_index = true}), exit_ok) << said_;
  EXPECT_NE(said_.find("fragments  10,"), std::string::npos) << said_;
}

}  // namespace
}  // namespace vl::app
