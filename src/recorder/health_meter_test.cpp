#include "health_meter.hpp"

#include <gtest/gtest.h>

namespace vl::recorder {
namespace {

constexpr std::int64_t one_second_us = 1'000'000;

/// A camera of 25 pictures and 250 packets of 1,000 bytes a second.
class MeteredStream {
 public:
  void run(double seconds, double loss = 0, double key_every_s = 2) {
    for (double t = 0; t < seconds; t += 0.04) {
      now_us_ += 40'000;
      reading_.samples += 1;
      since_key_s_ += 0.04;
      if (since_key_s_ >= key_every_s - 1e-9) {
        since_key_s_ = 0;
        ++reading_.key_samples;
      }
      lost_ += 10 * loss;
      reading_.lost = static_cast<std::uint64_t>(lost_);
      reading_.packets += 10;
      reading_.bytes += 10'000;
      meter.add({now_us_}, reading_);
    }
  }
  void wait(double seconds) {
    for (double t = 0; t < seconds; t += 0.2) {
      now_us_ += 200'000;
      meter.add({now_us_}, reading_);
    }
  }
  node::CameraHealth health() const { return meter.health({}); }

  HealthMeter meter;
  HealthReading reading_{.streams = true};

 private:
  std::int64_t now_us_ = 1'000'000'000'000;
  double since_key_s_ = 0;
  double lost_ = 0;
};

TEST(HealthMeter, measures_what_a_stream_does) {
  MeteredStream stream;
  stream.reading_.clock_offset_us = -1'234'567;
  stream.run(90);
  const auto health = stream.health();
  EXPECT_TRUE(health.streams);
  EXPECT_NEAR(health.bit_rate_kbps, 2'000, 20);
  EXPECT_NEAR(health.frame_rate_mhz, 25'000, 250);
  EXPECT_EQ(health.lost_ppm, 0);
  EXPECT_NEAR(*health.key_interval_ms, 2'000, 100);
  EXPECT_EQ(health.clock_offset_ms, -1'234);
}

TEST(HealthMeter, measures_long_key_intervals_too) {
  for (const double every_s : {1.0, 4.0, 8.0, 12.0}) {
    MeteredStream stream;
    stream.run(120, 0, every_s);
    EXPECT_NEAR(static_cast<double>(*stream.health().key_interval_ms), every_s * 1'000,
                every_s * 60)
        << every_s;
  }
  MeteredStream rare;
  rare.run(50, 0, 40);
  EXPECT_FALSE(rare.health().key_interval_ms) << "one key picture has no interval";
}

TEST(HealthMeter, counts_the_lost_against_all_that_were_sent) {
  MeteredStream stream;
  stream.run(100, 0.25);
  EXPECT_NEAR(static_cast<double>(stream.health().lost_ppm), 200'000, 2'000);
  stream.run(70);
  EXPECT_EQ(stream.health().lost_ppm, 0) << "a loss is forgotten with its window";
}

TEST(HealthMeter, sees_a_stream_that_stands_still_as_no_pictures_at_once) {
  MeteredStream stream;
  stream.run(60);
  stream.wait(14);
  EXPECT_EQ(stream.health().frame_rate_mhz, 0);
  EXPECT_EQ(stream.health().bit_rate_kbps, 0);
}

TEST(HealthMeter, begins_anew_with_a_new_connection) {
  MeteredStream stream;
  stream.run(60, 0.5);
  stream.reading_ = {.streams = false};
  stream.wait(4);
  EXPECT_EQ(stream.health().frame_rate_mhz, 0);
  EXPECT_FALSE(stream.health().key_interval_ms);
  stream.reading_ = {.streams = true};
  stream.wait(2.2);
  EXPECT_EQ(stream.health().lost_ppm, 0);
}

TEST(HealthNews, is_what_changes_and_not_what_wavers) {
  MeteredStream stream;
  stream.run(60);
  const auto told = stream.health();
  auto now = told;
  now.bit_rate_kbps = told.bit_rate_kbps * 11 / 10;
  EXPECT_FALSE(is_news(told, now));
  now.bit_rate_kbps = told.bit_rate_kbps * 2;
  EXPECT_TRUE(is_news(told, now));
  now = told;
  now.lost_ppm = 5;
  EXPECT_TRUE(is_news(told, now));
  now = told;
  now.clock_offset_ms = 30;
  EXPECT_TRUE(is_news(told, now)) << "it was not known before";
  now = told;
  now.streams = false;
  EXPECT_TRUE(is_news(told, now));
}

static_assert(one_second_us * 2 == HealthMeter::step_us);
static_assert(sizeof(HealthMeter) < 2'048);

}  // namespace
}  // namespace vl::recorder
