#include <vonglau/routes/operations.hpp>
#include <vonglau/walls/commands.hpp>
#include <vonglau/walls/schema.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

using walls::LayoutId;
using walls::WallId;

struct ShowBody {
  std::int64_t tiles = 9;
  std::vector<walls::CameraId> cameras;
  std::optional<LayoutId> layout_id;
};
BOOST_DESCRIBE_STRUCT(ShowBody, (), (tiles, cameras, layout_id))

struct LayoutBody {
  std::string name;
  std::int64_t tiles = 9;
  std::vector<walls::CameraId> cameras;
};
BOOST_DESCRIBE_STRUCT(LayoutBody, (), (name, tiles, cameras))

Result<walls::Request> wall_request(const http::Request& request, const Caller& caller) {
  VL_TRY(const auto command, command_request(request, caller));
  return walls::Request{command.actor, command.idempotency_key};
}

Result<http::Response> list_walls(Core& core) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto walls, walls::walls(*session, core.province));
  VL_TRY(const auto layouts, walls::layouts(*session, core.province));
  return answer(bj::object{{"walls", json::value_of(walls)}, {"layouts", json::value_of(layouts)}});
}

Result<http::Response> wall_shown(Core& core, WallId id, const journal::Receipt& receipt) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, walls::wall(*session, core.province, id));
  return answer(json::value_of(row), receipt);
}

Result<http::Response> layout_shown(Core& core, LayoutId id, const journal::Receipt& receipt) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, walls::layout(*session, core.province, id));
  return answer(json::value_of(row), receipt);
}

Result<http::Response> create_wall(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(auto body, body_of<walls::WallDescription>(request));
  VL_TRY(auto command, wall_request(request, caller));
  const WallId id{core.ids.next()};
  VL_TRY(const auto receipt,
         core.journal.execute(walls::create_wall(std::move(command), id, std::move(body))));
  return wall_shown(core, WallId{Uuid::parse(receipt.reply).value_or(id.value)}, receipt);
}

Result<http::Response> describe_wall(Core& core, const http::Request& request,
                                     const Caller& caller) {
  VL_TRY(const auto id, id_in_path<WallId>(request));
  VL_TRY(auto body, body_of<walls::WallDescription>(request));
  VL_TRY(auto command, wall_request(request, caller));
  VL_TRY(const auto receipt,
         core.journal.execute(walls::describe_wall(std::move(command), id, std::move(body))));
  return wall_shown(core, id, receipt);
}

Result<http::Response> retire_wall(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<WallId>(request));
  VL_TRY(auto command, wall_request(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(walls::retire_wall(std::move(command), id)));
  return answer(bj::object{{"id", id.text()}}, receipt);
}

Result<http::Response> show_on_wall(Core& core, const http::Request& request,
                                    const Caller& caller) {
  VL_TRY(const auto id, id_in_path<WallId>(request));
  VL_TRY(auto body, body_of<ShowBody>(request));
  VL_TRY(auto command, wall_request(request, caller));
  VL_TRY(const auto receipt,
         core.journal.execute(walls::show(std::move(command), id,
                                          {body.tiles, std::move(body.cameras)}, body.layout_id)));
  return wall_shown(core, id, receipt);
}

Result<http::Response> hand_back_event(Core& core, const http::Request& request,
                                       const Caller& caller) {
  VL_TRY(const auto id, id_in_path<WallId>(request));
  VL_TRY(const auto event, id_in_path<walls::WallEventId>(request, "event_id"));
  VL_TRY(auto command, wall_request(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(walls::hand_back(std::move(command), id, event)));
  return wall_shown(core, id, receipt);
}

Result<http::Response> save_new_layout(Core& core, const http::Request& request,
                                       const Caller& caller) {
  VL_TRY(auto body, body_of<LayoutBody>(request));
  VL_TRY(auto command, wall_request(request, caller));
  const LayoutId id{core.ids.next()};
  VL_TRY(const auto receipt, core.journal.execute(walls::create_layout(
                                 std::move(command), id,
                                 {std::move(body.name), {body.tiles, std::move(body.cameras)}})));
  return layout_shown(core, LayoutId{Uuid::parse(receipt.reply).value_or(id.value)}, receipt);
}

Result<http::Response> save_layout(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<LayoutId>(request));
  VL_TRY(auto body, body_of<LayoutBody>(request));
  VL_TRY(auto command, wall_request(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(walls::save_layout(
                                 std::move(command), id,
                                 {std::move(body.name), {body.tiles, std::move(body.cameras)}})));
  return layout_shown(core, id, receipt);
}

Result<http::Response> remove_saved_layout(Core& core, const http::Request& request,
                                           const Caller& caller) {
  VL_TRY(const auto id, id_in_path<LayoutId>(request));
  VL_TRY(auto command, wall_request(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(walls::remove_layout(std::move(command), id)));
  return answer(bj::object{{"id", id.text()}}, receipt);
}

}  // namespace

void add_wall_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, get, "/walls", [&](const auto&, const auto&) { return list_walls(core); });
  add(router, post, "/walls",
      [&](const auto& r, const auto& c) { return create_wall(core, r, c); });
  add(router, put, "/walls/{id}",
      [&](const auto& r, const auto& c) { return describe_wall(core, r, c); });
  add(router, remove, "/walls/{id}",
      [&](const auto& r, const auto& c) { return retire_wall(core, r, c); });
  add(router, post, "/walls/{id}/show",
      [&](const auto& r, const auto& c) { return show_on_wall(core, r, c); });
  add(router, post, "/walls/{id}/events/{event_id}/hand-back",
      [&](const auto& r, const auto& c) { return hand_back_event(core, r, c); });
  add(router, post, "/wall-layouts",
      [&](const auto& r, const auto& c) { return save_new_layout(core, r, c); });
  add(router, put, "/wall-layouts/{id}",
      [&](const auto& r, const auto& c) { return save_layout(core, r, c); });
  add(router, remove, "/wall-layouts/{id}",
      [&](const auto& r, const auto& c) { return remove_saved_layout(core, r, c); });
}

}  // namespace vl::routes
