// A site's core, opened: databases, journal, vault, accounts. Used by `vonglau core`, which
// serves it, and by `vonglau init`, which records the first administrator in it.
//
// Members are declared in the order in which they depend on each other and go in the reverse.
// One per process; what it holds may be used from any thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <vonglau/access/accounts.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/routes/readers.hpp>
#include <vonglau/store/reserve.hpp>
#include <vonglau/vault/vault.hpp>

#include "config.hpp"

namespace vl::app {

class Centre {
 public:
  /// Brings both databases up to date, takes the journal's epoch, finishes erasures that were
  /// cut off. Makes what is missing on a new site: database files, vault keys.
  static Result<std::unique_ptr<Centre>> open(const Config& config, const Clock& clock,
                                              std::function<void()> on_fenced = {});

  const Config& config() const { return config_; }
  const Clock& clock() const { return clock_; }
  IdSource& ids() { return ids_; }
  store::Database& database() { return *database_; }
  store::Database& telemetry() { return *telemetry_; }
  routes::Readers& readers() { return *readers_; }
  routes::Readers& telemetry_readers() { return *telemetry_readers_; }
  const journal::Upcasters& upcasters() const { return upcasters_; }
  journal::Journal& journal() { return *journal_; }
  vault::Vault& vault() { return *vault_; }
  access::SessionTable& sessions() { return *sessions_; }
  access::Lockout& lockout() { return *lockout_; }
  access::Accounts& accounts() { return *accounts_; }
  /// Room for the journal beside an embedded store; null where there is none.
  store::DiskReserve* reserve() { return reserve_.get(); }

 private:
  Centre(const Config& config, const Clock& clock) : config_(config), clock_(clock), ids_(clock) {}
  Result<void> open_databases();
  void open_reserve();
  Result<void> open_vault();
  Result<void> open_access();

  const Config config_;
  const Clock& clock_;
  SystemIdSource ids_;
  std::unique_ptr<store::DiskReserve> reserve_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Database> telemetry_;
  std::unique_ptr<routes::Readers> readers_;
  std::unique_ptr<routes::Readers> telemetry_readers_;
  std::unique_ptr<vault::KeyStore> keys_;
  std::unique_ptr<vault::Objects> objects_;
  std::unique_ptr<vault::Vault> vault_;
  std::vector<std::unique_ptr<journal::Projection>> projections_;
  journal::Upcasters upcasters_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<access::SessionTable> sessions_;
  std::unique_ptr<access::Lockout> lockout_;
  std::unique_ptr<access::CredentialPool> pool_;
  std::unique_ptr<access::Accounts> accounts_;
};

}  // namespace vl::app
