#include "centre.hpp"

#include <filesystem>

#include <vonglau/base/log.hpp>
#include <vonglau/vault/secret.hpp>

#include "composition.hpp"

namespace vl::app {

Result<std::unique_ptr<Centre>> Centre::open(const Config& config, const Clock& clock,
                                             std::function<void()> on_fenced) {
  vault::start_crypto();
  std::unique_ptr<Centre> centre(new Centre(config, clock));
  VL_CHECK(centre->open_databases());
  centre->open_reserve();
  VL_CHECK(centre->open_vault());
  journal::JournalOptions options;
  options.writer.province = config.province_id();
  options.on_fenced = std::move(on_fenced);
  if (auto* reserve = centre->reserve())
    options.writer.make_room = [reserve] { return reserve->give_up(); };
  centre->projections_ = all_projections();
  centre->upcasters_ = all_upcasters();
  VL_TRY(centre->journal_,
         journal::Journal::open(*centre->database_, clock, std::move(options),
                                pointers_to(centre->projections_), centre->upcasters_));
  VL_CHECK(centre->open_access());
  return centre;
}

Result<void> Centre::open_databases() {
  std::error_code ignored;
  std::filesystem::create_directories(config_.folders.data, ignored);
  VL_TRY(database_, store::open_database(config_.store.address));
  VL_TRY(telemetry_, store::open_database(config_.telemetry_address()));
  VL_TRY(auto session, database_->open_session());
  VL_CHECK(store::migrate(*session, all_migrations(), clock_));
  VL_TRY(auto telemetry, telemetry_->open_session());
  VL_CHECK(store::migrate(*telemetry, telemetry_migrations(), clock_));
  readers_ = std::make_unique<routes::Readers>(*database_);
  telemetry_readers_ = std::make_unique<routes::Readers>(*telemetry_);
  return {};
}

/// A reserve that cannot be had is a warning: it must not keep a centre from starting.
void Centre::open_reserve() {
  const std::string path = config_.reserve_file();
  if (path.empty()) return;
  // Recording leaves journal_reserve_mib free; a part of it is also held against everything else.
  auto opened = store::DiskReserve::open(path, (config_.limits.journal_reserve_mib << 20) / 4);
  if (!opened) {
    log::warn("storage.no_reserve", {{"why", opened.error().message}});
    return;
  }
  reserve_ = std::move(*opened);
}

Result<void> Centre::open_vault() {
  const std::string master = config_.folders.keys + "/vault.master";
  // A key store without its master key is a site whose key must be restored, not a new site.
  const bool is_new = !std::filesystem::exists(config_.folders.keys + "/vault.db");
  if (is_new && !std::filesystem::exists(master)) VL_CHECK(vault::MasterKey::create(master));
  VL_TRY(keys_, vault::open_key_store(config_.folders.keys + "/vault.db", master, clock_));
  VL_TRY(objects_, vault::Objects::open(config_.folders.data + "/objects"));
  vault_ = std::make_unique<vault::Vault>(config_.province_id(), *keys_, *objects_, clock_, ids_);
  VL_TRY(auto session, database_->open_session());
  VL_CHECK(vault_->resume_erasures(*session));
  return {};
}

Result<void> Centre::open_access() {
  const ProvinceId province = config_.province_id();
  sessions_ = std::make_unique<access::SessionTable>(province, clock_);
  VL_TRY(auto session, database_->open_session());
  VL_CHECK(sessions_->load(*session));
  VL_TRY(const auto key, keys_->index_key(province, vault::Kind::login));
  lockout_ = std::make_unique<access::Lockout>(province, key, clock_);
  pool_ = std::make_unique<access::CredentialPool>();
  accounts_ = std::make_unique<access::Accounts>(
      access::Accounts::Parts{province, clock_, ids_, *journal_, *database_, *vault_, *sessions_,
                              *lockout_, *pool_, access::PasswordPolicy{}});
  return {};
}

}  // namespace vl::app
