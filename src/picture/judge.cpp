#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <vonglau/picture/judge.hpp>

namespace vl::picture {
namespace {

constexpr std::size_t place(int row, int column) {
  return static_cast<std::size_t>(row * look_columns + column);
}
constexpr int looked_at = (last_row - first_row) * look_columns;

}  // namespace

PictureJudge::Edges PictureJudge::edges_of(const Look& look) const {
  Edges out{};
  const int least = rules_.edge_levels * 64 / 2;
  const auto sign = [&](int from, int to) {
    return static_cast<std::int8_t>(to - from > least ? 1 : from - to > least ? -1 : 0);
  };
  for (int row = first_row; row < last_row; ++row)
    for (int column = 0; column + 1 < look_columns; ++column) {
      const int here = look.blocks[place(row, column)];
      out[2 * place(row, column)] = sign(here, look.blocks[place(row, column + 1)]);
      out[2 * place(row, column) + 1] = sign(here, look.blocks[place(row + 1, column)]);
    }
  return out;
}

bool PictureJudge::is_covered(const Look& look) const {
  int edges = 0;
  const int least = rules_.edge_levels * 64;
  for (int row = first_row; row < last_row; ++row)
    for (int column = 0; column + 1 < look_columns; ++column) {
      const int here = look.blocks[place(row, column)];
      edges += std::abs(look.blocks[place(row, column + 1)] - here) > least ||
                       std::abs(look.blocks[place(row + 1, column)] - here) > least
                   ? 1
                   : 0;
    }
  return edges * 1000 < rules_.covered_permille * looked_at;
}

bool PictureJudge::is_unchanged(const Look& look) const {
  int changed = 0;
  for (int row = first_row; row < last_row; ++row)
    for (int column = 0; column < look_columns; ++column)
      changed += look.blocks[place(row, column)] != last_.blocks[place(row, column)] ? 1 : 0;
  return changed * 1000 <= rules_.frozen_permille * looked_at;
}

/// The cosine of the angle between the two, times 1,000.
int PictureJudge::agreement(const Edges& a, const Edges& b) {
  std::int64_t both = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += a[i] * b[i];
    of_a += a[i] * a[i];
    of_b += b[i] * b[i];
  }
  if (of_a == 0 || of_b == 0) return 0;
  return static_cast<int>(1000.0 * static_cast<double>(both) /
                          std::sqrt(static_cast<double>(of_a) * static_cast<double>(of_b)));
}

void PictureJudge::learn(const Look& look, const Edges& edges) {
  const int weight = learnt_ < rules_.looks_to_learn ? learnt_ + 1 : 16;
  for (std::size_t i = 0; i < edges.size(); ++i)
    usual_[i] = static_cast<std::int8_t>(usual_[i] + (edges[i] * 100 - usual_[i]) / weight);
  if (look.sharpness > 0)
    usual_sharpness_ +=
        (look.sharpness * 16 - usual_sharpness_) / (usual_sharpness_ == 0 ? 1 : weight);
  if (learnt_ < rules_.looks_to_learn) ++learnt_;
}

PictureState PictureJudge::defect_of(const Look& look, const Edges& edges, WallTime at) {
  if (look.bright <= rules_.black_level) return PictureState::black;
  if (is_covered(look)) return PictureState::covered;
  if (has_last_ && is_unchanged(look)) {
    if (!unchanged_since_) unchanged_since_ = at;
    if (at.us - unchanged_since_->us >= rules_.frozen_us) return PictureState::frozen;
  } else {
    unchanged_since_.reset();
  }
  if (learnt_ < rules_.looks_to_learn) return PictureState::good;
  // Out of focus is judged first: a blurred picture agrees less with what it used to be, too.
  if (look.sharpness > 0 && look.sharpness * 16 * 100 < usual_sharpness_ * rules_.blurred_percent)
    return PictureState::blurred;
  const bool steady = has_last_ && agreement(edges, last_edges_) >= rules_.steady_permille;
  if (steady && agreement(edges, usual_) < rules_.moved_permille) {
    if (!moved_since_) moved_since_ = at;
    if (at.us - moved_since_->us < rules_.adopt_us) return PictureState::moved;
    learnt_ = 0;  // it is how the camera looks now
    usual_ = {};
  }
  moved_since_.reset();
  return PictureState::good;
}

void PictureJudge::add(const Look& look, WallTime at) {
  const auto edges = edges_of(look);
  const auto seen = defect_of(look, edges, at);
  last_ = look;
  last_edges_ = edges;
  has_last_ = true;
  in_a_row_ = seen == suspected_ ? in_a_row_ + 1 : 1;
  suspected_ = seen;
  // Only what is undoubtedly good teaches what is usual.
  if (seen == PictureState::good && (!state_ || *state_ == PictureState::good)) learn(look, edges);
  const int needed = seen == PictureState::good ? rules_.looks_for_good : rules_.looks_for_defect;
  if (in_a_row_ >= needed) state_ = seen;
}

}  // namespace vl::picture
