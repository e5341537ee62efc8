// The rules of the tree, as data and as checks over a SourceTree. Each check gives what breaks
// it, as "file:line: what and why", empty when nothing does.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "layout/source_tree.hpp"

namespace vl::layout {

/// Which rooms a room may include. Rooms are named as in <vonglau/ROOM/...>.
using AllowedEdges = std::map<std::string, std::set<std::string>>;
const AllowedEdges& allowed_edges();
std::string text_of(const AllowedEdges& edges);

using Findings = std::vector<std::string>;

/// base <- journal, store, vault, evidence, node <- domains <- protocol targets, http <- apps.
Findings forbidden_edges(const SourceTree& tree, const AllowedEdges& edges);
/// The table has no way round in a circle.
Findings circles(const AllowedEdges& edges);
/// No public header shows Asio, Beast, SQL's or other libraries; a domain's none of JSON either.
Findings heavy_public_headers(const SourceTree& tree);
/// Each outside library stays with the rooms that wrap it.
Findings libraries_out_of_place(const SourceTree& tree);
/// The SOAP stack of the ONVIF test device is linked with nothing of the product.
Findings test_peers_in_the_product(const SourceTree& tree);
Findings headers_without_pragma_once(const SourceTree& tree);
Findings rooms_without_readme(const SourceTree& tree);
/// Nothing in the tree says where somebody's copy of it lies.
Findings machine_paths(const SourceTree& tree);
Findings longer_than(const SourceTree& tree, int lines);

}  // namespace vl::layout
