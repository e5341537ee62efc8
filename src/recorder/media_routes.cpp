#include "media_routes.hpp"

#include <charconv>

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <vonglau/base/json.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/http/range.hpp>

#include "export_archive.hpp"
#include "key_picture.hpp"

namespace vl::recorder {

namespace bj = boost::json;

namespace {

constexpr std::int64_t most_spans_us = 31LL * 86'400 * 1'000'000;

Result<std::int64_t> micros_in_query(const http::Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  std::int64_t value = 0;
  const auto* end = text ? text->data() + text->size() : nullptr;
  if (!text || std::from_chars(text->data(), end, value) != std::from_chars_result{end, {}})
    return fail(http::HttpError::bad_request,
                std::string(name) + ": microseconds since 1970 are wanted", std::string(name));
  return value;
}

Result<recording::StreamKind> kind_in_query(const http::Request& request) {
  const auto text = request.query_value("stream").value_or("main");
  if (text == "main") return recording::StreamKind::main;
  if (text == "sub") return recording::StreamKind::sub;
  return fail(http::HttpError::bad_request, "stream: main or sub", "stream");
}

Result<bool> is_for_tile(const http::Request& request) {
  const auto text = request.query_value("quality").value_or("full");
  if (text == "full") return false;
  if (text == "tile") return true;
  return fail(http::HttpError::bad_request, "quality: full or tile", "quality");
}

Error not_ours() {
  return Error(code_of(http::HttpError::not_found),
               "this camera is not recorded here; ask the core for a new ticket");
}

struct LiveMessage {
  bool keys_only = false;
};
BOOST_DESCRIBE_STRUCT(LiveMessage, (), (keys_only))

class LiveSession final : public http::WebSocketSession {
 public:
  LiveSession(Stations::Watch watch, bool keys_only)
      : watch_(std::move(watch)), has_keys_only_(keys_only) {
    viewer_->keys_only = keys_only;
  }
  void on_open(http::WebSocketPeer peer) override {
    viewer_->peer = std::move(peer);
    if (!watch_.stream->join(viewer_))
      viewer_->peer.close(http::close_code::try_again_later, "too many watch this camera");
  }
  void on_text(std::string_view text) override {
    const auto message = json::read_text<LiveMessage>(text);
    if (!message) {
      viewer_->peer.close(http::close_code::policy_violation, "keys_only");
      return;
    }
    watch_.stream->feed().show_keys_only(*viewer_, has_keys_only_ || message->keys_only);
  }
  void on_close(std::uint16_t, std::string_view) override { watch_.stream->feed().leave(viewer_); }
  http::Overflow on_overflow(http::Queued) override {
    viewer_->behind = true;
    return http::Overflow::drop_waiting;
  }

 private:
  Stations::Watch watch_;
  const bool has_keys_only_;  // whatever it asks for
  std::shared_ptr<Viewer> viewer_ = std::make_shared<Viewer>();
};

struct PlayMessage {
  std::optional<std::int64_t> seek_us;
  std::optional<bool> pause;
  std::optional<double> speed;
};
BOOST_DESCRIBE_STRUCT(PlayMessage, (), (seek_us, pause, speed))

class PlaySession final : public http::WebSocketSession {
 public:
  PlaySession(PlayLoop& loop, const PlayStart& start) : loop_(loop), start_(start) {}
  void on_open(http::WebSocketPeer peer) override {
    peer_ = peer;
    player_ = loop_.add(std::move(peer), start_);
    if (!player_) peer_.close(http::close_code::try_again_later, "too many play back footage");
  }
  void on_text(std::string_view text) override {
    if (!player_) return;
    const auto message = json::read_text<PlayMessage>(text);
    if (!message) {
      peer_.close(http::close_code::policy_violation, "seek_us, pause or speed");
      return;
    }
    loop_.change(player_, [&](Player& player, MonoTime now) {
      if (message->seek_us) player.seek(*message->seek_us);
      if (message->pause) player.pause(*message->pause, now);
      if (message->speed) player.set_speed(*message->speed, now);
    });
  }
  void on_close(std::uint16_t, std::string_view) override {
    if (player_) loop_.remove(player_);
  }

