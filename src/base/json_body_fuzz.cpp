// Any text as the JSON body of a request: read as a struct with a member of every kind. What was
// understood is written and read again and must be the same.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/base/json.hpp>

namespace {

enum class Kind { police, fire, medical };
BOOST_DESCRIBE_ENUM(Kind, police, fire, medical)

struct Place {
  double lat = 0;
  std::optional<double> lon;
};
BOOST_DESCRIBE_STRUCT(Place, (), (lat, lon))

struct Body {
  std::string text;
  std::optional<std::string> note;
  std::int64_t count = 0;
  bool open = false;
  Kind kind{};
  vl::Uuid id;
  vl::WallTime at_us;
  vl::Bytes blob;
  std::optional<Place> place;
  std::vector<Place> places;
  std::vector<Kind> kinds;
};
BOOST_DESCRIBE_STRUCT(Body, (),
                      (text, note, count, open, kind, id, at_us, blob, place, places, kinds))

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vl::as_text(vl::ByteView(data, size));
  for (const auto unknown : {vl::json::Unknown::refuse, vl::json::Unknown::ignore}) {
    const auto body = vl::json::read_text<Body>(text, unknown);
    if (!body) {
      VL_ASSERT(!body.error().message.empty());
      continue;
    }
    const auto written = vl::json::write(*body);
    const auto again = vl::json::read_text<Body>(written);
    VL_ASSERT(again.has_value());
    VL_ASSERT(vl::json::write(*again) == written);
  }
  return 0;
}
