// "As of" any past sequence: the nearest snapshot before it and the events since.
//
// `at` may be called from any thread with a session of its own. `keep_up` writes snapshots as
// the journal grows and is called by one thread (the app's background one).
#pragma once

#include <vonglau/journal/upcast.hpp>
#include <vonglau/situation/situation.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::situation {

/// Snapshots live in the telemetry database: derived, unhashed, and off the writer's lock.
store::MigrationSet snapshot_migrations();

class History {
 public:
  History(ProvinceId province, const journal::Upcasters& upcasters,
          std::int64_t snapshot_every = 5'000)
      : province_(province), upcasters_(upcasters), snapshot_every_(snapshot_every) {}

  Result<Situation> at(store::Session& journal, store::Session& snapshots,
                       std::int64_t sequence) const;

  /// Writes every snapshot that is due up to `head`; gives the number written.
  Result<std::int64_t> keep_up(store::Session& journal, store::Session& snapshots,
                               std::int64_t head) const;

 private:
  struct Start {
    std::int64_t sequence = 0;
    Situation situation;
  };
  Result<Start> nearest(store::Session& snapshots, std::int64_t sequence) const;

  ProvinceId province_;
  const journal::Upcasters& upcasters_;
  std::int64_t snapshot_every_;
};

}  // namespace vl::situation
