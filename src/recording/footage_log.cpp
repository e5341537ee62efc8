// Writing the log, and giving up its oldest part. Reading it on after a crash:
// footage_log_recovery.cpp.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/recording/footage_log.hpp>

namespace vl::recording {

namespace {
/// Pictures lie where they were received half a second ago, in no cache any more and each
/// elsewhere: the processor does not guess where the next one begins.
void fetch_ahead(ByteView bytes) {
  constexpr std::size_t line = 64, most = 16 * 1024;
  for (std::size_t at = 0; at < std::min(bytes.size(), most); at += line)
    __builtin_prefetch(bytes.data() + at, 0, 2);
}
}  // namespace

FootageLog::FootageLog(LogOptions options, Disk& disk, const Clock& clock)
    : options_(std::move(options)),
      disk_(disk),
      clock_(clock),
      head_(16 * log_block_bytes),
      body_(options_.group_bytes + options_.group_bytes / 4) {}

std::string FootageLog::path_of(std::uint32_t slot) const {
  return fmt::format("{}/{:06}.vle", options_.folder, slot);
}

std::uint64_t FootageLog::next_sequence(const StreamKey& stream) const {
  if (const auto found = sequences_.find(stream); found != sequences_.end()) return found->second;
  const auto chain = end_.chains.find(stream);
  return chain == end_.chains.end() ? 1 : chain->second.next_sequence;
}

void FootageLog::continue_stream(const StreamKey& stream, const ChainEnd& end) {
  for (auto* one : {&end_, &durable_})
    if (auto& known = one->chains[stream]; known.next_sequence < end.next_sequence) known = end;
}

Result<void> FootageLog::check_fits(const FragmentHeader& header) const {
  if (whole_blocks(piece_bytes(header)) + 2 * log_block_bytes <= options_.extent_bytes) return {};
  return fail(RecordingError::invalid,
              fmt::format("a fragment of {} bytes does not go into an extent of {}",
                          header.body_bytes, options_.extent_bytes));
}

bool FootageLog::push(FragmentHeader header, bool is_stored, std::span<const ByteView> body) {
  // What is being hashed must stay where it is.
  if (!body_.has_room(piece_bytes(header))) settle_hashes();
  const auto at = body_.size();
  unwritten_.push_back({header, at, is_stored, is_stored});
  body_.add(HeaderBytes{});  // sealed by write()
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (i + 1 < body.size()) fetch_ahead(body[i + 1]);
    body_.add(body[i]);
  }
  body_.fill_up(log_piece_bytes);
  // While it is still in the processor's cache.
  if (!is_stored)
    hasher_.begin(body_.view().subspan(at + fragment_header_bytes, header.body_bytes));
  return body_.size() >= options_.group_bytes || unwritten_.size() >= most_group_fragments;
}

Result<bool> FootageLog::add(const NewFragment& fragment) {
  VL_TRY(auto prepared, prepare_fragment(fragment));
  auto& header = prepared.header;
  VL_CHECK(check_fits(header));
  header.id.sequence = next_sequence(fragment.stream);
  header.body_hash = BodyHash::chunks;
  sequences_[fragment.stream] = header.id.sequence + 1;
  std::vector<ByteView> body{prepared.tables};
  const media::SampleBytes* before = nullptr;
  for (const auto& sample : fragment.samples) {
    const auto& bytes = sample->bytes;
    // Samples that were laid one after another are copied at once.
    if (before != nullptr && bytes.follows(*before))
      body.back() = {body.back().data(), body.back().size() + bytes.size()};
    else
      body.emplace_back(bytes);
    before = &bytes;
  }
  return push(header, false, body);
}

Result<bool> FootageLog::add_stored(const FragmentHeader& header, ByteView body) {
  VL_CHECK(check_fits(header));
  return push(header, true, {&body, 1});
}

/// Into the headers.
void FootageLog::settle_hashes() {
  const auto roots = hasher_.finish();
  auto root = roots.begin();
  for (auto& one : unwritten_)
    if (!one.is_hashed) {
      one.header.hash = *root++;
      one.is_hashed = true;
    }
}

