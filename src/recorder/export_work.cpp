#include "export_work.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/evidence/timestamp.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/picture/masking.hpp>

#include "export_archive.hpp"
#include "export_parts.hpp"
#include "timestamp_client.hpp"

namespace vl::recorder {

namespace {

namespace fs = std::filesystem;
constexpr std::int64_t lead_in_us = 61'000'000;  // the key picture before lies within a minute
constexpr std::int64_t progress_every_us = 1'000'000;
constexpr std::int64_t longest_stamp_wait_us = 3'600'000'000;
constexpr std::string_view lock_prefix = "export ";

std::optional<std::string> text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

/// "vong-lau-VA-2026_117-0192f0c1": what people see in their downloads.
std::string shown_name(const evidence::Manifest& manifest) {
  std::string number;
  for (const char c : manifest.request.case_number) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.';
    number += plain ? c : '_';
  }
  return fmt::format("vong-lau-{}-{}", number, manifest.export_id.text().substr(24));
}

}  // namespace

ExportWork::ExportWork(ExportOptions options, std::uint64_t reserve_bytes,
                       recording::FragmentStore& store, CoreReports& reports, const Clock& clock,
                       IdSource& ids)
    : options_(std::move(options)),
      reserve_bytes_(reserve_bytes),
      store_(store),
      reports_(reports),
      clock_(clock),
      ids_(ids) {
  std::error_code ignored;
  fs::create_directories(options_.folder, ignored);
  fs::permissions(options_.folder, fs::perms::owner_all, ignored);
  thread_ = std::thread([this] { run(); });
}

ExportWork::~ExportWork() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void ExportWork::assign(std::vector<node::ExportAssignment> exports) {
  Wanted wanted;
  for (auto& one : exports) {
    const auto id = one.id;
    wanted.insert_or_assign(id, std::move(one));
  }
  {
    const std::scoped_lock lock(mutex_);
    wanted_ = std::move(wanted);
    fresh_ = true;
  }
  changed_.notify_one();
}

Result<ExportWork::Archive> ExportWork::archive(const Uuid& id) const {
  const auto path = archive_of(id);
  const auto name = text_of_file(folder_of(id) + ".name");
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  {
    const std::scoped_lock lock(mutex_);
    const bool is_over = !wanted_ || !wanted_->contains(id);
    if (is_over || !name || error)
      return fail(http::HttpError::not_found, "this export is not here, or not any more");
  }
  // It changes once, when a timestamp is added, and is longer then.
  return Archive{path, *name + ".zip", fmt::format("\"{}-{}\"", id.text(), bytes)};
}

Result<std::string> ExportWork::part_file(const Uuid& id, std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto path = part_of(id) + "/" + std::string(name);
  if (!wanted_ || !wanted_->contains(id) || !evidence::is_export_path(name) ||
      !fs::is_regular_file(path))
    return fail(http::HttpError::not_found, "this part is not here, or not any more");
  return path;
}

void ExportWork::delivered(const Uuid& id, const Uuid& person, const Archive& archive,
                           std::uint64_t size, std::uint64_t first, std::uint64_t bytes) {
  if (deliveries_.add(folder_of(id) + ".pieces", archive.etag, size, person, first, bytes))
    reports_.tell(node::ExportDeliveredItem{id, ids_.next(), person});
}

bool ExportWork::goes_on(const Uuid& id) const {
  const std::scoped_lock lock(mutex_);
  return !stopping_ && wanted_ && wanted_->contains(id);
}

void ExportWork::run() {
  // Recording goes before: threads of one process have priorities of their own here.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 10);
  for (;;) {
    Wanted wanted;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(wait_ms()),
                        [&] { return stopping_ || fresh_; });
      if (stopping_) return;
      if (!wanted_) continue;
      fresh_ = false;
      wanted = *wanted_;
    }
    turn(wanted);
  }
}

void ExportWork::turn(const Wanted& wanted) {
  let_go(wanted);
  for (const auto& [id, one] : wanted)
    if (auto held = hold(one); !held)
      log::warn("export.not_held", {{"export", id.text()}, {"why", held.error().message}});
  for (const auto& [id, one] : wanted) {
    if (failed_.contains(id) || !goes_on(id)) continue;
    auto done = step(one);
    if (done || !goes_on(id)) continue;
    log::error("export.failed", {{"export", id.text()}, {"why", done.error().message}});
    failed_.insert(id);
    reports_.export_failed(id, std::string(done.error().code.name));
  }
}

Result<void> ExportWork::step(const node::ExportAssignment& one) {
  switch (one.step) {
    case node::ExportStep::hold:
      break;
    case node::ExportStep::part:
      return make_part(one);
    case node::ExportStep::make:
      return make(one);
    case node::ExportStep::complete:
      VL_CHECK(complete(one));
      stamp_later(one);
  }
  return {};
}

