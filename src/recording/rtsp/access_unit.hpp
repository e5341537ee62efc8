// Puts NAL units together into pictures: the part of H.264 and H.265 reception that does not
// depend on how units are cut into packets. Private to this room.
#pragma once

#include "depacketiser.hpp"
#include "parameter_sets.hpp"
#include "picture_bytes.hpp"

namespace vl::rtsp {

class AccessUnit {
 public:
  AccessUnit(const Media& media, DepacketiserOutput& out);

  /// A packet of this time begins: ends the picture before it if it is of another time.
  void at(const PacketTime& time);
  /// One whole unit.
  void unit(ByteView nal);
  /// A unit in fragments; `header` is the unit's own, put together again.
  void begin_fragmented(ByteView header, ByteView first);
  void add_fragment(ByteView more);
  void end_fragmented();
  bool is_in_fragment() const { return in_fragment_; }
  bool is_damaged() const { return is_damaged_; }
  /// The packet had the marker bit: the picture is complete.
  void marker();
  /// Something of this picture, or before it, is missing: resynchronise at the next key.
  void damaged();
  /// Packets are missing before the next one: damaged, and the next picture must show that it
  /// is there from its beginning.
  void lost();
  /// The stream ended.
  void finish();
  /// What was given lies there no longer: PictureBytes::keep().
  void keep() { picture_.keep(); }

 private:
  bool room_for(std::size_t bytes);
  void close();
  void reset();
  void look_at(ByteView nal);
  void look_at_fragmented();
  void begin_unit(ByteView header);
  std::uint8_t type_of(ByteView nal) const;

  media::Codec codec_;
  DepacketiserOutput& out_;
  ParameterSets sets_;

  PacketTime time_;
  PictureBytes picture_;
  media::SampleRoom room_;
  bool in_fragment_ = false;
  bool has_time_ = false;
  bool has_picture_ = false;
  bool is_key_ = false;
  bool is_damaged_ = false;
  bool wait_for_key_ = true;
  bool start_is_unsure_ = false;
  bool has_sets_in_band_ = false;
  bool closed_by_marker_ = false;  // the last picture, at closed_pts_
  bool saw_marker_ = false;
  bool marker_is_reliable_ = true;  // until it ended a picture too soon
  std::int64_t closed_pts_ = 0;
};

}  // namespace vl::rtsp
