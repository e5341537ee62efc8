#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vonglau/places/boundaries.hpp>

#include "demonstration_places.hpp"

namespace vl::places {
namespace {

constexpr Date kOn = std::chrono::January / 1 / 2026;

const UnitRegister& units() {
  return demonstration_gazetteer()->units();
}

Result<BoundaryImport> import(std::string_view text, const BoundaryLimits& limits = {}) {
  return import_boundaries(text, units(), kOn, limits);
}

// A square of some kilometres about the centre of Bac Giang ward, anticlockwise.
constexpr std::string_view kSquare =
    "[[[106.20,21.27],[106.23,21.27],[106.23,21.30],[106.20,21.30],[106.20,21.27]]]";

std::string feature(std::string_view properties, std::string_view coordinates = kSquare,
                    std::string_view type = "Polygon") {
  return fmt::format(
      R"({{"type":"Feature","properties":{},"geometry":{{"type":"{}","coordinates":{}}}}})",
      properties, type, coordinates);
}

std::string collection(const std::vector<std::string>& features) {
  return fmt::format(R"({{"type":"FeatureCollection","features":[{}]}})", fmt::join(features, ","));
}

// The reason for which the only feature is refused; "" when it is taken.
std::string refusal(const std::string& one) {
  const auto imported = import(collection({one}));
  if (!imported) return "the whole file: " + imported.error().message;
  if (imported->refused.empty()) return "";
  EXPECT_EQ(imported->refused.size(), 1U);
  EXPECT_EQ(imported->refused[0].feature, 0U);
  EXPECT_TRUE(imported->outlines.units.empty());
  return imported->refused[0].reason;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(BoundaryImportTest, TakesAPolygonByCodeOrByNameInAnySpelling) {
  for (const auto* properties :
       {R"({"code":"07210"})", R"({"MA_XA":"07210"})", R"({"ma":7210})",
        R"({"name":"bac giang ","x":1})", R"({"fullName":"Phường Bắc Giang"})",
        R"({"ten_xa":"PHƯỜNG BẮC GIANG"})", R"({"Tên xã":"Phường Bắc Giang"})",
        R"({"code":"07210","name":"Bắc Giang"})", R"({"name":"B\u1eafc Giang","code":"07210"})"}) {
    const auto imported = import(collection({feature(properties)}));
    ASSERT_TRUE(imported) << imported.error().message;
    ASSERT_EQ(imported->outlines.units.size(), 1U) << properties;
    EXPECT_EQ(imported->outlines.units[0].code, "07210");
    EXPECT_FALSE(imported->outlines.units[0].generated);
  }
}

TEST(BoundaryImportTest, TurnsRingsTheRightWayRound) {
  const auto clockwise =
      "[[[106.20,21.27],[106.20,21.30],[106.23,21.30],[106.23,21.27],[106.20,21.27]],"
      "[[106.21,21.28],[106.22,21.28],[106.22,21.29],[106.21,21.29],[106.21,21.28]]]";
  const auto imported = import(collection({feature(R"({"code":"07210"})", clockwise)})).value();
  ASSERT_EQ(imported.outlines.units.size(), 1U);
  const Polygon& polygon = imported.outlines.units[0].polygons.at(0);
  EXPECT_GT(signed_area_km2(polygon.at(0)), 0);
  EXPECT_LT(signed_area_km2(polygon.at(1)), 0);
  EXPECT_FALSE(contains(polygon, {21.285, 106.215}));
  EXPECT_TRUE(contains(polygon, {21.275, 106.205}));
}

TEST(BoundaryImportTest, TakesAMultiPolygonWhoseTypeComesLast) {
  const std::string text = collection(
      {R"({"geometry":{"coordinates":[[[[106.20,21.27],[106.21,21.27],[106.21,21.28],[106.20,21.27]]],)"
       R"([[[106.22,21.29],[106.23,21.29],[106.23,21.30],[106.22,21.29]]]],"type":"MultiPolygon"},)"
       R"("properties":{"code":"07210"},"type":"Feature"})"});
  const auto imported = import(text).value();
  ASSERT_EQ(imported.refused.size(), 0U) << imported.refused[0].reason;
  ASSERT_EQ(imported.outlines.units.size(), 1U);
  EXPECT_EQ(imported.outlines.units[0].polygons.size(), 2U);
}

TEST(BoundaryImportTest, WhatTheDemonstrationWritesIsTakenWhole) {
  const auto imported = import(demonstration_gazetteer()->outlines_geojson()).value();
  EXPECT_TRUE(imported.refused.empty());
  EXPECT_EQ(imported.outlines.units.size(), 100U);
}

TEST(BoundaryImportTest, ABadFeatureIsRefusedByItsIndexAndTheOthersAreTaken) {
  const auto imported =
      import(collection({feature(R"({"code":"07210"})"), feature(R"({"code":"99999"})"),
                         feature(R"({"code":"07228"})", "[[[106.2,21.3],[106.1,21.3]]]"),
                         feature(R"({"code":"07699"})")}))
          .value();
  EXPECT_EQ(imported.outlines.units.size(), 2U);
  ASSERT_EQ(imported.refused.size(), 2U);
  EXPECT_EQ(imported.refused[0].feature, 1U);
  EXPECT_TRUE(has(imported.refused[0].reason, "names no unit of 2026-01-01: code 99999"));
  EXPECT_EQ(imported.refused[1].feature, 2U);
  EXPECT_TRUE(has(imported.refused[1].reason, "fewer than four"));
}

TEST(BoundaryImportTest, ARingMustBeClosedAndMayNotCrossItself) {
  const auto* code = R"({"code":"07210"})";
  EXPECT_TRUE(
      has(refusal(feature(code, "[[[106.20,21.27],[106.23,21.27],[106.23,21.30],[106.20,21.30]]]")),
          "not closed"));
  EXPECT_TRUE(has(
      refusal(feature(
          code, "[[[106.20,21.27],[106.23,21.30],[106.23,21.27],[106.20,21.29],[106.20,21.27]]]")),
      "crosses or touches itself near 21."));
  EXPECT_TRUE(has(refusal(feature(code, "[[[106.2,21.3],[106.2,21.3],[106.2,21.3],[106.2,21.3]]]")),
                  "fewer than four"));
}

TEST(BoundaryImportTest, AHoleMustLieInsideItsOuterRing) {
  EXPECT_TRUE(
      has(refusal(feature(
              R"({"code":"07210"})",
              "[[[106.20,21.27],[106.23,21.27],[106.23,21.30],[106.20,21.30],[106.20,21.27]],"
              "[[106.22,21.28],[106.25,21.28],[106.25,21.29],[106.22,21.28]]]")),
          "hole that leaves its outer ring"));
}

TEST(BoundaryImportTest, AnEmptyOuterRingDoesNotTurnAHoleIntoLand) {
  EXPECT_NE(refusal(feature(R"({"code":"07210"})",
                            "[[],[[106.20,21.27],[106.23,21.27],[106.23,21.30],[106.20,21.27]]]")),
            "");
  EXPECT_NE(refusal(feature(R"({"code":"07210"})", "[]")), "");
  EXPECT_NE(refusal(feature(R"({"code":"07210"})", "[[]]")), "");
}

TEST(BoundaryImportTest, SwappedOrProjectedCoordinatesAreExplained) {
  EXPECT_TRUE(
      has(refusal(feature(R"({"code":"07210"})",
                          "[[[21.27,106.20],[21.27,106.23],[21.30,106.23],[21.27,106.20]]]")),
          "longitude comes first"));
  EXPECT_TRUE(has(
      refusal(feature(R"({"code":"07210"})",
                      "[[[400100,2353000],[403000,2353000],[403000,2356000],[400100,2353000]]]")),
      "WGS 84"));
}

TEST(BoundaryImportTest, AnOutlineFarFromItsUnitIsRefused) {
  EXPECT_TRUE(has(refusal(feature(R"({"code":"07616"})")), "km from the centre of Xã Tây Yên Tử"));
}

TEST(BoundaryImportTest, ACodeAndANameThatDisagreeAreRefused) {
  EXPECT_EQ(
      refusal(feature(R"({"code":"07210","name":"Phường Hoàng Văn Thụ"})")),
      "has code 07210, which is Phường Bắc Giang since 2025-07-01, but is named Phường Hoàng Văn "
      "Thụ");
}

TEST(BoundaryImportTest, AUnitGivenTwiceIsRefusedTheSecondTime) {
  const auto imported = import(collection({feature(R"({"code":"07210"})"),
                                           feature(R"({"name":"Phường Bắc Giang"})")}))
                            .value();
  ASSERT_EQ(imported.refused.size(), 1U);
  EXPECT_EQ(imported.refused[0].feature, 1U);
  EXPECT_TRUE(has(imported.refused[0].reason, "repeats Phường Bắc Giang"));
}

TEST(BoundaryImportTest, FeaturesWithoutUnitOrPolygonSayWhatTheyLack) {
  EXPECT_TRUE(has(refusal(feature(R"({"population":5})")), "neither a code nor a name"));
  EXPECT_TRUE(has(refusal(feature("null")), "neither a code nor a name"));
  EXPECT_TRUE(
      has(refusal(feature(R"({"code":"07210"})", "[106.2,21.3]", "Point")), "not a Polygon"));
  EXPECT_TRUE(
      has(refusal(feature(R"({"code":"07210"})", kSquare, "MultiPolygon")), "not a Polygon"));
  EXPECT_TRUE(has(refusal(R"({"type":"Feature","properties":{"code":"07210"},"geometry":null})"),
                  "no geometry"));
  EXPECT_TRUE(has(refusal(R"({"properties":{"code":"07210"}})"), "not a Feature"));
  EXPECT_TRUE(
      has(refusal(feature(R"({"code":"07210"})", R"([[["a","b"],[1,2],null]])")), "not numbers"));
  EXPECT_TRUE(has(refusal(feature(R"({"code":"07210"})", "[[[106.2,21.3],[[106.2,21.3]]]]")),
                  "mixed depth"));
  EXPECT_TRUE(has(refusal(feature(R"({"code":"07210"})", "[[[106.2],[106.3],[106.4],[106.2]]]")),
                  "longitude, latitude"));
}

TEST(BoundaryImportTest, AFaultOfTheFileSaysWhere) {
  const auto broken = import("{\"type\":\"FeatureCollection\",\n\"features\":[{]}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code.name, "places.bad_geojson");
  EXPECT_TRUE(has(broken.error().message, "(line 2, byte 42)")) << broken.error().message;
  for (const auto* text : {"",
                           " ",
                           "[]",
                           "{}",
                           "null",
                           "{\"type\":\"Feature\"}",
                           "{\"type\":\"FeatureCollection\"}",
                           "{\"type\":\"FeatureCollection\",\"features\":{}}",
                           "{\"type\":\"FeatureCollection\",\"features\":[1]}",
                           "{\"type\":\"FeatureCollection\",\"features\":[]} x",
                           "{\"type\":\"FeatureCollection\",\"features\":[],}",
                           "{\"type\":\"FeatureCollection\",\"features\":[] \"a\":1}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":01}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":1.}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":1e999}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":NaN}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":\"\\x\"}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":\"\\ud800\"}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":\"\xff\"}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":\"\n\"}",
                           "{\"type\":\"FeatureCollection\",\"features\":[],\"x\":\"",
                           "{\"type\":\"FeatureCollection\",\"features\":[",
                           "{\"type\"",
                           "{\"type\":"})
    EXPECT_FALSE(import(text)) << text;
  EXPECT_TRUE(import(
      "\xef\xbb\xbf {\"features\": [ ] , \"type\":\"FeatureCollection\", \"crs\":{\"a\":[true,"
      "false,null,-1.5e-3,\"\\u1eaf\\ud83d\\ude00\\n\"]}} \n"));
}

TEST(BoundaryImportTest, EveryCutOfAGoodFileIsRefusedWithoutHarm) {
  const std::string good = collection({feature(R"({"code":"07210"})")});
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(import(good.substr(0, n))) << n;
  EXPECT_TRUE(import(good));
}

TEST(BoundaryImportTest, LimitsHold) {
  const std::string one = feature(R"({"code":"07210"})");
  BoundaryLimits limits;
  limits.bytes = 100;
  EXPECT_EQ(import(collection({one}), limits).error().code.name, "places.too_large");
  limits = {};
  limits.features = 2;
  EXPECT_TRUE(import(collection({one, one}), limits));
  EXPECT_EQ(import(collection({one, one, one}), limits).error().code.name, "places.too_large");
  limits = {};
  limits.positions = 9;
  EXPECT_EQ(import(collection({one, one}), limits).error().code.name, "places.too_large");
  limits = {};
  limits.ring_positions = 4;
  EXPECT_TRUE(
      has(import(collection({one}), limits)->refused.at(0).reason, "more than 4 positions"));
  limits = {};
  limits.rings = 1;
  EXPECT_TRUE(has(import(collection({feature(R"({"code":"07210"})", "[[[1,1]],[[1,1]]]")}), limits)
                      ->refused.at(0)
                      .reason,
                  "more than 1 rings"));
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  const auto nested = import(collection({feature(R"({"code":"07210"})", deep)}));
  ASSERT_FALSE(nested);
  EXPECT_TRUE(has(nested.error().message, "nested too deep"));
}

// Material for tests lies beside the checkout, wherever in it the test runs.
std::filesystem::path shared_file(std::string_view name) {
  for (auto at = std::filesystem::current_path(); at.has_relative_path(); at = at.parent_path())
    if (const auto file = at.parent_path() / "shared/data" / name; std::filesystem::exists(file))
      return file;
  return {};
}

TEST(BoundaryImportTest, TheSurveyedOutlinesOfAll99UnitsAreRecognised) {
  const auto found = shared_file("geo/admin/bacninh_2025_wards_simplified.geojson");
  if (found.empty()) GTEST_SKIP() << "../shared/data/geo/admin is not here";
  std::ifstream in(found, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  const auto imported = import(text.str()).value();
  for (const auto& refused : imported.refused)
    ADD_FAILURE() << "feature " << refused.feature << " " << refused.reason;
  EXPECT_EQ(imported.outlines.units.size(), 99U);
  const Gazetteer surveyed(units(), imported.outlines, kOn);
  for (const auto& outline : imported.outlines.units) {
    const auto* unit = units().find(outline.code, kOn);
    const auto* at = surveyed.unit_at(unit->centre);
    ASSERT_NE(at, nullptr) << unit->full_name;
    EXPECT_EQ(at->code, unit->code);
    EXPECT_NEAR(area_km2(outline) / unit->area_km2.value(), 1, 0.25) << unit->full_name;
  }
}

}  // namespace
}  // namespace vl::places