/// Until the next turn, if nothing new is said before.
std::int64_t ExportWork::wait_ms() const {
  auto out = options_.try_again_ms;
  for (const auto& [id, stamping] : stamping_)
    out = std::min(out, std::max<std::int64_t>(0, stamping.due_us - clock_.mono().us) / 1000 + 1);
  return out;
}

/// Footage and folders of exports that are over.
void ExportWork::let_go(const Wanted& wanted) {
  if (const auto locks = store_.locks())
    for (const auto& lock : *locks) {
      if (!lock.reason.starts_with(lock_prefix)) continue;
      const auto id = Uuid::parse(lock.reason.substr(lock_prefix.size()));
      if (id && wanted.contains(*id)) continue;
      if (auto gone = store_.unlock(lock.id); !gone)
        log::warn("export.not_let_go", {{"why", gone.error().message}});
    }
  std::error_code error;
  std::vector<fs::path> over;
  for (auto at = fs::directory_iterator(options_.folder, error);
       !error && at != fs::directory_iterator(); at.increment(error)) {
    const auto name = at->path().filename().string();
    const auto id = Uuid::parse(name.substr(0, 36));
    const auto now = id ? wanted.find(*id) : wanted.end();
    // Parts are of use until the whole is made.
    const bool is_part = name.ends_with(".part") && now != wanted.end() &&
                         now->second.step == node::ExportStep::hold && told_part_.contains(*id);
    const bool are_parts = name.ends_with(".parts") && now != wanted.end() &&
                           now->second.step == node::ExportStep::complete;
    if (id && (now == wanted.end() || is_part || are_parts)) over.push_back(at->path());
  }
  for (const auto& path : over) fs::remove_all(path, error);
  std::erase_if(failed_, [&](const Uuid& id) { return !wanted.contains(id); });
  std::erase_if(stamping_, [&](const auto& one) { return !wanted.contains(one.first); });
  std::erase_if(parts_, [&](const auto& one) { return !wanted.contains(one.first.first); });
  std::erase_if(part_tries_, [&](const auto& one) { return !wanted.contains(one.first.first); });
}

Result<void> ExportWork::hold(const node::ExportAssignment& one) {
  if (told_locked_.contains(one.id)) return {};
  const auto reason = std::string(lock_prefix) + one.id.text();
  VL_TRY(const auto locks, store_.locks());
  for (const auto& camera : one.cameras) {
    if (camera.elsewhere) continue;
    const recording::StreamKey stream{recording::CameraId{camera.id}};
    const bool is_held = std::ranges::any_of(
        locks, [&](const auto& lock) { return lock.reason == reason && lock.stream == stream; });
    if (!is_held) VL_CHECK(store_.lock(stream, one.from_us - lead_in_us, one.to_us, reason));
  }
  told_locked_.insert(one.id);
  reports_.export_locked(one.id);
  return {};
}

Result<evidence::ExportOrder> ExportWork::order_of(const node::ExportAssignment& one) const {
  if (!one.order)
    return fail(evidence::EvidenceError::malformed, "the core did not say what to make");
  VL_TRY(auto terms, json::read<evidence::ExportTerms>(*one.order, json::Unknown::ignore));
  evidence::ExportOrder order{one.id,
                              std::move(terms.made_by),
                              std::move(terms.centre),
                              std::move(terms.request),
                              std::move(terms.journal),
                              {}};
  for (const auto& camera : one.cameras)
    order.cameras.push_back(
        {camera.id, camera.code, camera.name, camera.recorder.value_or(""), nullptr, {}});
  for (const auto& m : one.masks.value_or(std::vector<node::ExportMask>{}))
    for (auto& camera : order.cameras)
      if (camera.id == m.camera_id)
        camera.masks.push_back({m.from_us, m.to_us, m.x, m.y, m.width, m.height});
  return order;
}

evidence::ExportOptions ExportWork::how_to_make(const node::ExportAssignment& one,
                                                std::string folder) {
  evidence::ExportOptions options;
  options.folder = std::move(folder);
  options.reserve_bytes = reserve_bytes_;
  if (options_.painter)
    options.mask = [this, id = one.id](const evidence::MaskJob& job) -> Result<void> {
      picture::MaskOrder masks{job.from, job.to, {}};
      for (const auto& m : job.regions)
        masks.areas.push_back({m.from_us, m.to_us, m.x, m.y, m.width, m.height});
      VL_CHECK(picture::mask_apart(options_.painter, masks, [&] { return goes_on(id); }));
      return {};
    };
  options.on_progress = [this, id = one.id,
                         told_us = std::int64_t{0}](const evidence::ExportProgress& now) mutable {
    const auto now_us = clock_.mono().us;
    if (now_us - told_us >= progress_every_us) {
      told_us = now_us;
      reports_.tell(node::ExportProgressItem{id, static_cast<std::int64_t>(now.done_bytes),
                                             static_cast<std::int64_t>(now.all_bytes)});
    }
    return goes_on(id);
  };
  return options;
}

