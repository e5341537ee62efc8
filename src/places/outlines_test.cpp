#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <vonglau/places/gazetteer.hpp>

#include "demonstration_places.hpp"
#include "plane.hpp"
#include "rings.hpp"

namespace vl::places {
namespace {

const Gazetteer& demonstration() {
  return *demonstration_gazetteer();
}

// A ring drawn as letters: corners in alphabetical order, closed.
Ring ring(std::initializer_list<const char*> rows) {
  std::map<char, LatLon> corners;
  double lat = 21.3;
  for (const char* row : rows) {
    for (int column = 0; row[column] != '\0'; ++column)
      if (row[column] != ' ') corners[row[column]] = {lat, 106.2 + column * 0.01};
    lat -= 0.01;
  }
  Ring out;
  for (const auto& [letter, point] : corners) out.push_back(point);
  out.push_back(out.front());
  return out;
}

TEST(GeneratedOutlines, ThereIsOneForEveryUnitAndOneForTheProvince) {
  const auto& outlines = demonstration().outlines();
  EXPECT_EQ(outlines.units.size(), 100U);
  std::set<std::string> codes;
  for (const auto& outline : outlines.units) {
    codes.insert(outline.code);
    EXPECT_TRUE(outline.generated);
    ASSERT_EQ(outline.polygons.size(), 1U) << outline.code << " is in pieces";
    ASSERT_EQ(outline.polygons[0].size(), 1U) << outline.code << " has a hole";
  }
  EXPECT_EQ(codes.size(), 100U);
  EXPECT_TRUE(codes.contains("24"));
}

TEST(GeneratedOutlines, EveryCentreLiesInItsOwnUnit) {
  for (const auto* unit : demonstration().units().on(demonstration().on())) {
    if (unit->kind == UnitKind::province) continue;
    const auto* found = demonstration().unit_at(unit->centre);
    ASSERT_NE(found, nullptr) << unit->full_name;
    EXPECT_EQ(found->code, unit->code);
  }
}

TEST(GeneratedOutlines, AreasFollowThePublishedOnes) {
  double squares = 0;
  for (const auto& outline : demonstration().outlines().units) {
    const auto* unit = demonstration().units().find(outline.code, demonstration().on());
    const double ratio = area_km2(outline) / unit->area_km2.value();
    EXPECT_GT(ratio, 0.75) << unit->full_name;
    EXPECT_LT(ratio, 1.25) << unit->full_name;
    squares += (ratio - 1) * (ratio - 1);
  }
  EXPECT_LT(std::sqrt(squares / 100), 0.05);
}

TEST(GeneratedOutlines, RingsRunCounterClockwiseAndNeverCrossThemselves) {
  for (const auto& outline : demonstration().outlines().units) {
    EXPECT_GT(signed_area_km2(outline.polygons[0][0]), 0) << outline.code;
    EXPECT_EQ(ring_fault(outline.polygons[0][0]), std::nullopt) << outline.code;
  }
}

TEST(GeneratedOutlines, ABorderIsTheSamePointsOnBothSides) {
  std::map<std::tuple<double, double, double, double>, int> segments;
  for (const auto& outline : demonstration().outlines().units) {
    const int sign = outline.code == "24" ? -1 : 1;
    const Ring& points = outline.polygons[0][0];
    for (std::size_t i = 1; i < points.size(); ++i) {
      const LatLon a = points[i - 1];
      const LatLon b = points[i];
      segments[{a.lat, a.lon, b.lat, b.lon}] += sign;
      segments[{b.lat, b.lon, a.lat, a.lon}] -= sign;
    }
  }
  for (const auto& [segment, sum] : segments) EXPECT_EQ(sum, 0);
}

TEST(GeneratedOutlines, BordersWander) {
  // The longest straight stretch of any border is short against a unit.
  double longest = 0;
  double whole = 0;
  for (const auto& outline : demonstration().outlines().units) {
    const Ring& points = outline.polygons[0][0];
    for (std::size_t i = 1; i < points.size(); ++i) {
      longest = std::max(longest, distance_m(points[i - 1], points[i]));
      whole += distance_m(points[i - 1], points[i]);
    }
  }
  EXPECT_LT(longest, 2'000);
  EXPECT_GT(whole, 3e6);
}

TEST(GeneratedOutlines, TheSameUnitsGiveTheSameText) {
  const auto again = Gazetteer::demonstration().outlines_geojson();
  EXPECT_EQ(again, demonstration().outlines_geojson());
  EXPECT_LT(again.size(), 400'000U);
  EXPECT_NE(
      again.find(
          R"("code":"07210","name":"Bắc Giang","full_name":"Phường Bắc Giang","kind":"ward","generated":true)"),
      std::string::npos);
}

TEST(UnitAt, EveryPointOfTheProvinceLiesInExactlyOneUnit) {
  const auto& outlines = demonstration().outlines();
  const UnitOutline* province = nullptr;
  for (const auto& outline : outlines.units)
    if (outline.code == "24") province = &outline;
  ASSERT_NE(province, nullptr);
  for (int i = 0; i < 5'000; ++i) {
    const LatLon p{20.9 + 0.8 * lattice_random(i, 0, 1), 105.8 + 1.4 * lattice_random(i, 1, 1)};
    int holders = 0;
    const UnitOutline* holder = nullptr;
    for (const auto& outline : outlines.units) {
      if (outline.code == "24" || !contains(outline.polygons[0], p)) continue;
      ++holders;
      holder = &outline;
    }
    const auto* found = demonstration().unit_at(p);
    ASSERT_EQ(holders, contains(province->polygons[0], p) ? 1 : 0) << p.lat << ", " << p.lon;
    ASSERT_EQ(found == nullptr, holder == nullptr);
    if (found != nullptr) EXPECT_EQ(found->code, holder->code);
  }
}

TEST(UnitAt, ACornerOfABorderBelongsToOneOfTheUnitsThatMeetThere) {
  int inside = 0;
  int all = 0;
  for (const auto& outline : demonstration().outlines().units) {
    if (outline.code == "24") continue;
    const LatLon corner = outline.polygons[0][0].front();
    int holders = 0;
    for (const auto& other : demonstration().outlines().units)
      holders += other.code != "24" && contains(other.polygons[0], corner);
    EXPECT_LE(holders, 1);
    inside += holders;
    ++all;
  }
  EXPECT_GT(inside, all / 2);  // the others lie on the coast
}

TEST(UnitAt, OutsideTheProvinceThereIsNoUnit) {
  EXPECT_EQ(demonstration().unit_at({21.03, 105.85}), nullptr);  // Ha Noi
  EXPECT_EQ(demonstration().unit_at({0, 0}), nullptr);
  EXPECT_EQ(demonstration().unit_at({0.0 / 0.0, 106}), nullptr);
}

TEST(ReplaceOutlines, SurveyedUnitsTakeThePlaceOfGeneratedOnesAndTheGeneratedProvinceGoes) {
  const auto& base = demonstration().outlines();
  const Ring square = {
      {21.27, 106.20}, {21.27, 106.23}, {21.30, 106.23}, {21.30, 106.20}, {21.27, 106.20}};
  const Outlines surveyed{{{"07210", {{square}}, false}}};
  const auto& units = demonstration().units();
  const Gazetteer mixed(units, replace_outlines(base, surveyed, units, demonstration().on()),
                        demonstration().on());
  EXPECT_EQ(mixed.outlines().units.size(), 99U);
  EXPECT_EQ(mixed.unit_at({21.271, 106.201})->code, "07210");  // before generated neighbours
  const auto text = mixed.outlines_geojson();
  EXPECT_NE(text.find(R"("kind":"ward","generated":false)"), std::string::npos);
  EXPECT_EQ(text.find(R"("kind":"province")"), std::string::npos);
  EXPECT_EQ(replace_outlines(base, {}, units, demonstration().on()).units.size(), 100U);
}

TEST(RingFault, AProperRingHasNone) {
  EXPECT_EQ(ring_fault(ring({"a   b",  //
                             "     ",  //
                             "e d  ",  //
                             "   c "})),
            std::nullopt);
}

TEST(RingFault, ABowTieCrossesItself) {
  const auto fault = ring_fault(ring({"a   c",  //
                                      "     ",  //
                                      "d   b"}));
  ASSERT_TRUE(fault);
  EXPECT_NE(fault->find("crosses or touches itself"), std::string::npos);
}

TEST(RingFault, ARingMayNotTouchItsOwnSide) {
  const auto fault = ring_fault(ring({"a  c e",  //
                                      "      ",  //
                                      "  b   ",  //
                                      "      ",  //
                                      "g    f"}));
  EXPECT_EQ(fault, std::nullopt);
  Ring touching = ring({"a    b", "      ", "d    c"});
  touching.insert(touching.end() - 2, {touching[1].lat, 106.22});  // c -> a point of a-b -> d
  EXPECT_TRUE(ring_fault(touching));
}

TEST(RingFault, ASpikeRunsBackOverItself) {
  const auto fault = ring_fault(ring({"a b  c",  //
                                      "      "}));
  EXPECT_TRUE(fault);  // flat
  const auto spike = ring_fault({{21, 106}, {21, 106.2}, {21, 106.1}, {21.1, 106.1}, {21, 106}});
  ASSERT_TRUE(spike);
  EXPECT_NE(spike->find("runs back over itself near 21.00000, 106.20000"), std::string::npos);
}

TEST(RingFault, AnOpenOrShortRingIsNamedAsSuch) {
  EXPECT_NE(ring_fault({{21, 106}, {21, 106.1}, {21.1, 106.1}, {21.1, 106}})->find("not closed"),
            std::string::npos);
  EXPECT_NE(ring_fault({{21, 106}, {21, 106.1}, {21, 106}})->find("fewer than four"),
            std::string::npos);
  EXPECT_NE(ring_fault({{21, 106}, {21, 106.1}, {21, 106.1}, {21, 106}})->find("three corners"),
            std::string::npos);
}

TEST(RingFault, AnIntricateRingIsRefusedInBoundedTime) {
  Ring comb;  // 20,000 teeth that all overlap from west to east
  for (int i = 0; i < 20'000; ++i) comb.push_back({21 + i * 1e-5, i % 2 == 0 ? 106.0 : 107.0});
  comb.push_back({21.3, 105.9});
  comb.push_back(comb.front());
  ASSERT_TRUE(ring_fault(comb));
  EXPECT_NE(ring_fault(comb)->find("too intricate"), std::string::npos);
}

}  // namespace
}  // namespace vl::places