void FootageLog::forget_unwritten() {
  settle_hashes();
  unwritten_.clear();
  sequences_.clear();
  notes_ = {};
  body_.clear();
}

std::vector<FragmentHeader> FootageLog::drop() {
  std::vector<FragmentHeader> out;
  for (const auto& one : unwritten_) out.push_back(one.header);
  forget_unwritten();
  return out;
}

Result<LoggedGroup> FootageLog::write() {
  settle_hashes();
  GroupHead head;
  std::vector<HeaderBytes> sealed;
  std::unordered_map<StreamKey, Digest> chains;
  for (const auto& one : unwritten_) {
    auto header = one.header;
    if (!one.is_stored) {
      const auto [chain, is_first] = chains.try_emplace(header.id.stream);
      if (is_first) chain->second = end_.chains[header.id.stream].hash;
      header.previous_chain = chain->second;
      sealed.push_back(seal_header(header));
      chain->second = header.chain;
    } else {
      sealed.push_back(seal_header(header));
    }
    body_.put(one.at, sealed.back());
    head.fragments.push_back(header);
  }
  head.notes = notes_;
  head.number = end_.next_group;
  head.previous = end_.hash;
  head.durable = durable_.next_group - 1;
  head.written_us = clock_.wall().us;
  VL_CHECK(write_group(head, sealed));
  auto& extent = extents_.back();
  const auto at = extent.used_bytes;
  extent.used_bytes += head.bytes();
  if (extent.first_group == 0) extent.first_group = head.number;
  follow(head, at);
  forget_unwritten();
  return placed(std::move(head), at);
}

/// At the end of the log; in a new extent where this one has no room.
Result<void> FootageLog::write_group(GroupHead& head, std::span<const HeaderBytes> headers) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!file_) VL_CHECK(begin_extent());
    head.extent = extents_.back().sequence;
    head.head_bytes = 0;
    VL_TRY(const auto bytes, encode_group_head(head, headers));
    if (extents_.back().used_bytes + head.bytes() > options_.extent_bytes) {
      if (extents_.back().used_bytes == log_block_bytes) break;
      close_extent();
      continue;
    }
    head_.clear();
    head_.add(bytes);
    body_.fill_up();
    const std::array<ByteView, 2> pieces{head_.view(), body_.view()};
    auto written = file_->write(extents_.back().used_bytes, pieces);
    if (!written) close_extent();  // what lies there now is unknown
    return written;
  }
  return fail(RecordingError::invalid, "a group larger than an extent");
}

void FootageLog::close_extent() {
  if (file_) leaving_.push_back(std::move(file_));
  file_.reset();
}

bool FootageLog::is_writing(std::uint64_t extent) const {
  return file_ != nullptr && extents_.back().sequence == extent;
}

std::vector<LogExtent> FootageLog::settled(std::uint64_t sequence) const {
  std::vector<LogExtent> out;
  auto next = end_.next_group;  // the first group behind the extent
  for (auto extent = extents_.rbegin(); extent != extents_.rend(); ++extent) {
    if (extent->sequence <= sequence) break;
    if (extent->first_group == 0) continue;
    if (!is_writing(extent->sequence) && next <= durable_.next_group) out.push_back(*extent);
    next = extent->first_group;
  }
  std::ranges::reverse(out);
  return out;
}

Result<void> FootageLog::begin_extent() {
  std::uint32_t slot = next_slot_;
  if (!free_slots_.empty()) {
    slot = free_slots_.front();
  } else if (may_make_ == 0) {
    return fail(RecordingError::disk_full, "all extents of the log hold footage that is kept");
  }
  VL_TRY(std::shared_ptr<BlockFile> file, disk_.open_blocks(path_of(slot), options_.extent_bytes));
  const LogExtent extent{next_extent_, slot, log_block_bytes, 0};
  head_.clear();
  head_.add(encode_extent_head({log_, extent.sequence, options_.extent_bytes, clock_.wall().us}));
  const std::array<ByteView, 1> pieces{head_.view()};
  if (free_slots_.empty()) {
    ++next_slot_;
    --may_make_;
    folder_changed_ = true;
    free_slots_.push_back(slot);  // should the next step fail
  }
  VL_CHECK(file->write(0, pieces));
  std::erase(free_slots_, slot);
  ++next_extent_;
  extents_.push_back(extent);
  file_ = std::move(file);
  return {};
}

