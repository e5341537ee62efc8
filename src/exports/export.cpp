#include <algorithm>

#include <vonglau/exports/export.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::exports {

using journal::when;

void CaseFile::apply(const journal::Event& event) {
  when<CaseOpened>(event,
                   [&](const CaseOpened& e) {
                     exists = true;
                     kind = e.kind;
                   }) ||
      when<CaseClassified>(event, [&](const CaseClassified& e) { kind = e.kind; }) ||
      when<BookmarkAdded>(event,
                          [&](const BookmarkAdded& e) { bookmarks.insert(e.bookmark_id); }) ||
      when<BookmarkRemoved>(event,
                            [&](const BookmarkRemoved& e) { bookmarks.erase(e.bookmark_id); });
}

bool Export::is_live() const {
  using enum ExportState;
  return state == requested || state == approved || state == made || state == ready;
}

void Export::apply(const journal::Event& event) {
  const auto to = [&](ExportState next) { return [this, next](const auto&) { state = next; }; };
  when<ExportRequested>(event,
                        [&](const ExportRequested& e) {
                          exists = true;
                          state = ExportState::requested;
                          requested_by = e.by;
                          expires_us = e.expires_us;
                          for (const auto& one : e.recorders.value_or(std::vector<Uuid>{}))
                            if (std::ranges::find(recorders, one) == recorders.end())
                              recorders.push_back(one);
                        }) ||
      when<ExportApproved>(event, to(ExportState::approved)) ||
      when<ExportRefused>(event, to(ExportState::refused)) ||
      when<ExportWithdrawn>(event, to(ExportState::withdrawn)) ||
      when<FootageLocked>(event,
                          [&](const FootageLocked& e) {
                            if (e.recorder) locked_by.insert(*e.recorder);
                          }) ||
      when<PartMade>(event, [&](const PartMade& e) { parts_made.insert(e.recorder); }) ||
      when<PartFailed>(event, [&](const PartFailed& e) { parts_failed.insert(e.recorder); }) ||
      when<ExportMade>(event, to(ExportState::made)) ||
      when<ExportReady>(event,
                        [&](const ExportReady& e) {
                          state = ExportState::ready;
                          timestamp = e.timestamp;
                        }) ||
      when<ExportStamped>(event,
                          [&](const ExportStamped&) { timestamp = TimestampOutcome::stamped; }) ||
      when<ExportFailed>(event, to(ExportState::failed)) ||
      when<ExportExpired>(event, to(ExportState::expired));
}

Result<void> check_case_number(std::string_view number) {
  const auto solid = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;  // Vietnamese letters
  };
  bool good =
      number.size() >= 3 && number.size() <= 40 && solid(number.front()) && solid(number.back());
  for (const char c : number)
    good = good && (solid(c) || std::string_view(" /.-_").find(c) != std::string_view::npos);
  if (!good)
    return fail(ExportError::bad_number,
                "number: 3 to 40 letters, digits, spaces and / . - _, such as VA-2026/117",
                "number");
  return {};
}

namespace {
bool is_good(const MaskRegion& mask, const ExportRequested& request) {
  return std::ranges::find(request.cameras, mask.camera_id) != request.cameras.end() &&
         mask.x >= 0 && mask.y >= 0 && mask.width >= 1 && mask.height >= 1 &&
         std::int64_t{mask.x} + mask.width <= 1000 && std::int64_t{mask.y} + mask.height <= 1000 &&
         mask.from_us < mask.to_us && mask.from_us < request.to_us &&
         mask.to_us > request.from_us && mask.from_us >= 0;
}
}  // namespace

Result<void> check_request(const ExportRequested& request, WallTime now) {
  const auto bad = [](std::string what, std::string field) {
    return fail(ExportError::bad_request, std::move(what), std::move(field));
  };
  if (request.cameras.empty() || request.cameras.size() > most_export_cameras)
    return bad("cameras: 1 to 64", "cameras");
  if (std::set<CameraId>(request.cameras.begin(), request.cameras.end()).size() !=
      request.cameras.size())
    return bad("cameras: each once", "cameras");
  if (request.from_us <= 0 || request.to_us <= request.from_us ||
      request.to_us - request.from_us > most_export_us)
    return bad("to_us: after from_us, at most 24 hours", "to_us");
  if (request.to_us > now.us)
    return bad("to_us: footage of the future cannot be exported", "to_us");
  if (request.recorders && request.recorders->size() != request.cameras.size())
    return bad("recorders: one of each camera", "cameras");
  const auto masks = request.masks.value_or(std::vector<MaskRegion>{});
  if (masks.size() > most_masks) return bad("masks: at most 100", "masks");
  for (const auto& mask : masks)
    if (!is_good(mask, request))
      return bad("masks: inside the picture, of a camera and a time of this export", "masks");
  const auto days = (request.expires_us - now.us + 86'399'999'999) / 86'400'000'000;
  if (days < 1 || days > most_kept_days) return bad("keep_days: 1 to 730", "keep_days");
  return {};
}

Result<void> check_bookmark(const BookmarkAdded& bookmark) {
  if (bookmark.from_us <= 0 || bookmark.to_us < bookmark.from_us ||
      bookmark.to_us - bookmark.from_us > most_export_us)
    return fail(ExportError::bad_request, "to_us: not before from_us, at most 24 hours", "to_us");
  return {};
}

namespace {
Result<void> is_requested(const Export& asked) {
  if (!asked.exists) return fail(ExportError::not_found, "there is no such export");
  if (asked.state != ExportState::requested)
    return fail(ExportError::not_requested, "it was decided already, or has expired");
  return {};
}
}  // namespace

Result<void> may_decide(const Export& asked, PersonId by) {
  VL_CHECK(is_requested(asked));
  if (asked.requested_by == by)
    return fail(ExportError::same_person,
                "who asks for footage does not approve it; a second person decides");
  return {};
}

Result<void> may_withdraw(const Export& asked, PersonId by) {
  VL_CHECK(is_requested(asked));
  if (asked.requested_by != by)
    return fail(ExportError::not_yours, "only who asked withdraws a request");
  return {};
}

Result<void> may_download(const Export& asked) {
  if (!asked.exists) return fail(ExportError::not_found, "there is no such export");
  if (asked.state != ExportState::ready)
    return fail(ExportError::not_ready, "it is not ready to be fetched, or not any more");
  return {};
}

Result<void> may_report(const Export& asked, const Uuid& node) {
  if (std::ranges::find(asked.recorders, node) == asked.recorders.end())
    return fail(ExportError::not_its_recorder, "this node has none of the export's cameras");
  return {};
}

}  // namespace vl::exports
