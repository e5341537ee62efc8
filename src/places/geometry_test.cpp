#include <gtest/gtest.h>

#include <vonglau/places/geometry.hpp>

namespace vl::places {
namespace {

constexpr LatLon kBacGiang{21.2849, 106.21542};
constexpr LatLon kBacNinh{21.19927, 106.05767};

TEST(Geometry, ADegreeOfLatitudeIsAbout111Kilometres) {
  EXPECT_NEAR(distance_m({21, 106}, {22, 106}), 111'195, 5);
  EXPECT_NEAR(distance_m({21, 106}, {21, 107}), 103'810, 50);
  EXPECT_EQ(distance_m(kBacGiang, kBacGiang), 0);
  EXPECT_NEAR(distance_m(kBacGiang, kBacNinh), 18'900, 200);
}

TEST(Geometry, ABearingCountsFromNorthThroughEast) {
  EXPECT_NEAR(bearing_deg({21, 106}, {21.1, 106}), 0, 0.01);
  EXPECT_NEAR(bearing_deg({21, 106}, {21, 106.1}), 90, 0.05);
  EXPECT_NEAR(bearing_deg({21, 106}, {20.9, 106}), 180, 0.01);
  EXPECT_NEAR(bearing_deg({21, 106}, {21, 105.9}), 270, 0.05);
}

TEST(Geometry, APointAlongAPolylineStopsAtItsEnds) {
  const std::vector<LatLon> line = {{21, 106}, {21.01, 106}, {21.01, 106.01}};
  EXPECT_EQ(point_along(line, -5), line.front());
  EXPECT_EQ(point_along(line, 1e9), line.back());
  const LatLon later = point_along(line, length_m(line) * 0.75);
  EXPECT_NEAR(distance_m(line[0], line[1]) + distance_m(line[1], later), length_m(line) * 0.75, 1);
}

TEST(Geometry, TheNearestPointOfASegmentLiesBetweenItsEnds) {
  const LatLon a{21, 106};
  const LatLon b{21, 106.01};
  EXPECT_NEAR(nearest_on_segment({21.001, 106.005}, a, b).fraction, 0.5, 1e-6);
  EXPECT_NEAR(nearest_on_segment({21.001, 106.005}, a, b).distance_m, 111.2, 0.1);
  EXPECT_EQ(nearest_on_segment({21, 105.9}, a, b).point, a);
  EXPECT_EQ(nearest_on_segment({21, 106.9}, a, b).point, b);
  EXPECT_EQ(nearest_on_segment({21.5, 106}, a, a).point, a);
}

TEST(Geometry, OnlyFinitePointsOfTheEarthAreValid) {
  EXPECT_TRUE(is_valid(kBacGiang));
  EXPECT_FALSE(is_valid({106.2, 21.3}));  // the wrong way round
  EXPECT_FALSE(is_valid({0.0 / 0.0, 0}));
}

}  // namespace
}  // namespace vl::places
