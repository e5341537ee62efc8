#include <vonglau/routes/operations.hpp>
#include <vonglau/supervise/status.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

std::string_view name_of(supervise::ProcessState state) {
  switch (state) {
    case supervise::ProcessState::starting:
      return "starting";
    case supervise::ProcessState::running:
      return "running";
    case supervise::ProcessState::backing_off:
      return "backing_off";
    case supervise::ProcessState::stopped:
      break;
  }
  return "stopped";
}

Result<http::Response> processes(Core& core) {
  bj::array out;
  if (!core.supervisor_socket.empty()) {
    VL_TRY(const auto all, supervise::read_status(core.supervisor_socket));
    for (const auto& p : all) {
      bj::object one{{"name", p.name},
                     {"state", name_of(p.state)},
                     {"restarts", p.restarts},
                     {"since_us", p.since_us.us}};
      if (p.pid) one["pid"] = *p.pid;
      if (p.last_exit) one["last_exit"] = *p.last_exit;
      if (p.cpu_s) one["cpu_s"] = *p.cpu_s;
      if (p.memory_bytes) one["memory_bytes"] = *p.memory_bytes;
      out.push_back(std::move(one));
    }
  }
  return answer(bj::object{{"processes", std::move(out)}});
}

}  // namespace

void add_process_routes(http::Router& router, Core& core) {
  add(router, http::Method::get, "/processes",
      [&](const auto&, const auto&) { return processes(core); });
}

}  // namespace vl::routes
