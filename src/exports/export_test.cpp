#include <gtest/gtest.h>

#include <vonglau/exports/export.hpp>

namespace vl::exports {
namespace {

constexpr WallTime now{1'763'800'000'000'000};
constexpr std::int64_t hour_us = 3'600'000'000;

ExportRequested request() {
  ExportRequested out;
  out.cameras = {CameraId{{{1}}}, CameraId{{{2}}}};
  out.from_us = now.us - 2 * hour_us;
  out.to_us = now.us - hour_us;
  out.expires_us = now.us + 30 * 24 * hour_us;
  return out;
}

TEST(CaseNumber, IsShortAndPlain) {
  for (const auto* good : {"VA-2026/117", "117/HS-PC02", "Vụ án số 5", "a.1"})
    EXPECT_TRUE(check_case_number(good)) << good;
  for (const auto* bad : {"", "ab", " VA-1", "VA-1 ", "VA\n1", "<b>1", "/12",
                          "a number that is far too long to be one of a case"})
    EXPECT_FALSE(check_case_number(bad)) << bad;
}

TEST(ExportRequest, IsOfSomeCamerasOfAPastTimeForSomeDays) {
  EXPECT_TRUE(check_request(request(), now));
  auto bad = request();
  bad.cameras.clear();
  EXPECT_EQ(check_request(bad, now).error().field, "cameras");
  bad = request();
  bad.cameras.push_back(bad.cameras[0]);
  EXPECT_EQ(check_request(bad, now).error().field, "cameras");
  bad = request();
  bad.to_us = now.us + 1;
  EXPECT_EQ(check_request(bad, now).error().field, "to_us");
  bad = request();
  bad.from_us = bad.to_us;
  EXPECT_EQ(check_request(bad, now).error().field, "to_us");
  bad = request();
  bad.from_us = bad.to_us - 25 * hour_us;
  EXPECT_EQ(check_request(bad, now).error().field, "to_us");
  bad = request();
  bad.expires_us = now.us;
  EXPECT_EQ(check_request(bad, now).error().field, "keep_days");
  bad.expires_us = now.us + 731 * 24 * hour_us;
  EXPECT_EQ(check_request(bad, now).error().field, "keep_days");
}

TEST(Export, IsDecidedOnceAndByASecondPerson) {
  const PersonId asker{{{1}}};
  const PersonId second{{{2}}};
  Export asked;
  EXPECT_EQ(may_decide(asked, second).error().code, code_of(ExportError::not_found));
  asked.exists = true;
  asked.state = ExportState::requested;
  asked.requested_by = asker;
  EXPECT_EQ(may_decide(asked, asker).error().code, code_of(ExportError::same_person));
  EXPECT_TRUE(may_decide(asked, second));
  EXPECT_TRUE(may_withdraw(asked, asker));
  EXPECT_EQ(may_withdraw(asked, second).error().code, code_of(ExportError::not_yours));
  asked.state = ExportState::approved;
  EXPECT_EQ(may_decide(asked, second).error().code, code_of(ExportError::not_requested));
  EXPECT_FALSE(may_download(asked));
  asked.state = ExportState::ready;
  EXPECT_TRUE(may_download(asked));
  EXPECT_TRUE(asked.is_live());
  for (const auto over :
       {ExportState::refused, ExportState::withdrawn, ExportState::failed, ExportState::expired}) {
    asked.state = over;
    EXPECT_FALSE(asked.is_live());
    EXPECT_FALSE(may_download(asked));
  }
}

}  // namespace
}  // namespace vl::exports
