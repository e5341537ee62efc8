// Disks as a recorder tells of them, over a store whose figures are given.
#include "storage_reports.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <vonglau/recording/disk.hpp>

#include "export_fixture.hpp"

namespace vl::recorder {
namespace {

TEST(StorageReports, TellWhatARealStoreHoldsHowFastItGrowsAndWhatTheLastCheckFound) {
  std::string pattern = (std::filesystem::temp_directory_path() / "vl-storage-XXXXXX").string();
  const std::string folder = ::mkdtemp(pattern.data());
  ManualClock clock;
  SystemIdSource ids(clock);
  recording::StoreObserver quiet;
  const auto disk = recording::posix_disk();
  recording::StoreOptions options;
  options.folder = folder + "/a";
  options.extent_bytes = 8 << 20;
  options.disks = {{.folder = folder + "/a", .reserve_bytes = 0},
                   {.folder = folder + "/b", .reserve_bytes = 1ULL << 60}};
  const auto store = recording::open_fragment_store(options, *disk, clock, ids, quiet);
  ASSERT_TRUE(store) << store.error().message;
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE((*store)->append(testing::half_second(1, testing::start_us + i * 500'000)));
  ASSERT_TRUE((*store)->sync());
  StorageReports reports(**store, options.folder, 30, clock);
  ASSERT_TRUE(reports.due());
  auto now = reports.look(1'000);
  EXPECT_FALSE(reports.due());
  ASSERT_EQ(now.disks.size(), 2u);
  EXPECT_EQ(now.disks[0].folder, folder + "/a");
  EXPECT_EQ(now.disks[0].state, "fine");
  EXPECT_EQ(now.disks[1].state, "full") << "nothing but its reserve is left";
  EXPECT_GE(now.disks[0].room_bytes, 3 * (8 << 20)) << "three extents at least";
  EXPECT_FALSE(now.disks[0].is_slow);
  EXPECT_GT(now.disks[0].stored_bytes + now.disks[1].stored_bytes, 60'000);
  EXPECT_EQ(now.retention_days, 30);
  EXPECT_EQ(now.bytes_a_day, 0) << "nothing is known of one moment";
  EXPECT_FALSE(now.check);
  clock.advance_us(60'000'000);
  ASSERT_TRUE(reports.due());
  std::ofstream(options.folder + "/" + last_check_file)
      << R"({"at_us":77,"ok":false,"content":true,"fragments":20,"problems":3})";
  now = reports.look(2'000);
  EXPECT_EQ(now.bytes_a_day, 1'000 * 24 * 60);
  ASSERT_TRUE(now.check);
  EXPECT_EQ(now.check->problems, 3);
  std::ofstream(options.folder + "/" + last_check_file) << "rubbish";
  EXPECT_FALSE(reports.look(2'000).check);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace vl::recorder
