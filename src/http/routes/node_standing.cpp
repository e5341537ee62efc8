#include "node_standing.hpp"

#include <algorithm>

#include <vonglau/base/log.hpp>

namespace vl::routes {

namespace bj = boost::json;

namespace {

class OwnCameras {
 public:
  OwnCameras(Uuid node, std::vector<Uuid> recorders)
      : node_(node), recorders_(std::move(recorders)) {}

  /// True too where nothing is named: what is malformed is its reader's to refuse.
  bool may_speak_of(const bj::value& body) const {
    const auto* object = body.if_object();
    const auto* named = object != nullptr ? object->if_contains("camera_id") : nullptr;
    const auto* text = named != nullptr ? named->if_string() : nullptr;
    const auto id = text != nullptr ? Uuid::parse(*text) : std::nullopt;
    return !id || NodeHub::recorder_of(*id, recorders_) == node_;
  }
  std::size_t sift_list(bj::value& body) const {
    auto* object = body.if_object();
    auto* cameras = object != nullptr ? object->if_contains("cameras") : nullptr;
    auto* list = cameras != nullptr ? cameras->if_array() : nullptr;
    if (list == nullptr) return 0;
    const auto before = list->size();
    list->erase(std::remove_if(list->begin(), list->end(),
                               [&](const auto& one) { return !may_speak_of(one); }),
                list->end());
    return before - list->size();
  }

 private:
  const Uuid node_;
  const std::vector<Uuid> recorders_;
};

}  // namespace

Result<std::size_t> keep_own(Core& core, const Uuid& node, std::vector<node::BatchItem>& items) {
  std::vector<Uuid> recorders;
  {
    VL_TRY(auto session, core.readers.take());
    VL_TRY(const auto nodes, node::nodes(*session, core.province));
    for (const auto& one : nodes)
      if (one.kind == "recorder") recorders.push_back(one.id);
  }
  const OwnCameras own(node, std::move(recorders));
  std::size_t refused = std::erase_if(items, [&](const auto& item) {
    const bool foreign = !own.may_speak_of(item.body);
    if (foreign)
      log::warn("nodes.report_refused", {{"node", node.text()}, {"kind", item.kind.substr(0, 40)}});
    return foreign;
  });
  for (auto& item : items) refused += own.sift_list(item.body);
  return refused;
}

}  // namespace vl::routes
