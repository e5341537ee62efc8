// Coordinates as people type or paste them.
#include <charconv>
#include <cmath>

#include <vonglau/base/text.hpp>
#include <vonglau/places/search.hpp>

namespace vl::places {
namespace {

struct Angle {
  double degrees = 0;
  char side = 0;        // 'n', 's', 'e', 'w' or 0
  bool marked = false;  // has a decimal point, a degree sign or a side: not any two numbers
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Angle> angle() {
    Angle angle;
    skip_spaces();
    const bool negative = take("-");
    const auto degrees = number(angle.marked);
    if (!degrees) return std::nullopt;
    angle.degrees = *degrees;
    skip_spaces();
    if (take("°") || take("º")) {
      angle.marked = true;
      bool ignored = false;
      skip_spaces();
      if (const auto minutes = number_before("'", "′", "’", ignored)) {
        if (*minutes >= 60) return std::nullopt;
        angle.degrees += *minutes / 60;
        skip_spaces();
        if (const auto seconds = number_before("\"", "″", "”", ignored)) {
          if (*seconds >= 60) return std::nullopt;
          angle.degrees += *seconds / 3600;
        }
      }
    }
    skip_spaces();
    angle.side = side();
    angle.marked |= angle.side != 0;
    if (negative) angle.degrees = -angle.degrees;
    if (angle.side == 's' || angle.side == 'w') angle.degrees = -angle.degrees;
    return angle;
  }

  void separator() {
    skip_spaces();
    if (!take(",")) take(";");
    skip_spaces();
  }
  bool at_end() {
    skip_spaces();
    return text_.empty();
  }

 private:
  void skip_spaces() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }
  bool take(std::string_view what) {
    if (!text_.starts_with(what)) return false;
    text_.remove_prefix(what.size());
    return true;
  }
  std::optional<double> number(bool& has_point) {
    std::size_t n = 0;
    while (n < text_.size() && ((text_[n] >= '0' && text_[n] <= '9') || text_[n] == '.')) {
      has_point |= text_[n] == '.';
      ++n;
    }
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data(), text_.data() + n, value, std::chars_format::fixed);
    if (n == 0 || n > 20 || error != std::errc() || end != text_.data() + n) return std::nullopt;
    text_.remove_prefix(n);
    return value;
  }
  std::optional<double> number_before(std::string_view a, std::string_view b, std::string_view c,
                                      bool& has_point) {
    const std::string_view before = text_;
    const auto value = number(has_point);
    skip_spaces();
    if (value && (take(a) || take(b) || take(c))) return value;
    text_ = before;
    return std::nullopt;
  }
  // N, S, E, W or bắc, nam, đông, tây and their initials; a bare "N" is north.
  char side() {
    if (take("bac") || take("b") || take("north")) return 'n';
    if (take("nam") || take("south") || take("s")) return 's';
    if (take("n")) return 'n';
    if (take("dong") || take("d") || take("east") || take("e")) return 'e';
    if (take("tay") || take("t") || take("west") || take("w")) return 'w';
    return 0;
  }

  std::string_view text_;
};

}  // namespace

std::optional<LatLon> parse_coordinates(std::string_view text) {
  const std::string folded = fold_vietnamese(text);
  Reader reader(folded);
  const auto first = reader.angle();
  if (!first) return std::nullopt;
  reader.separator();
  const auto second = reader.angle();
  if (!second || !reader.at_end() || !first->marked || !second->marked) return std::nullopt;
  const auto is_east = [](const Angle& a) { return a.side == 'e' || a.side == 'w'; };
  const auto is_north = [](const Angle& a) { return a.side == 'n' || a.side == 's'; };
  if ((is_east(*first) && is_east(*second)) || (is_north(*first) && is_north(*second)))
    return std::nullopt;
  const bool turned = is_east(*first) || is_north(*second) || std::abs(first->degrees) > 90;
  const LatLon point =
      turned ? LatLon{second->degrees, first->degrees} : LatLon{first->degrees, second->degrees};
  if (!is_valid(point)) return std::nullopt;
  return point;
}

}  // namespace vl::places
