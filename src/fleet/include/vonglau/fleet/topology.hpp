// Who hangs on what, made quick to ask. A plain value; any thread once made.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include <vonglau/fleet/asset.hpp>

namespace vl::fleet {

class Topology {
 public:
  struct Node {
    AssetId id;
    AssetKind kind{};
    std::vector<AssetId> hangs_on;
    std::string code;  // for messages
  };
  Topology() = default;
  /// Refuses links to what is not among the nodes, circles, and more than `most_depth` levels.
  static Result<Topology> make(std::vector<Node> nodes);

  std::size_t size() const { return nodes_.size(); }
  const Node& node(std::size_t index) const { return nodes_[index]; }
  std::optional<std::size_t> index_of(const AssetId& id) const;
  /// How many levels of assets it has above it: 0 for a provider.
  std::size_t depth(std::size_t index) const { return depths_[index]; }
  /// Everything that something with these links hangs on, near and far, each once. Links to
  /// unknown assets are left out.
  std::vector<std::size_t> above(std::span<const AssetId> links) const;

 private:
  std::vector<Node> nodes_;
  std::vector<std::size_t> depths_;
  std::unordered_map<AssetId, std::size_t> index_;
};

}  // namespace vl::fleet
