// index.html of an export: one file that plays the videos beside it and tells what they are, in
// Vietnamese and English, without a server and without anything from elsewhere.
#pragma once

#include <vonglau/evidence/manifest.hpp>

namespace vl::evidence {

/// `manifest` as far as it is known: without `files`.
std::string viewer_page(const Manifest& manifest);

}  // namespace vl::evidence
