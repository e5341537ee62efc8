// Writing the log, and giving up its oldest part. Reading it on after a crash:
// footage_log_recovery.cpp.
#include <algorithm>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/recording/footage_log.hpp>

namespace vl::recording {

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

void FootageLog::continue_stream(const StreamKey& stream, std::uint64_t next_sequence,
                                 const Digest& chain) {
  for (auto* end : {&end_, &durable_})
    if (auto& known = end->chains[stream]; known.next_sequence < next_sequence)
      known = {next_sequence, chain};
}

Result<bool> FootageLog::add(const NewFragment& fragment) {
  VL_TRY(auto prepared, prepare_fragment(fragment));
  auto& header = prepared.header;
  if (whole_blocks(header.body_bytes) + 2 * log_block_bytes > options_.extent_bytes)
    return fail(RecordingError::invalid,
                fmt::format("a fragment of {} bytes does not go into an extent of {}",
                            header.body_bytes, options_.extent_bytes));
  header.id.sequence = next_sequence(fragment.stream);
  header.body_hash = BodyHash::chunks;
  unwritten_.push_back({header, body_.size()});
  sequences_[fragment.stream] = header.id.sequence + 1;
  body_.add(prepared.tables);
  for (const auto& sample : fragment.samples) body_.add(sample->bytes);
  return body_.size() >= options_.group_bytes || unwritten_.size() >= most_group_fragments;
}

void FootageLog::forget_unwritten() {
  unwritten_.clear();
  sequences_.clear();
  notes_ = {};
  body_.clear();
}

Result<LoggedGroup> FootageLog::write() {
  std::vector<ByteView> bodies;
  for (const auto& one : unwritten_)
    bodies.push_back(body_.view().subspan(one.body_at, one.header.body_bytes));
  const auto roots = hasher_.roots(bodies);
  GroupHead head;
  std::vector<HeaderBytes> sealed;
  std::map<StreamKey, Digest> chains;
  for (std::size_t i = 0; i < unwritten_.size(); ++i) {
    auto header = unwritten_[i].header;
    const auto [chain, is_first] = chains.try_emplace(header.id.stream);
    if (is_first) chain->second = end_.chains[header.id.stream].hash;
    header.hash = roots[i];
    header.previous_chain = chain->second;
    sealed.push_back(seal_header(header));
    chain->second = header.chain;
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
  follow(head);
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
      if (extents_.back().used_bytes == log_block_bytes)
        return fail(RecordingError::invalid, "a group larger than an extent");
      abandon_extent();
      continue;
    }
    head_.clear();
    head_.add(bytes);
    body_.fill_up();
    const std::array<ByteView, 2> pieces{head_.view(), body_.view()};
    auto written = file_->write(extents_.back().used_bytes, pieces);
    if (!written) {
      abandon_extent();  // what lies there now is unknown
      forget_unwritten();
    }
    return written;
  }
  return fail(RecordingError::invalid, "a group larger than an extent");
}

/// Nothing more is written to the last extent.
void FootageLog::abandon_extent() {
  if (file_) leaving_.push_back(std::move(file_));
  file_.reset();
}

Result<void> FootageLog::begin_extent() {
  std::uint32_t slot = next_slot_;
  if (!free_slots_.empty()) {
    slot = free_slots_.front();
  } else if (extents_.size() >= most_extents_) {
    return fail(RecordingError::disk_full, "all extents of the log hold footage that is kept");
  }
  VL_TRY(auto file, disk_.open_blocks(path_of(slot), options_.extent_bytes));
  const LogExtent extent{next_extent_, slot, log_block_bytes, 0};
  head_.clear();
  head_.add(encode_extent_head({store_, extent.sequence, options_.extent_bytes, clock_.wall().us}));
  const std::array<ByteView, 1> pieces{head_.view()};
  VL_CHECK(file->write(0, pieces));
  if (free_slots_.empty()) {
    ++next_slot_;
    folder_changed_ = true;
  } else {
    free_slots_.pop_front();
  }
  ++next_extent_;
  extents_.push_back(extent);
  file_ = std::move(file);
  return {};
}

void FootageLog::follow(const GroupHead& head) {
  for (const auto& header : head.fragments)
    end_.chains[header.id.stream] = {header.id.sequence + 1, header.chain};
  end_.next_group = head.number + 1;
  end_.hash = head.hash;
}

LoggedGroup FootageLog::placed(GroupHead&& head, std::uint64_t at) {
  LoggedGroup out{head.number, {}, std::move(head.notes)};
  auto header_at = at + group_headers_at;
  auto body_at = at + head.head_bytes;
  for (const auto& header : head.fragments) {
    out.fragments.push_back({header, {head.extent, header_at, body_at}});
    header_at += fragment_header_bytes;
    body_at += header.body_bytes;
  }
  return out;
}

Result<void> FootageLog::sync() {
  const auto sync_all = [&]() -> Result<void> {
    for (const auto& file : leaving_) VL_CHECK(file->sync());
    if (file_) VL_CHECK(file_->sync());
    if (folder_changed_) VL_CHECK(disk_.sync_folder(options_.folder));
    return {};
  };
  auto synced = sync_all();
  leaving_.clear();
  if (!synced) {
    // What was written since is there or not: the log goes on from what is durable, elsewhere.
    file_.reset();
    while (!extents_.empty() && extents_.back().first_group >= durable_.next_group) {
      free_slots_.push_back(extents_.back().slot);
      extents_.pop_back();
    }
    end_ = durable_;
    forget_unwritten();
    return synced;
  }
  folder_changed_ = false;
  durable_ = end_;
  return {};
}

Result<void> FootageLog::release_oldest() {
  VL_ASSERT(extents_.size() > 1);
  const auto slot = extents_.front().slot;
  // An index made again from the log must not bring back what was given up.
  VL_TRY(auto file, disk_.open_blocks(path_of(slot), options_.extent_bytes));
  head_.clear();
  head_.add(Bytes(log_block_bytes));
  const std::array<ByteView, 1> pieces{head_.view()};
  VL_CHECK(file->write(0, pieces));
  leaving_.push_back(std::move(file));
  extents_.pop_front();
  free_slots_.push_back(slot);
  return {};
}

Result<Bytes> FootageLog::read_at(std::uint64_t sequence, std::uint64_t at,
                                  std::size_t bytes) const {
  const auto extent = std::ranges::lower_bound(extents_, sequence, {}, &LogExtent::sequence);
  if (extent == extents_.end() || extent->sequence != sequence)
    return fail(RecordingError::not_found, "this footage is no longer kept");
  return disk_.read(path_of(extent->slot), at, bytes);
}
Result<Bytes> FootageLog::read_body(const LogPlace& place, std::uint32_t body_bytes) const {
  return read_at(place.extent, place.body_at, body_bytes);
}
Result<Bytes> FootageLog::read_header(const LogPlace& place) const {
  return read_at(place.extent, place.header_at, fragment_header_bytes);
}

}  // namespace vl::recording
