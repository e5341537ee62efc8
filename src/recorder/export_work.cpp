#include "export_work.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/evidence/timestamp.hpp>
#include <vonglau/http/client.hpp>

#include "export_archive.hpp"

namespace vl::recorder {

namespace {

namespace fs = std::filesystem;
constexpr std::int64_t lead_in_us = 61'000'000;  // the key picture before lies within a minute
constexpr std::int64_t progress_every_us = 1'000'000;
constexpr auto try_again_after = std::chrono::seconds(30);
constexpr int timestamp_tries = 3;
constexpr std::string_view lock_prefix = "export ";

std::optional<std::string> text_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
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

Result<Bytes> fetch_timestamp(const std::string& url, const std::string& ca_file,
                              const Digest& digest) {
  const auto host = url.find("://");
  const auto slash = host == std::string::npos ? host : url.find('/', host + 3);
  http::ClientOptions options;
  options.base_url = url.substr(0, slash);
  options.trust.ca_file = ca_file;
  options.response_limit_bytes = evidence::most_timestamp_bytes;
  VL_TRY(const auto request, evidence::timestamp_request(digest));
  http::ClientRequest ask;
  ask.method = http::Method::post;
  ask.target = slash == std::string::npos ? "/" : url.substr(slash);
  ask.headers.set("Content-Type", "application/timestamp-query");
  ask.body = http::SharedBytes(Bytes(request));
  VL_TRY(const auto response, http::HttpsClient(options).request(ask));
  if (response.status != 200)
    return fail(evidence::EvidenceError::not_stamped,
                fmt::format("the authority answers {}", response.status));
  const auto text = response.body_text();
  VL_CHECK(evidence::answers(as_bytes(text), request));
  return Bytes(text.begin(), text.end());
}

ExportWork::ExportWork(ExportOptions options, std::uint64_t reserve_bytes,
                       recording::FragmentStore& store, CoreReports& reports, const Clock& clock)
    : options_(std::move(options)),
      reserve_bytes_(reserve_bytes),
      store_(store),
      reports_(reports),
      clock_(clock) {
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
  {
    const std::scoped_lock lock(mutex_);
    const bool is_over = !wanted_ || !wanted_->contains(id);
    if (is_over || !name || !fs::exists(path))
      return fail(http::HttpError::not_found, "this export is not here, or not any more");
  }
  return Archive{path, *name + ".zip"};
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
      changed_.wait_for(lock, try_again_after, [&] { return stopping_ || fresh_; });
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
    auto done = one.step == node::ExportStep::make       ? make(one)
                : one.step == node::ExportStep::complete ? complete(one)
                                                         : Result<void>{};
    if (done || !goes_on(id)) continue;
    log::error("export.failed", {{"export", id.text()}, {"why", done.error().message}});
    failed_.insert(id);
    reports_.export_failed(id, std::string(done.error().code.name));
  }
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
    if (id && !wanted.contains(*id)) over.push_back(at->path());
  }
  for (const auto& path : over) fs::remove_all(path, error);
  std::erase_if(failed_, [&](const Uuid& id) { return !wanted.contains(id); });
}

Result<void> ExportWork::hold(const node::ExportAssignment& one) {
  if (told_locked_.contains(one.id)) return {};
  const auto reason = std::string(lock_prefix) + one.id.text();
  VL_TRY(const auto locks, store_.locks());
  for (const auto& camera : one.cameras) {
    const recording::StreamKey stream{recording::CameraId{camera.id}};
    const bool is_held = std::ranges::any_of(
        locks, [&](const auto& lock) { return lock.reason == reason && lock.stream == stream; });
    if (!is_held) VL_CHECK(store_.lock(stream, one.from_us - lead_in_us, one.to_us, reason));
  }
  told_locked_.insert(one.id);
  reports_.export_locked(one.id);
  return {};
}

Result<void> ExportWork::make(const node::ExportAssignment& one) {
  if (told_made_.contains(one.id)) return {};
  if (fs::exists(folder_of(one.id) + "/manifest.json")) return tell_made(one.id);
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
    order.cameras.push_back({camera.id, camera.code, camera.name});
  evidence::ExportOptions options;
  options.folder = folder_of(one.id);
  options.reserve_bytes = reserve_bytes_;
  std::int64_t told_us = 0;
  options.on_progress = [&](const evidence::ExportProgress& progress) {
    const auto now_us = clock_.mono().us;
    if (now_us - told_us >= progress_every_us) {
      told_us = now_us;
      reports_.export_progress({one.id, static_cast<std::int64_t>(progress.done_bytes),
                                static_cast<std::int64_t>(progress.all_bytes)});
    }
    return goes_on(one.id);
  };
  VL_CHECK(evidence::write_export(order, store_, clock_, options));
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
  reports_.export_made(made);
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
  const auto folder = folder_of(one.id);
  const auto write_note = [&](const char* kind, const std::string& text) {
    std::ofstream(folder + kind, std::ios::trunc) << text;
  };
  if (!fs::exists(archive_of(one.id))) {
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
      for (int i = 0; i < timestamp_tries && goes_on(one.id) && outcome == "failed"; ++i) {
        const auto stamp = fetch_timestamp(options_.timestamp_url, options_.timestamp_ca_file,
                                           sha256(as_bytes(*one.signature)));
        if (!stamp) {
          log::warn("export.no_timestamp", {{"why", stamp.error().message}});
          continue;
        }
        VL_CHECK(evidence::write_timestamp(folder, *stamp));
        outcome = "stamped";
      }
    }
    const auto name = shown_name(manifest);
    write_note(".timestamp", outcome);
    write_note(".name", name);
    VL_CHECK(write_archive(folder, name, archive_of(one.id), [&] { return goes_on(one.id); }));
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  reports_.export_ready(ready_item(one.id));
  told_ready_.insert(one.id);
  return {};
}

}  // namespace vl::recorder
