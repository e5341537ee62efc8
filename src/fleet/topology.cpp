#include <algorithm>

#include <vonglau/fleet/topology.hpp>

namespace vl::fleet {

std::optional<std::size_t> Topology::index_of(const AssetId& id) const {
  const auto found = index_.find(id);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

Result<Topology> Topology::make(std::vector<Node> nodes) {
  if (nodes.size() > most_assets)
    return fail(FleetError::bad_link, "more than 20,000 assets are not taken");
  Topology out;
  out.nodes_ = std::move(nodes);
  for (std::size_t i = 0; i < out.nodes_.size(); ++i) out.index_[out.nodes_[i].id] = i;
  // Those whose parents all have a depth get theirs; what never gets one is in a circle.
  std::vector<std::vector<std::size_t>> below(out.nodes_.size());
  std::vector<std::size_t> waits_for(out.nodes_.size());
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < out.nodes_.size(); ++i) {
    for (const auto& parent : out.nodes_[i].hangs_on) {
      const auto found = out.index_of(parent);
      if (!found)
        return fail(FleetError::bad_link, out.nodes_[i].code + " hangs on something unknown",
                    "hangs_on");
      below[*found].push_back(i);
      ++waits_for[i];
    }
    if (waits_for[i] == 0) ready.push_back(i);
  }
  out.depths_.assign(out.nodes_.size(), 0);
  std::size_t placed = 0;
  for (; placed < ready.size(); ++placed) {
    const auto at = ready[placed];
    for (const auto child : below[at]) {
      out.depths_[child] = std::max(out.depths_[child], out.depths_[at] + 1);
      if (out.depths_[child] > most_depth)
        return fail(FleetError::bad_link, out.nodes_[child].code + " hangs too many levels deep",
                    "hangs_on");
      if (--waits_for[child] == 0) ready.push_back(child);
    }
  }
  if (placed == out.nodes_.size()) return out;
  for (std::size_t i = 0; i < waits_for.size(); ++i)
    if (waits_for[i] > 0)
      return fail(FleetError::bad_link, out.nodes_[i].code + " would hang on itself", "hangs_on");
  return out;
}

std::vector<std::size_t> Topology::above(std::span<const AssetId> links) const {
  std::vector<std::size_t> out;
  const auto add = [&](std::span<const AssetId> ids) {
    for (const auto& id : ids)
      if (const auto found = index_of(id); found && std::ranges::find(out, *found) == out.end())
        out.push_back(*found);
  };
  add(links);
  for (std::size_t i = 0; i < out.size(); ++i) add(nodes_[out[i]].hangs_on);
  return out;
}

}  // namespace vl::fleet