 private:
  PlayLoop& loop_;
  const PlayStart start_;
  http::WebSocketPeer peer_;
  PlayLoop::Handle player_;
};

http::WebSocketAccept refused(const Error& error) {
  return std::unexpected(http::error_response(error));
}

http::WebSocketAccept live(MediaParts& parts, const http::Request& request) {
  const auto ticket = parts.tickets.check(request, node::MediaPurpose::live);
  if (!ticket) return refused(ticket.error());
  const auto kind = kind_in_query(request);
  if (!kind) return refused(kind.error());
  const auto tile = is_for_tile(request);
  if (!tile) return refused(tile.error());
  auto watch = parts.stations.watch(recording::CameraId{ticket->camera_id},
                                    *tile ? recording::StreamKind::sub : *kind);
  if (!watch) return refused(not_ours());
  // A camera without a sub stream that works gave its main one: of that a tile gets key pictures.
  const bool keys_only = *tile && watch->stream->key().kind == recording::StreamKind::main;
  return std::make_shared<LiveSession>(std::move(*watch), keys_only);
}

http::WebSocketAccept play(MediaParts& parts, const http::Request& request) {
  const auto ticket = parts.tickets.check(request, node::MediaPurpose::playback);
  if (!ticket) return refused(ticket.error());
  const auto kind = kind_in_query(request);
  if (!kind) return refused(kind.error());
  const auto start_us = micros_in_query(request, "start_us");
  if (!start_us) return refused(start_us.error());
  return std::make_shared<PlaySession>(
      parts.players,
      PlayStart{{recording::CameraId{ticket->camera_id}, *kind}, *start_us, ticket->oldest_us});
}

Result<http::Response> spans(MediaParts& parts, const http::Request& request) {
  VL_TRY(const auto ticket, parts.tickets.check(request, node::MediaPurpose::playback));
  VL_TRY(const auto kind, kind_in_query(request));
  VL_TRY(auto from_us, micros_in_query(request, "from_us"));
  VL_TRY(const auto to_us, micros_in_query(request, "to_us"));
  if (to_us <= from_us || to_us - from_us > most_spans_us)
    return fail(http::HttpError::bad_request, "to_us: after from_us, at most 31 days", "to_us");
  if (ticket.oldest_us) from_us = std::max(from_us, *ticket.oldest_us);
  std::int64_t count = 0;
  if (request.query_value("parts")) {
    VL_TRY(count, micros_in_query(request, "parts"));
    if (count < 1 || count > 1000)
      return fail(http::HttpError::bad_request, "parts: 1 to 1000", "parts");
  }
  bj::array recorded;
  bj::array missing;
  bj::array rates;
  bj::array motion;
  if (from_us < to_us) {
    const recording::StreamKey stream{recording::CameraId{ticket.camera_id}, kind};
    const recording::FootageView view(parts.store);
    VL_TRY(const auto spans, view.spans(stream, from_us, to_us));
    for (const auto& span : spans) {
      bj::object one{{"start_us", span.start_us}, {"end_us", span.end_us}, {"bytes", span.bytes}};
      if (span.is_fetched) one["fetched"] = true;
      recorded.push_back(std::move(one));
    }
    VL_TRY(const auto gaps, view.gaps(stream, from_us, to_us));
    for (const auto& gap : gaps) {
      bj::object one{{"start_us", gap.start_us}};
      if (gap.end_us) one["end_us"] = *gap.end_us;
      one["cause"] = boost::describe::enum_to_string(gap.cause, "unexplained");
      missing.push_back(std::move(one));
    }
    if (count > 0) {
      VL_TRY(const auto found, view.rates(stream, from_us, to_us, static_cast<std::size_t>(count)));
      for (const auto rate : found) rates.emplace_back(rate);
      if (parts.motion != nullptr)
        for (const auto part : parts.motion->percentages(ticket.camera_id, from_us, to_us,
                                                         static_cast<std::size_t>(count)))
          motion.emplace_back(part);
    }
  }
  bj::object answer{{"spans", std::move(recorded)}, {"gaps", std::move(missing)}};
  if (count > 0) {
    answer["rates_from_us"] = from_us;
    answer["bytes_per_s"] = std::move(rates);
    if (!motion.empty()) answer["motion"] = std::move(motion);
  }
  return http::Response::json(bj::serialize(answer));
}

/// The archive as it lies on disk, mapped: it is sent without being read into memory.
Result<http::Response> fetch(MediaParts& parts, const http::Request& request) {
  VL_TRY(const auto ticket, parts.tickets.check(request, node::MediaPurpose::download));
  if (parts.exports == nullptr) return fail(not_ours());
  VL_TRY(const auto archive, parts.exports->archive(ticket.camera_id));
  VL_TRY(auto content, map_file(archive.path));
  const auto size = content.size();
  auto whole = http::Response::bytes(std::move(content), "application/zip");
  whole.compressible = false;
  whole.headers.set("Content-Disposition", "attachment; filename=\"" + archive.name + "\"");
  auto response = http::ranged(std::move(whole), request, archive.etag);
  if (response.status == 416) return response;
  response.on_sent = [work = parts.exports, id = ticket.camera_id, person = ticket.person_id,
                      archive, size, first = http::first_of(response)](std::uint64_t bytes) {
    work->delivered(id, person, archive, size, first, bytes);
  };
  return response;
}

/// For another recorder, which puts several parts together.
Result<http::Response> fetch_part(MediaParts& parts, const http::Request& request) {
  VL_TRY(const auto ticket, parts.tickets.check(request, node::MediaPurpose::part));
  if (parts.exports == nullptr) return fail(not_ours());
  const auto name = request.query_value("path").value_or("");
  VL_TRY(const auto path, parts.exports->part_file(ticket.camera_id, name));
  VL_TRY(auto content, map_file(path));
  auto whole = http::Response::bytes(std::move(content), "application/octet-stream");
  whole.compressible = false;
  // A part never changes once it is there.
  return http::ranged(std::move(whole), request, "\"part\"");
}

Result<http::Response> picture(MediaParts& parts, const http::Request& request) {
  VL_TRY(const auto ticket, parts.tickets.check(request, node::MediaPurpose::playback));
  VL_TRY(const auto kind, kind_in_query(request));
  VL_TRY(const auto at_us, micros_in_query(request, "at_us"));
  if (at_us < ticket.oldest_us.value_or(at_us))
    return fail(http::HttpError::not_found, "at_us: before what this ticket shows", "at_us");
  VL_TRY(auto found,
         key_picture(parts.store, {recording::CameraId{ticket.camera_id}, kind}, at_us));
  auto response = http::Response::bytes(std::move(found.mp4), "video/mp4");
  response.compressible = false;
  return std::move(response)
      .with("X-Picture-Us", std::to_string(found.at_us))
      .with("Access-Control-Expose-Headers", "X-Picture-Us");
}

/// A playlist, an init segment or a segment for a player that we did not write.
Result<http::Response> hls(MediaParts& parts, const http::Request& request) {
  VL_TRY(const auto ticket, parts.tickets.check_player(request));
  const auto name = hls_name_of(request.parameter("name"));
  if (!name) return fail(http::HttpError::not_found, "name: index.m3u8, or what it lists", "name");
  if (ticket.purpose == node::MediaPurpose::player_live &&
      !parts.stations.watch(recording::CameraId{ticket.camera_id}, recording::StreamKind::main))
    return fail(not_ours());
  return parts.hls.answer(ticket, *name, request);
}

}  // namespace

void TicketGate::set_key(Bytes key) {
  const std::scoped_lock lock(mutex_);
  key_ = std::move(key);
}

void TicketGate::set_ended(const std::vector<Uuid>& addresses) {
  std::set<Uuid> ended(addresses.begin(), addresses.end());
  const std::scoped_lock lock(mutex_);
  ended_ = std::move(ended);
}

Result<node::MediaTicket> TicketGate::read(std::string_view text) const {
  Bytes key;
  {
    const std::scoped_lock lock(mutex_);
    key = key_;
  }
  if (key.empty())
    return fail(node::NodeError::bad_ticket,
                "this recorder has not registered at the core yet; try again", "ticket");
  VL_TRY(auto ticket, node::check_ticket(text, key, clock_.wall()));
  if (ticket.province != province_)
    return fail(node::NodeError::bad_ticket, "this ticket is for something else", "ticket");
  return ticket;
}

Result<node::MediaTicket> TicketGate::check(const http::Request& request,
                                            node::MediaPurpose purpose) const {
  VL_TRY(auto ticket, read(request.query_value("ticket").value_or("")));
  if (ticket.purpose != purpose)
    return fail(node::NodeError::bad_ticket, "this ticket is for something else", "ticket");
  return ticket;
}

Result<node::MediaTicket> TicketGate::check_player(const http::Request& request) const {
  VL_TRY(auto ticket, read(request.parameter("ticket")));
  using enum node::MediaPurpose;
  if (ticket.purpose != player_live && ticket.purpose != player_footage)
    return fail(node::NodeError::bad_ticket, "this ticket is for something else", "ticket");
  const std::scoped_lock lock(mutex_);
  if (ended_.contains(ticket.nonce))
    return fail(node::NodeError::bad_ticket, "this address was ended; ask the core for a new one",
                "ticket");
  return ticket;
}

void add_media_routes(http::Router& router, MediaParts& parts) {
  const http::WebSocketOptions socket{
      .max_message_bytes = 4 * 1024, .max_queued_bytes = 24 * 1024 * 1024, .any_origin = true};
  router.add_websocket(
      "/media/live", [&](const http::Request& r) { return live(parts, r); }, socket);
  router.add_websocket(
      "/media/play", [&](const http::Request& r) { return play(parts, r); }, socket);
  router.add(http::Method::get, "/media/spans",
             [&](const http::Request& r) {
               auto answer = spans(parts, r);
               return answer ? std::move(*answer) : http::error_response(answer.error());
             },
             {.cross_origin = true});
  router.add(http::Method::get, "/media/export", [&](const http::Request& r) {
    auto answer = fetch(parts, r);
    return answer ? std::move(*answer) : http::error_response(answer.error());
  });
  router.add(http::Method::get, "/media/export-part", [&](const http::Request& r) {
    auto answer = fetch_part(parts, r);
    return answer ? std::move(*answer) : http::error_response(answer.error());
  });
  router.add(http::Method::get, "/media/hls/{ticket}/{name}",
             [&](const http::Request& r) {
               auto answer = hls(parts, r);
               return answer ? std::move(*answer) : http::error_response(answer.error());
             },
             {.cross_origin = true});
  router.add(http::Method::get, "/media/picture",
             [&](const http::Request& r) {
               auto answer = picture(parts, r);
               return answer ? std::move(*answer) : http::error_response(answer.error());
             },
             {.cross_origin = true});
}

}  // namespace vl::recorder
