#include "road_strokes.hpp"

#include <algorithm>
#include <numeric>

namespace vl::places {
namespace {

struct Cut {
  double share;  // 0 at the stroke's beginning, 1 at its end
  NodeIndex node;
};

struct Meeting {
  bool any = false;
  double s = 0;
  double t = 0;
};

// Where two strokes cross, ends included with a node's tolerance.
Meeting meeting(const Stroke& a, const Stroke& b) {
  const Vec r = a.to - a.from;
  const Vec q = b.to - b.from;
  const double det = cross(r, q);
  const double lengths = length(r) * length(q);
  if (std::abs(det) < 1e-9 * lengths) return {};  // parallel: they share ends at most
  const Vec between = b.from - a.from;
  const double s = cross(between, q) / det;
  const double t = cross(between, r) / det;
  const double slack_s = NodeSet::kSame_m / length(r);
  const double slack_t = NodeSet::kSame_m / length(q);
  if (s < -slack_s || s > 1 + slack_s || t < -slack_t || t > 1 + slack_t) return {};
  return {true, std::clamp(s, 0.0, 1.0), std::clamp(t, 0.0, 1.0)};
}

double west(const Stroke& s) {
  return std::min(s.from.x, s.to.x);
}
double east(const Stroke& s) {
  return std::max(s.from.x, s.to.x);
}
double south(const Stroke& s) {
  return std::min(s.from.y, s.to.y);
}
double north(const Stroke& s) {
  return std::max(s.from.y, s.to.y);
}

}  // namespace

NodeIndex NodeSet::at(Vec p) {
  const auto cell = [](double v) { return static_cast<std::int64_t>(std::floor(v / kSame_m)); };
  const auto x = cell(p.x);
  const auto y = cell(p.y);
  for (auto dx = -1; dx <= 1; ++dx) {
    for (auto dy = -1; dy <= 1; ++dy) {
      const auto found = grid_.find({x + dx, y + dy});
      if (found == grid_.end()) continue;
      for (const NodeIndex n : found->second)
        if (length(nodes_[n] - p) <= kSame_m) return n;
    }
  }
  nodes_.push_back(p);
  const auto index = static_cast<NodeIndex>(nodes_.size() - 1);
  grid_[{x, y}].push_back(index);
  return index;
}

std::vector<std::vector<NodeIndex>> cut_strokes(const std::vector<Stroke>& strokes,
                                                NodeSet& nodes) {
  std::vector<std::vector<Cut>> cuts(strokes.size());
  for (std::size_t i = 0; i < strokes.size(); ++i)
    cuts[i] = {{0, nodes.at(strokes[i].from)}, {1, nodes.at(strokes[i].to)}};

  std::vector<std::size_t> order(strokes.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::pair(west(strokes[a]), a) < std::pair(west(strokes[b]), b);
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Stroke& a = strokes[order[i]];
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const Stroke& b = strokes[order[j]];
      if (west(b) > east(a) + NodeSet::kSame_m) break;
      if (south(b) > north(a) + NodeSet::kSame_m || north(b) < south(a) - NodeSet::kSame_m)
        continue;
      const Meeting met = meeting(a, b);
      if (!met.any) continue;
      const NodeIndex node = nodes.at(a.from + (a.to - a.from) * met.s);
      cuts[order[i]].push_back({met.s, node});
      cuts[order[j]].push_back({met.t, node});
    }
  }

  std::vector<std::vector<NodeIndex>> along(strokes.size());
  for (std::size_t i = 0; i < strokes.size(); ++i) {
    std::ranges::sort(cuts[i], {}, &Cut::share);
    for (const Cut& cut : cuts[i])
      if (along[i].empty() || along[i].back() != cut.node) along[i].push_back(cut.node);
  }
  return along;
}

}  // namespace vl::places