Result<void> ExportWork::make_part(const node::ExportAssignment& one) {
  if (told_part_.contains(one.id)) return {};
  if (!fs::exists(part_of(one.id) + "/manifest.json")) {
    VL_TRY(auto order, order_of(one));
    auto options = how_to_make(one, part_of(one.id));
    options.is_part = true;
    options.on_progress = [this, id = one.id](const auto&) { return goes_on(id); };
    VL_CHECK(evidence::write_export(std::move(order), store_, clock_, options));
  }
  return tell_part(one.id);
}

Result<void> ExportWork::tell_part(const Uuid& id) {
  const auto text = text_of_file(part_of(id) + "/manifest.json");
  if (!text) return fail(evidence::EvidenceError::unreadable, "its manifest is gone");
  VL_TRY(const auto manifest, evidence::read_manifest(*text));
  node::ExportPartItem part{id, sha256(as_bytes(*text)),
                            static_cast<std::int64_t>(manifest.tree.leaves), 0};
  for (const auto& stream : manifest.streams)
    for (const auto& file : stream.footage) part.bytes += static_cast<std::int64_t>(file.bytes);
  reports_.tell(part);
  told_part_.insert(id);
  return {};
}

/// What cannot be fetched however often it is tried is told, and the core goes on without.
Result<bool> ExportWork::fetch_parts(const node::ExportAssignment& one) {
  bool all = true;
  for (const auto& part : one.parts.value_or(std::vector<node::ExportPart>{})) {
    const OfPart key{one.id, part.recorder_id};
    if (parts_.contains(key)) continue;
    auto fetched =
        fetch_part(part, options_.peers_ca_file, parts_of(one.id) + "/" + part.recorder_id.text(),
                   [&] { return goes_on(one.id); });
    if (fetched) {
      parts_[key] = std::move(*fetched);
      continue;
    }
    all = false;
    log::warn("export.part_not_fetched", {{"export", one.id.text()},
                                          {"recorder", part.recorder_id.text()},
                                          {"why", fetched.error().message}});
    if (goes_on(one.id) && ++part_tries_[key] == options_.part_tries)
      reports_.tell(node::ExportPartFailedItem{one.id, part.recorder_id,
                                               std::string(fetched.error().code.name)});
  }
  return all;
}

Result<void> ExportWork::make(const node::ExportAssignment& one) {
  if (told_made_.contains(one.id)) return {};
  if (fs::exists(folder_of(one.id) + "/manifest.json")) return tell_made(one.id);
  VL_TRY(const bool all, fetch_parts(one));
  if (!all) return {};
  VL_TRY(auto order, order_of(one));
  const auto own = evidence::stored_footage(store_);
  for (std::size_t i = 0; i < order.cameras.size(); ++i)
    if (!one.cameras[i].elsewhere) order.cameras[i].source = own.get();
  for (const auto& part : one.parts.value_or(std::vector<node::ExportPart>{}))
    for (auto& camera : order.cameras)
      if (std::ranges::find(part.cameras, camera.id) != part.cameras.end())
        camera.source = parts_[{one.id, part.recorder_id}].get();
  VL_CHECK(evidence::write_export(order, clock_, how_to_make(one, folder_of(one.id))));
  std::erase_if(parts_, [&](const auto& part) { return part.first.first == one.id; });
  return tell_made(one.id);
}

Result<void> ExportWork::tell_made(const Uuid& id) {
  const auto text = text_of_file(folder_of(id) + "/manifest.json");
  if (!text) return fail(evidence::EvidenceError::unreadable, "its manifest is gone");
  VL_TRY(const auto manifest, evidence::read_manifest(*text));
  node::ExportMadeItem made;
  made.export_id = id;
  made.manifest_sha256 = sha256(as_bytes(*text));
  made.tree_root = *evidence::digest_of(manifest.tree.root);
  made.fragments = static_cast<std::int64_t>(manifest.tree.leaves);
  made.bytes = static_cast<std::int64_t>(text->size());
  for (const auto& stream : manifest.streams) {
    for (const auto& span : stream.spans) made.footage_us += span.end_us - span.start_us;
    for (const auto& file : stream.footage) made.bytes += static_cast<std::int64_t>(file.bytes);
    for (const auto& video : stream.videos) made.bytes += static_cast<std::int64_t>(video.bytes);
  }
  for (const auto& file : manifest.files) made.bytes += static_cast<std::int64_t>(file.bytes);
  reports_.tell(made);
  told_made_.insert(id);
  return {};
}

