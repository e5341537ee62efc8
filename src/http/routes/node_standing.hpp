// Of which cameras a node may speak: of those that are recorded there, and of no others. A node
// that was broken into, or is set up wrongly, must not put out other recorders' cameras, hide
// their gaps or invent their health. Private.
//
// What is not a node's to say is left out and told, and the rest of its batch is taken: a batch
// that were refused whole would be sent again for ever, for instance when a camera went to
// another recorder while its old one had something left to tell of it.
#pragma once

#include <vector>

#include <vonglau/node/protocol.hpp>
#include <vonglau/routes/core.hpp>

namespace vl::routes {

/// Leaves what this node may say; gives how many items, or cameras in one of many, went. Whatever
/// names a camera is judged, by its members `camera_id` and `cameras[].camera_id`, so that a kind
/// of item that is added later is judged without anybody remembering to. Exports judge for
/// themselves (exports::take_report).
Result<std::size_t> keep_own(Core& core, const Uuid& node, std::vector<node::BatchItem>& items);

}  // namespace vl::routes
