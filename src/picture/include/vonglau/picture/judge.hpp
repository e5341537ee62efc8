// Whether a camera still sees what it is there to see, from looks at it some time apart. Rules
// over small planes; pure, one judge a camera, about 16 KiB each.
//
// Every state needs several looks in a row, so that a lorry before the lens, a cloud or a flash
// is none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/describe/enum.hpp>

#include <vonglau/base/clock.hpp>
#include <vonglau/picture/look.hpp>

namespace vl::picture {

enum class PictureState { good, black, frozen, blurred, covered, moved };
BOOST_DESCRIBE_ENUM(PictureState, good, black, frozen, blurred, covered, moved)

struct PictureRules {
  /// Black: not even the brightest twentieth is above this. A street at night has lamps, signs
  /// and headlights; a dead sensor gives 16, a capped lens at highest gain 20 to 25.
  int black_level = 28;
  /// Covered: so few blocks in 1,000 differ from their neighbours. A wall, a leaf, a hand, spray
  /// paint or fog before the lens; any street has kerbs, poles and shadows.
  int covered_permille = 15;
  /// ... by more than so many levels.
  int edge_levels = 6;
  /// Frozen: so many blocks in 1,000 changed at most. Noise of a working sensor moves nearly all of
  /// them by more than the 1/64 of a level that is kept; an encoder that repeats a picture moves
  /// none. What the camera writes at the edges is not looked at: its clock may go on.
  int frozen_permille = 2;
  std::int64_t frozen_us = 60'000'000;  // and for so long
  /// Blurred: sharpness below this part of the camera's own, in percent.
  int blurred_percent = 55;
  /// Moved: what is where agrees with what used to be there less than this, 0 to 1,000.
  int moved_permille = 350;
  /// ... while the new looks agree with each other at least so much: it stands still elsewhere.
  int steady_permille = 600;
  int looks_for_defect = 3;
  int looks_for_good = 2;
  /// Before it has been seen this often nothing is known of how it used to look.
  int looks_to_learn = 5;
  /// A view that stays is the camera's new one after this long.
  std::int64_t adopt_us = 12LL * 3600 * 1'000'000;
};

class PictureJudge {
 public:
  explicit PictureJudge(const PictureRules& rules = {}) : rules_(rules) {}
  /// A look, with the time at which the picture was taken.
  void add(const Look& look, WallTime at);
  /// Nothing before there were enough looks to say.
  std::optional<PictureState> state() const { return state_; }

 private:
  /// Where brightness rises (1), falls (-1) or neither, across and down.
  using Edges = std::array<std::int8_t, std::size_t{2} * look_columns * look_rows>;
  Edges edges_of(const Look& look) const;
  bool is_covered(const Look& look) const;
  bool is_unchanged(const Look& look) const;
  static int agreement(const Edges& a, const Edges& b);
  PictureState defect_of(const Look& look, const Edges& edges, WallTime at);
  void learn(const Look& look, const Edges& edges);

  PictureRules rules_;
  std::optional<PictureState> state_;
  PictureState suspected_ = PictureState::good;
  int in_a_row_ = 0;
  bool has_last_ = false;
  Look last_;
  Edges last_edges_{};
  std::optional<WallTime> unchanged_since_;
  Edges usual_{};  // running mean of edges, -100 to 100
  int learnt_ = 0;
  int usual_sharpness_ = 0;  // times 16
  std::optional<WallTime> moved_since_;
};

}  // namespace vl::picture