void FootageLog::follow(const GroupHead& head, std::uint64_t at) {
  end_.extent = head.extent;
  end_.used_bytes = at + head.bytes();
  for (const auto& header : head.fragments)
    end_.chains[header.id.stream] = {header.id.sequence + 1, header.chain};
  end_.next_group = head.number + 1;
  end_.hash = head.hash;
}

LoggedGroup FootageLog::placed(GroupHead&& head, std::uint64_t at) {
  LoggedGroup out{head.number, {}, std::move(head.notes)};
  auto piece_at = at + head.head_bytes;
  for (const auto& header : head.fragments) {
    out.fragments.push_back({header, {head.extent, piece_at}});
    piece_at += piece_bytes(header);
  }
  return out;
}

FootageLog::Syncing FootageLog::begin_sync() {
  Syncing out{std::move(leaving_), std::exchange(folder_changed_, false), end_};
  leaving_.clear();
  if (file_) out.files.push_back(file_);
  return out;
}

Result<void> FootageLog::sync_files(const Syncing& syncing) const {
  for (const auto& file : syncing.files) VL_CHECK(file->sync());
  if (syncing.folder) VL_CHECK(disk_.sync_folder(options_.folder));
  return {};
}

void FootageLog::end_sync(Syncing&& syncing, bool succeeded) {
  if (succeeded) {
    durable_ = std::move(syncing.end);
    return;
  }
  // What was written since is there or not: the log goes on from what is durable, elsewhere.
  file_.reset();
  leaving_.clear();
  folder_changed_ |= syncing.folder;
  erase_behind(durable_);
  while (!extents_.empty() &&
         (extents_.back().first_group == 0 || extents_.back().first_group >= durable_.next_group)) {
    free_slots_.push_back(extents_.back().slot);
    extents_.pop_back();
  }
  end_ = durable_;
  forget_unwritten();
}

/// What was never acknowledged must not be found again at a start: its cameras may have gone on on
/// another disk. A disk that does not take this either is read as it is.
void FootageLog::erase_behind(const End& end) {
  const Bytes zeros(log_block_bytes);
  for (const auto& extent : extents_) {
    if (extent.sequence < end.extent) continue;
    const auto at = extent.sequence == end.extent ? end.used_bytes : 0;
    if (at >= extent.used_bytes) continue;
    auto file = disk_.open_blocks(path_of(extent.slot), options_.extent_bytes);
    if (!file) continue;
    head_.clear();
    head_.add(zeros);
    const std::array<ByteView, 1> pieces{head_.view()};
    if ((*file)->write(at, pieces)) leaving_.push_back(std::move(*file));
  }
}

Result<void> FootageLog::sync() {
  auto syncing = begin_sync();
  auto synced = sync_files(syncing);
  end_sync(std::move(syncing), synced.has_value());
  return synced;
}

Result<void> FootageLog::release(std::uint64_t sequence) {
  VL_ASSERT(!is_writing(sequence));
  const auto extent = std::ranges::find(extents_, sequence, &LogExtent::sequence);
  VL_ASSERT(extent != extents_.end());
  const auto slot = extent->slot;
  extents_.erase(extent);
  free_slots_.push_back(slot);
  // An index made again from the log must not bring back what was given up.
  VL_TRY(auto file, disk_.open_blocks(path_of(slot), options_.extent_bytes));
  head_.clear();
  head_.add(Bytes(log_block_bytes));
  const std::array<ByteView, 1> pieces{head_.view()};
  VL_CHECK(file->write(0, pieces));
  leaving_.push_back(std::move(file));
  return {};
}

Result<void> FootageLog::remove_free_file() {
  VL_ASSERT(!free_slots_.empty());
  VL_CHECK(disk_.remove(path_of(free_slots_.back())));
  free_slots_.pop_back();
  folder_changed_ = true;
  return {};
}

}  // namespace vl::recording
