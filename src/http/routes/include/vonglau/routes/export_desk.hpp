// What the core tells recorders of exports, and signs: from the read tables, whenever one
// changed. Also how far each is, as recorders say it (not journalled). Any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/signing.hpp>
#include <vonglau/exports/schema.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/vault/vault.hpp>

namespace vl::routes {

class ExportDesk {
 public:
  struct Parts {
    ProvinceId province;
    std::string province_name;
    std::string made_by;
    const SigningKey& key;         // the centre's, of exports
    const SigningKey& ticket_key;  // of tickets, with which recorders fetch each other's parts
    const Clock& clock;
    IdSource& ids;
    vault::Vault& vault;
    std::function<std::string(const Uuid&)> name_of;  // of a person of the staff
    /// What watchers are told that is no event.
    std::function<void(std::shared_ptr<const std::string>)> tell;
  };
  explicit ExportDesk(Parts parts) : parts_(std::move(parts)) {}

  struct Work {
    Uuid recorder;
    node::ExportAssignment what;
  };
  /// All live exports as their recorders should have them.
  Result<std::vector<Work>> assignments(store::Session& session) const;

  void note_progress(const node::ExportProgressItem& progress);
  std::optional<node::ExportProgressItem> progress(const exports::ExportId& id) const;
  const Bytes& public_key() const { return parts_.key.public_key(); }

  /// With which the approver's reading of the reason is on record, and the desk reads it again.
  static vault::Purpose purpose_of_decision(const exports::ExportId& id, const Uuid& person);

 private:
  using Nodes = std::map<Uuid, node::NodeRow>;
  /// What this one of its recorders has to do.
  Result<node::ExportAssignment> assignment(store::Session& session, const exports::ExportRow& row,
                                            const Uuid& recorder, const Nodes& nodes) const;
  std::vector<node::ExportPart> parts_of(const exports::ExportRow& row, const Nodes& nodes) const;
  /// Without people: who makes a part need not know who asked and why.
  Result<boost::json::value> terms(store::Session& session, const exports::ExportRow& row,
                                   bool with_people) const;

  const Parts parts_;
  mutable std::mutex mutex_;
  std::map<Uuid, node::ExportProgressItem> progress_;
};

}  // namespace vl::routes
