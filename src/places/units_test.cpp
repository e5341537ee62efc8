#include <set>

#include <gtest/gtest.h>

#include <vonglau/places/units.hpp>

namespace vl::places {
namespace {

Date day(std::string_view text) {
  return parse_date(text).value();
}

int count(const UnitRegister& units, std::string_view on, UnitKind kind) {
  int n = 0;
  for (const auto* unit : units.on(day(on))) n += unit->kind == kind;
  return n;
}

std::set<std::string> names(const std::vector<const AdministrativeUnit*>& units) {
  std::set<std::string> out;
  for (const auto* unit : units) out.insert(unit->full_name);
  return out;
}

class Units : public testing::Test {
 protected:
  const UnitRegister units_ = UnitRegister::bac_ninh();
};

TEST_F(Units, SinceJuly2025ThereAre66CommunesAnd33WardsInOneProvinceAndNoDistricts) {
  EXPECT_EQ(count(units_, "2025-07-01", UnitKind::commune), 66);
  EXPECT_EQ(count(units_, "2025-07-01", UnitKind::ward), 33);
  EXPECT_EQ(count(units_, "2025-07-01", UnitKind::province), 1);
  EXPECT_EQ(count(units_, "2025-07-01", UnitKind::district), 0);
  EXPECT_EQ(count(units_, "2025-07-01", UnitKind::township), 0);
}

TEST_F(Units, TheAreasOfTheUnitsMakeUpTheProvince) {
  EXPECT_NEAR(units_.find("24", day("2026-01-01"))->area_km2.value(), 4718.6, 0.1);
  EXPECT_NEAR(units_.find("24", day("2025-01-01"))->area_km2.value(), 3895.9, 0.1);
  EXPECT_NEAR(units_.find("27", day("2025-01-01"))->area_km2.value(), 822.7, 0.1);
}

TEST_F(Units, OnAnyDayOf2023OldBacGiangHasItsTenDistrictsAndOldBacNinhItsEight) {
  for (const auto* on : {"2023-01-01", "2023-04-10", "2023-12-31"}) {
    int giang = 0;
    int ninh = 0;
    for (const auto* unit : units_.on(day(on))) {
      if (unit->kind != UnitKind::district) continue;
      (unit->parent_code == "24" ? giang : ninh) += 1;
    }
    EXPECT_EQ(giang, 10) << on;
    EXPECT_EQ(ninh, 8) << on;
  }
  EXPECT_NE(units_.find("221", day("2023-06-30")), nullptr);  // Yen Dung
}

TEST_F(Units, OnTheLastDayOfDistrictsThereAre316CommunesWardsAndTownships) {
  EXPECT_EQ(count(units_, "2025-06-30", UnitKind::commune) +
                count(units_, "2025-06-30", UnitKind::ward) +
                count(units_, "2025-06-30", UnitKind::township),
            316);
  EXPECT_EQ(count(units_, "2025-06-30", UnitKind::district), 18);
}

TEST_F(Units, ACodeGivenAgainNamesAnotherUnitAfterTheReform) {
  EXPECT_EQ(units_.find("24", day("2025-06-30"))->full_name, "Tỉnh Bắc Giang");
  EXPECT_EQ(units_.find("24", day("2025-07-01"))->full_name, "Tỉnh Bắc Ninh");
  EXPECT_EQ(units_.find("07210", day("2025-06-30"))->full_name, "Phường Hoàng Văn Thụ");
  EXPECT_EQ(units_.find("07210", day("2025-07-01"))->full_name, "Phường Bắc Giang");
  EXPECT_EQ(units_.find_current("07210")->full_name, "Phường Bắc Giang");
  EXPECT_EQ(units_.find("27", day("2025-07-01")), nullptr);
}

TEST_F(Units, AnOldCommuneLeadsToTheUnitIntoWhichItWent) {
  const auto* township = units_.find("07444", day("2025-03-01"));
  ASSERT_NE(township, nullptr);
  EXPECT_EQ(township->full_name, "Thị trấn Đồi Ngô");
  EXPECT_EQ(township->kind, UnitKind::township);
  EXPECT_EQ(names(units_.successors(*township)), std::set<std::string>{"Xã Lục Nam"});
}

TEST_F(Units, AnOldDistrictLeadsToAllUnitsThatTookAPartOfIt) {
  const auto* tan_yen = units_.find("216", day("2023-06-30"));
  EXPECT_EQ(names(units_.successors(*tan_yen)),
            (std::set<std::string>{"Xã Nhã Nam", "Xã Phúc Hoà", "Xã Quang Trung", "Xã Tân Yên",
                                   "Xã Ngọc Thiện", "Phường Đa Mai"}));
}

TEST_F(Units, ADistrictThatEndedBeforeTheReformIsFollowedThroughItsSuccessors) {
  const auto* luc_ngan = units_.find("219", day("2023-06-30"));
  EXPECT_EQ(names(units_.successors(*luc_ngan)),
            (std::set<std::string>{"Huyện Lục Ngạn", "Thị xã Chũ"}));
  const auto present = names(units_.present_units(*luc_ngan));
  EXPECT_TRUE(present.contains("Phường Chũ"));
  EXPECT_TRUE(present.contains("Xã Sa Lý"));
  EXPECT_FALSE(present.contains("Xã Sơn Động"));
}

TEST_F(Units, EveryUnitThatEndedHasSuccessorsThatBeginTheNextDay) {
  for (const auto& unit : units_.all()) {
    EXPECT_EQ(unit.successor_codes.empty(), !unit.valid_to.has_value()) << unit.code;
    EXPECT_EQ(units_.successors(unit).size(), unit.successor_codes.size()) << unit.code;
    EXPECT_FALSE(units_.present_units(unit).empty()) << unit.code;
    EXPECT_TRUE(is_valid(unit.centre));
    if (!unit.parent_code.empty())
      EXPECT_NE(units_.find(unit.parent_code, unit.valid_to.value_or(day("2026-01-01"))), nullptr)
          << unit.code;
  }
}

TEST_F(Units, EveryUnitOfTodayHasPredecessors) {
  std::size_t sum = 0;
  for (const auto* unit : units_.on(day("2026-01-01"))) {
    const auto before = units_.predecessors(*unit);
    EXPECT_FALSE(before.empty()) << unit->full_name;
    for (const auto* old : before)
      sum += old->kind != UnitKind::district && old->kind != UnitKind::province;
  }
  EXPECT_EQ(sum, 316U);
}

TEST(Dates, ADayThatDoesNotExistIsRefused) {
  EXPECT_EQ(text_of(day("2024-02-29")), "2024-02-29");
  for (const auto* bad : {"", "2025-02-29", "2025-13-01", "2025-7-01", "2025/07/01", "2025-07-01T",
                          "20a5-07-01", "-025-07-01"})
    EXPECT_FALSE(parse_date(bad)) << bad;
}

}  // namespace
}  // namespace vl::places