node::ExportReadyItem ExportWork::ready_item(const Uuid& id) const {
  std::error_code error;
  const auto bytes = fs::file_size(archive_of(id), error);
  return {id, error ? 0 : static_cast<std::int64_t>(bytes),
          text_of_file(folder_of(id) + ".timestamp").value_or("none")};
}

Result<void> ExportWork::complete(const node::ExportAssignment& one) {
  if (told_ready_.contains(one.id)) return {};
  if (!fs::exists(archive_of(one.id))) VL_CHECK(pack(one));
  std::error_code ignored;
  fs::remove_all(folder_of(one.id), ignored);
  reports_.tell(ready_item(one.id));
  told_ready_.insert(one.id);
  return {};
}

Result<void> ExportWork::pack(const node::ExportAssignment& one) {
  const auto folder = folder_of(one.id);
  const auto text = text_of_file(folder + "/manifest.json");
  if (!text || !one.signature)
    return fail(evidence::EvidenceError::unreadable, "the export that was made is gone");
  VL_TRY(const auto manifest, evidence::read_manifest(*text));
  VL_TRY(const auto signature, evidence::read_signature(*one.signature));
  if (signature.manifest_sha256 != to_hex(sha256(as_bytes(*text))) ||
      !evidence::is_genuine(signature))
    return fail(evidence::EvidenceError::malformed, "the signature is not of this export");
  VL_CHECK(evidence::write_signature(folder, signature));
  std::string outcome = "none";
  if (!options_.timestamp_url.empty()) {
    outcome = "failed";
    const auto stamp = fetch_timestamp(options_.timestamp_url, options_.timestamp_ca_file,
                                       sha256(as_bytes(*one.signature)));
    if (stamp) {
      VL_CHECK(evidence::write_timestamp(folder, *stamp));
      outcome = "stamped";
    } else {
      log::warn("export.no_timestamp", {{"why", stamp.error().message}});
    }
  }
  const auto name = shown_name(manifest);
  write_text(folder + ".timestamp", outcome);
  write_text(folder + ".name", name);
  VL_TRY(const auto bytes,
         write_archive(folder, name, archive_of(one.id), [&] { return goes_on(one.id); }));
  log::info("export.packed", {{"export", one.id.text()}, {"bytes", std::to_string(bytes)}});
  return {};
}

void ExportWork::stamp_later(const node::ExportAssignment& one) {
  if (options_.timestamp_url.empty() || told_stamped_.contains(one.id)) return;
  const auto outcome = text_of_file(folder_of(one.id) + ".timestamp").value_or("none");
  if (outcome == "none") return;
  if (outcome == "stamped") {
    // Later, and before this recorder started: told again, in case it was not heard.
    if (const auto at = text_of_file(folder_of(one.id) + ".stamped_us"))
      reports_.tell(node::ExportStampedItem{one.id, std::strtoll(at->c_str(), nullptr, 10),
                                            ready_item(one.id).archive_bytes});
    told_stamped_.insert(one.id);
    return;
  }
  const auto now_us = clock_.mono().us;
  auto [at, is_new] = stamping_.try_emplace(
      one.id, Stamping{now_us + options_.stamp_again_us, options_.stamp_again_us});
  if (at->second.due_us > now_us) return;
  auto added = add_stamp(one);
  if (added) {
    stamping_.erase(at);
    return;
  }
  log::warn("export.no_timestamp", {{"export", one.id.text()}, {"why", added.error().message}});
  at->second.wait_us = std::min(at->second.wait_us * 2, longest_stamp_wait_us);
  at->second.due_us = clock_.mono().us + at->second.wait_us;
}

Result<void> ExportWork::add_stamp(const node::ExportAssignment& one) {
  const auto folder = folder_of(one.id);
  const auto name = text_of_file(folder + ".name");
  if (!name || !one.signature)
    return fail(evidence::EvidenceError::unreadable, "the export that was packed is gone");
  const auto digest = sha256(as_bytes(*one.signature));
  VL_TRY(const auto stamp,
         fetch_timestamp(options_.timestamp_url, options_.timestamp_ca_file, digest));
  VL_TRY(const auto read, evidence::read_timestamp(stamp, digest, ""));
  VL_TRY(const auto bytes, add_to_archive(archive_of(one.id), *name + "/timestamp.tsr", stamp));
  write_text(folder + ".stamped_us", std::to_string(read.at_us));
  write_text(folder + ".timestamp", "stamped");
  reports_.tell(node::ExportStampedItem{one.id, read.at_us, static_cast<std::int64_t>(bytes)});
  told_stamped_.insert(one.id);
  return {};
}

}  // namespace vl::recorder
