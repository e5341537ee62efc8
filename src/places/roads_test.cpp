#include <map>
#include <queue>
#include <set>

#include <gtest/gtest.h>

#include <vonglau/places/roads.hpp>

#include "demonstration_places.hpp"
#include "plane.hpp"

namespace vl::places {
namespace {

// A map drawn in letters, a hundred metres to a character. Letters are nodes; "-" and "|" are lanes
// of 30 km/h, "=" and "#" trunk roads of 60 km/h.
class DrawnRoads {
 public:
  explicit DrawnRoads(const std::vector<std::string>& rows) {
    RoadParts parts;
    for (std::size_t r = 0; r < rows.size(); ++r)
      for (std::size_t c = 0; c < rows[r].size(); ++c)
        if (std::isalpha(rows[r][c]) != 0) {
          node_[rows[r][c]] = static_cast<NodeIndex>(parts.nodes.size());
          parts.nodes.push_back(at(static_cast<double>(r), static_cast<double>(c)));
        }
    parts.roads = {{"QL9", RoadClass::trunk, {}, 5'000.0, 0}};
    const auto cell = [&](std::size_t r, std::size_t c) {
      return r < rows.size() && c < rows[r].size() ? rows[r][c] : ' ';
    };
    for (std::size_t r = 0; r < rows.size(); ++r) {
      for (std::size_t c = 0; c < rows[r].size(); ++c) {
        if (std::isalpha(rows[r][c]) == 0) continue;
        std::size_t east = c + 1;
        while (cell(r, east) == '-' || cell(r, east) == '=') ++east;
        if (east > c + 1) add(parts, rows[r][c], cell(r, east), cell(r, c + 1) == '=');
        std::size_t south = r + 1;
        while (cell(south, c) == '|' || cell(south, c) == '#') ++south;
        if (south > r + 1) add(parts, rows[r][c], cell(south, c), cell(r + 1, c) == '#');
      }
    }
    network.emplace(std::move(parts));
  }

  static LatLon at(double row, double column) {
    return {21.3 - row * 100 / 111'195.0, 106.2 + column * 100 / 103'600.0};
  }
  LatLon operator[](char letter) const { return network->nodes()[node_.at(letter)]; }
  // The letters that a route passes.
  std::string letters(const Route& route) const {
    std::string out;
    for (const LatLon p : route.polyline)
      for (const auto& [letter, node] : node_)
        if (distance_m(p, network->nodes()[node]) < 1) out += letter;
    return out;
  }

  std::optional<RoadNetwork> network;

 private:
  void add(RoadParts& parts, char from, char to, bool trunk) {
    RoadEdge edge{node_.at(from), node_.at(to)};
    edge.first_point = static_cast<std::uint32_t>(parts.points.size());
    edge.points = 2;
    parts.points.push_back(parts.nodes[edge.from]);
    parts.points.push_back(parts.nodes[edge.to]);
    edge.length_m = length_m(std::span(parts.points).last(2));
    if (trunk) {
      edge.road_class = RoadClass::trunk;
      edge.speed_kmh = 60;
      edge.road = 0;
      parts.roads[0].pieces.push_back({static_cast<EdgeIndex>(parts.edges.size()), false});
      parts.roads[0].length_m += edge.length_m;
    }
    parts.edges.push_back(edge);
  }
  std::map<char, NodeIndex> node_;
};

TEST(Route, TakesTheQuickestWayAndNotTheShortest) {
  const DrawnRoads map({
      "a-----b-----c",
      "#           #",
      "d===========e",
  });
  const auto route = map.network->route(map['a'], map['c']).value();
  EXPECT_EQ(map.letters(route), "adec");
  EXPECT_NEAR(route.distance_m, 1'600, 5);
  EXPECT_NEAR(route.time_s, 1'600 / (60 / 3.6), 1);
}

TEST(Route, TakesTheShorterOfTwoEquallyFastWays) {
  const DrawnRoads map({
      "a---b---c",
      "|       |",
      "|       |",
      "d-------e",
  });
  EXPECT_EQ(map.letters(map.network->route(map['a'], map['c']).value()), "abc");
  EXPECT_EQ(map.letters(map.network->route(map['b'], map['e']).value()), "bce");
  EXPECT_EQ(map.letters(map.network->route(map['b'], map['d']).value()), "bad");
}

TEST(Route, BeginsAndEndsAmidARoad) {
  const DrawnRoads map({
      "a---------b",
      "          |",
      "c---------d",
  });
  const auto route = map.network->route(DrawnRoads::at(0.2, 4), DrawnRoads::at(1.8, 7)).value();
  EXPECT_EQ(map.letters(route), "bd");
  EXPECT_NEAR(route.distance_m, 600 + 200 + 300, 5);
  EXPECT_NEAR(route.time_s, route.distance_m / (30 / 3.6), 1);
  EXPECT_LT(distance_m(route.polyline.front(), DrawnRoads::at(0, 4)), 2);
  EXPECT_LT(distance_m(route.polyline.back(), DrawnRoads::at(2, 7)), 2);
}

TEST(Route, WithinOneEdgeRunsEitherWay) {
  const DrawnRoads map({"a---------b"});
  for (const auto& [from, to] : {std::pair{2, 8}, std::pair{8, 2}}) {
    const auto route = map.network->route(DrawnRoads::at(0, from), DrawnRoads::at(0, to)).value();
    EXPECT_NEAR(route.distance_m, 600, 2);
    EXPECT_EQ(map.letters(route), "");
    EXPECT_LT(distance_m(route.polyline.front(), DrawnRoads::at(0, from)), 2);
  }
}

TEST(Route, ToTheSamePlaceIsEmpty) {
  const DrawnRoads map({"a---------b"});
  const auto route = map.network->route(DrawnRoads::at(0, 3), DrawnRoads::at(0, 3)).value();
  EXPECT_EQ(route.distance_m, 0);
  EXPECT_EQ(route.time_s, 0);
  EXPECT_EQ(route.polyline.size(), 1U);
}

TEST(Route, BetweenRoadsThatDoNotMeetIsRefused) {
  const DrawnRoads map({
      "a---b",
      "     ",
      "c---d",
  });
  const auto route = map.network->route(map['a'], map['d']);
  ASSERT_FALSE(route);
  EXPECT_EQ(route.error().code.name, "places.no_route");
}

TEST(Route, FromFarAwayIsRefusedAndNamesTheEnd) {
  const DrawnRoads map({"a---b"});
  const auto route = map.network->route(map['a'], {10.77, 106.69});
  ASSERT_FALSE(route);
  EXPECT_EQ(route.error().code.name, "places.no_road");
  EXPECT_EQ(route.error().field, "to");
}

TEST(Snap, FindsTheNearestEdgeAcrossCells) {
  const DrawnRoads map({
      "a---------------------------b",
      "                             ",
      "                             ",
      "c---------------------------d",
  });
  const auto near_first = map.network->snap(DrawnRoads::at(1, 14)).value();
  EXPECT_NEAR(near_first.distance_m, 100, 1);
  EXPECT_NEAR(near_first.along_m, 1'400, 3);
  EXPECT_NEAR(map.network->snap(DrawnRoads::at(2, 14)).value().distance_m, 100, 1);
  EXPECT_NEAR(map.network->snap(DrawnRoads::at(-40, 14)).value().distance_m, 4'000, 10);
  EXPECT_FALSE(map.network->snap(DrawnRoads::at(-60, 14)));
  EXPECT_FALSE(map.network->snap(DrawnRoads::at(1, 14), 50));
  EXPECT_FALSE(map.network->snap({0.0 / 0.0, 0}));
}

TEST(Kilometres, CountFromWhatTheFirstPostSays) {
  const DrawnRoads map({"a==========b==========c"});  // QL9 begins at Km 5
  const auto at = map.network->at_kilometre(0, 5'400).value();
  EXPECT_LT(distance_m(at, DrawnRoads::at(0, 4)), 2);
  EXPECT_FALSE(map.network->at_kilometre(0, 4'900));
  EXPECT_FALSE(map.network->at_kilometre(0, 7'300));
  const auto posts = map.network->kilometre_posts();
  ASSERT_EQ(posts.size(), 3U);
  EXPECT_EQ(posts[1].kilometre, 6);
  EXPECT_LT(distance_m(posts[1].at, DrawnRoads::at(0, 10)), 2);
}

const Gazetteer& gazetteer() {
  return *demonstration_gazetteer();
}
const RoadNetwork& demonstration_network() {
  return *demonstration_roads();
}

TEST(GeneratedRoads, AreOneNetwork) {
  const auto& network = demonstration_network();
  std::vector<std::vector<NodeIndex>> next(network.nodes().size());
  for (const RoadEdge& edge : network.edges()) {
    next[edge.from].push_back(edge.to);
    next[edge.to].push_back(edge.from);
  }
  std::vector<bool> seen(next.size());
  std::queue<NodeIndex> open({0});
  seen[0] = true;
  std::size_t reached = 1;
  for (; !open.empty(); open.pop())
    for (const NodeIndex n : next[open.front()])
      if (!seen[n]) {
        seen[n] = true;
        ++reached;
        open.push(n);
      }
  EXPECT_EQ(reached, network.nodes().size());
}

TEST(GeneratedRoads, EveryUnitsCentreHasARoad) {
  for (const auto* unit : gazetteer().units().on(gazetteer().on()))
    EXPECT_LT(demonstration_network().snap(unit->centre).value().distance_m, 20) << unit->full_name;
}

TEST(GeneratedRoads, NoPlaceOfTheProvinceIsFarFromARoad) {
  int far = 0;
  int all = 0;
  for (int i = 0; i < 3'000; ++i) {
    const LatLon p{20.9 + 0.8 * lattice_random(i, 0, 1), 105.8 + 1.4 * lattice_random(i, 1, 1)};
    if (gazetteer().unit_at(p) == nullptr) continue;
    ++all;
    const auto snap = demonstration_network().snap(p);
    far += !snap || snap->distance_m > 2'500;
  }
  EXPECT_LT(far, all / 50);
}

TEST(GeneratedRoads, CoursesStartAndEndAtTheirNodesAndPiecesFollowOneAnother) {
  const auto& network = demonstration_network();
  for (EdgeIndex e = 0; e < network.edges().size(); ++e) {
    const RoadEdge& edge = network.edges()[e];
    EXPECT_EQ(network.course(e).front(), network.nodes()[edge.from]);
    EXPECT_EQ(network.course(e).back(), network.nodes()[edge.to]);
    EXPECT_NEAR(length_m(network.course(e)), edge.length_m, 0.01);
  }
  for (const Road& road : network.roads()) {
    ASSERT_FALSE(road.pieces.empty()) << road.name;
    NodeIndex end = 0;
    for (std::size_t i = 0; i < road.pieces.size(); ++i) {
      const RoadEdge& edge = network.edges()[road.pieces[i].edge];
      const bool backwards = road.pieces[i].backwards;
      if (i > 0) EXPECT_EQ(backwards ? edge.to : edge.from, end) << road.name;
      end = backwards ? edge.from : edge.to;
    }
    EXPECT_NEAR(length_m(network.course_of(road)), road.length_m, 1);
  }
}

TEST(GeneratedRoads, TrunkRoadsHaveKilometrePostsAndJunctions) {
  const auto& network = demonstration_network();
  std::map<std::string, RoadIndex> by_name;
  for (RoadIndex r = 0; r < network.roads().size(); ++r) by_name[network.roads()[r].name] = r;
  for (const auto* name : {"QL1A", "QL18", "QL17", "QL37", "QL31", "QL38", "QL279"})
    EXPECT_EQ(network.roads()[by_name.at(name)].road_class, RoadClass::trunk);
  const auto post = network.at_kilometre(by_name.at("QL1A"), 123'400);
  ASSERT_TRUE(post);
  EXPECT_NE(gazetteer().unit_at(*post), nullptr);
  bool crossing = false;
  for (const Junction& j : network.junctions()) {
    const std::set<RoadIndex> roads(j.roads.begin(), j.roads.end());
    crossing |= roads.contains(by_name.at("QL1A")) && roads.contains(by_name.at("QL31"));
  }
  EXPECT_TRUE(crossing);
}

TEST(GeneratedRoads, AnyTwoUnitsAreJoinedByARouteOfPlausibleLengthAndTime) {
  const auto units = gazetteer().units().on(gazetteer().on());
  for (std::size_t i = 0; i + 7 < units.size(); i += 5) {
    const LatLon a = units[i]->centre;
    const LatLon b = units[(i * 7 + 3) % units.size()]->centre;
    const double apart = distance_m(a, b);
    const auto there = demonstration_network().route(a, b).value();
    const auto back = demonstration_network().route(b, a).value();
    EXPECT_GE(there.distance_m, apart - 50);
    EXPECT_LE(there.distance_m, std::max(3'000.0, apart * 2.5));
    EXPECT_NEAR(there.time_s, back.time_s, 0.01);
    EXPECT_GE(there.time_s, there.distance_m / (70 / 3.6) - 1);
    EXPECT_LE(there.time_s, there.distance_m / (30 / 3.6) + 1);
  }
}

TEST(GeneratedRoads, TheSameUnitsGiveTheSameTextWithinItsBudget) {
  const auto text = demonstration_network().geojson();
  EXPECT_EQ(text, RoadNetwork::demonstration(gazetteer()).geojson());
  EXPECT_LT(text.size() + gazetteer().outlines_geojson().size(), 1'500'000U);
  EXPECT_NE(text.find(R"("class":"trunk","name":"QL1A","generated":true)"), std::string::npos);
}

}  // namespace
}  // namespace vl::places
