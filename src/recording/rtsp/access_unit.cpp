#include "access_unit.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace vl::rtsp {

namespace {
constexpr std::size_t length_bytes = 4;
/// Of a fragmented unit that is no picture: parameter sets and SEI are shorter.
constexpr std::size_t most_looked_at_bytes = 16 * 1024;
}  // namespace

AccessUnit::AccessUnit(const Media& media, DepacketiserOutput& out)
    : codec_(media.codec), out_(out), sets_(media.codec, media.clock_hz) {
  for (const auto& set : media.parameter_sets)
    if (auto taken = sets_.take(set); !taken)
      out_.problem(ProblemKind::bad_parameter_set, "in the SDP: " + taken.error().message);
}

void AccessUnit::at(const PacketTime& time) {
  if (has_time_ && time.pts == time_.pts) {
    start_is_unsure_ = false;  // what was lost lies in this picture, which is damaged
    return;
  }
  if (has_time_) close();
  time_ = time;
  has_time_ = true;
}

bool AccessUnit::room_for(std::size_t bytes) {
  if (is_damaged_) return false;
  if (picture_.size() + bytes + length_bytes <= most_sample_bytes) return true;
  out_.problem(ProblemKind::sample_too_large,
               fmt::format("a picture above {} bytes", most_sample_bytes));
  damaged();
  return false;
}

std::uint8_t AccessUnit::type_of(ByteView nal) const {
  return codec_ == media::Codec::h264 ? media::h264::type_of(nal) : media::h265::type_of(nal);
}

/// After a loss: is this the first unit of its picture, or did it lose some before it?
void AccessUnit::begin_unit(ByteView header) {
  if (!start_is_unsure_) return;
  start_is_unsure_ = false;
  const auto type = type_of(header);
  const bool is_first = codec_ == media::Codec::h264
                            ? type == media::h264::delimiter || type == media::h264::sps
                            : type == media::h265::delimiter || type == media::h265::vps;
  // Where the sets are in the SDP alone, key pictures begin with their slice.
  if (!is_first && has_sets_in_band_) damaged();
}

/// What a whole unit tells about its picture.
void AccessUnit::look_at(ByteView nal) {
  const bool is_h264 = codec_ == media::Codec::h264;
  const auto type = type_of(nal);
  const bool is_picture = is_h264 ? media::h264::is_picture(type) : media::h265::is_picture(type);
  if (is_picture) {
    const bool is_first =
        is_h264 ? media::h264_is_first_slice(nal) : media::h265_is_first_slice(nal);
    if (!has_picture_ && !is_first) {
      if (closed_by_marker_ && time_.pts == closed_pts_) {
        // This camera sets the marker at every slice (RFC 6184, section 5.1, forbids it).
        marker_is_reliable_ = false;
        out_.problem(ProblemKind::split_picture,
                     "the marker bit ends slices; pictures are told apart by their time from now");
      }
      return damaged();  // its first slice is missing
    }
    has_picture_ = true;
    is_key_ |= is_h264 ? type == media::h264::idr : media::h265::is_random_access(type);
    return;
  }
  if (is_h264 && type == media::h264::sei) is_key_ |= media::h264_sei_is_recovery_point(nal);
  const bool is_set = is_h264 ? type == media::h264::sps || type == media::h264::pps
                              : type >= media::h265::vps && type <= media::h265::pps;
  if (!is_set) return;
  has_sets_in_band_ = true;
  if (auto taken = sets_.take(nal); !taken)
    out_.problem(ProblemKind::bad_parameter_set, taken.error().message);
}

void AccessUnit::unit(ByteView nal) {
  if (nal.empty()) return;
  begin_unit(nal);
  if (!room_for(nal.size())) return;
  picture_.begin_unit();
  picture_.add(nal);
  picture_.end_unit();
  look_at(nal);
}

void AccessUnit::begin_fragmented(ByteView header, ByteView first) {
  begin_unit(header);
  if (!room_for(header.size() + first.size())) return;
  picture_.begin_unit();
  picture_.add_header(header);
  picture_.add(first);
  in_fragment_ = true;
}

void AccessUnit::add_fragment(ByteView more) {
  if (!in_fragment_ || !room_for(more.size())) return;
  picture_.add(more);
}

void AccessUnit::end_fragmented() {
  if (!in_fragment_) return;
  in_fragment_ = false;
  picture_.end_unit();
  look_at_fragmented();
}

void AccessUnit::look_at_fragmented() {
  std::array<std::uint8_t, 16> head{};
  const auto beginning = ByteView(head).first(picture_.copy_unit(head));
  const auto type = type_of(beginning);
  if (codec_ == media::Codec::h264 ? media::h264::is_picture(type) : media::h265::is_picture(type))
    return look_at(beginning);
  Bytes whole(std::min(picture_.unit_size(), most_looked_at_bytes));
  picture_.copy_unit(whole);
  look_at(whole);
}

void AccessUnit::marker() {
  saw_marker_ = true;
  // Some cameras set it after parameter sets alone: those belong to the picture that follows.
  if (!marker_is_reliable_ || !has_picture_ || in_fragment_) return;
  closed_pts_ = time_.pts;
  close();
  closed_by_marker_ = true;
}

void AccessUnit::damaged() {
  is_damaged_ = true;
  wait_for_key_ = true;
  in_fragment_ = false;
  has_picture_ = true;  // so that what is left out is counted
  picture_.clear();
}

void AccessUnit::lost() {
  damaged();
  start_is_unsure_ = true;
}

void AccessUnit::finish() {
  if (saw_marker_ && marker_is_reliable_ && has_picture_) damaged();  // it never had its end
  close();
}

void AccessUnit::close() {
  if (in_fragment_) {
    out_.problem(ProblemKind::malformed_packet, "a fragmented unit has no end");
    damaged();
  }
  if (!has_picture_) {
    // Parameter sets or SEI of a time of their own: they go before the next picture.
    closed_by_marker_ = false;
    return;
  }
  const auto format = sets_.format();
  if (is_damaged_) {
    out_.left_out_sample();
  } else if (is_key_ && !format) {
    out_.problem(ProblemKind::missing_parameter_sets,
                 "a key picture came before its parameter sets, in the stream or in the SDP");
    out_.left_out_sample();
  } else if (wait_for_key_ && !is_key_) {
    out_.left_out_sample();
  } else {
    wait_for_key_ = false;
    out_.sample(time_, is_key_, picture_.take(room_), format);
  }
  reset();
}

void AccessUnit::reset() {
  picture_.clear();
  has_picture_ = false;
  is_key_ = false;
  is_damaged_ = false;
  closed_by_marker_ = false;
}

}  // namespace vl::rtsp
