// A case and an export as their events leave them. Pure: decide functions look at the state and
// give events; apply folds them.
#pragma once

#include <set>

#include <vonglau/exports/error.hpp>
#include <vonglau/exports/events.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::exports {

constexpr std::size_t most_export_cameras = 64;
constexpr std::int64_t most_export_us = 24LL * 3600 * 1'000'000;  // of one camera
constexpr std::int64_t most_kept_days = 730;
constexpr std::size_t most_masks = 100;

struct CaseFile {
  static constexpr std::string_view kStream = "case";
  bool exists = false;
  CaseKind kind{};
  std::set<BookmarkId> bookmarks;

  void apply(const journal::Event& event);
};

struct Export {
  static constexpr std::string_view kStream = "export";
  bool exists = false;
  ExportState state{};
  PersonId requested_by;
  std::int64_t expires_us = 0;
  TimestampOutcome timestamp{};
  /// Each once, in the order of its first camera. The first puts the parts of the others together.
  std::vector<Uuid> recorders;
  std::set<Uuid> locked_by;
  std::set<Uuid> parts_made;
  std::set<Uuid> parts_failed;

  /// It can still come to something, so its footage is held.
  bool is_live() const;
  void apply(const journal::Event& event);
};

/// 3 to 40 letters, digits, spaces and / . - _, with a letter or digit at both ends.
Result<void> check_case_number(std::string_view number);
Result<void> check_request(const ExportRequested& request, WallTime now);
Result<void> check_bookmark(const BookmarkAdded& bookmark);

/// Approve or refuse: by somebody else, once.
Result<void> may_decide(const Export& asked, PersonId by);
Result<void> may_withdraw(const Export& asked, PersonId by);
Result<void> may_download(const Export& asked);
/// A node speaks only of exports whose cameras it has.
Result<void> may_report(const Export& asked, const Uuid& node);

}  // namespace vl::exports
