#include "viewer.hpp"

#include <vonglau/base/json.hpp>

#include "viewer_template.hpp"

namespace vl::evidence {

namespace {

/// As text inside <script>: nothing in it can end the element.
std::string for_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string viewer_page(const Manifest& manifest) {
  Manifest shown = manifest;
  for (auto& stream : shown.streams)
    for (auto& file : stream.footage) file.fragments.clear();  // of no use on a page
  std::string out(viewer_template);
  constexpr std::string_view place = "@MANIFEST@";
  const auto at = out.find(place);
  out.replace(at, place.size(), for_script(text_of(shown)));
  return out;
}

}  // namespace vl::evidence
