// `vonglau record`: the recorder node. Takes, stores and shows the cameras that the core assigns.
#include <csignal>
#include <filesystem>

#include <fmt/format.h>

#include <vonglau/base/log.hpp>
#include <vonglau/base/memory.hpp>
#include <vonglau/http/metrics.hpp>
#include <vonglau/http/server.hpp>
#include <vonglau/node_link/node_link.hpp>
#include <vonglau/picture/masking.hpp>
#include <vonglau/recorder/recorder.hpp>
#include <vonglau/supervise/notify.hpp>

#include "archive.hpp"
#include "recordings.hpp"
#include "site.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

recorder::RecorderOptions options_of(const Config& config) {
  recorder::RecorderOptions options;
  options.province = config.province_id();
  options.store = footage_options(config);
  options.exports.folder = config.exports_folder();
  options.exports.timestamp_url = config.evidence.timestamp_url;
  options.exports.timestamp_ca_file = config.evidence.timestamp_ca_file;
  // As for the core: the site's own certificates are of an authority that the system knows.
  if (config.certificates.certificate.empty())
    options.exports.peers_ca_file = config.authority_folder() + "/authority.crt";
  options.discovery_port = static_cast<std::uint16_t>(config.recorder.discovery_port);
  options.motion.folder = options.store.folder + "/motion";
  options.assignment_file = config.recorder_folder() + "/assignment.json";
  return options;
}

Result<node_link::LinkOptions> link_options(const Config& config) {
  node_link::LinkOptions options;
  options.core.base_url = config.core_local_url();
  // The site's own certificate is signed by an authority that the system knows.
  if (config.certificates.certificate.empty())
    options.core.trust.ca_file = config.authority_folder() + "/authority.crt";
  options.registration.kind = node::NodeKind::recorder;
  options.registration.name = config.recorder.name;
  options.registration.version = std::string(node::kProtocolVersion);
  VL_TRY(options.registration.enrolment_key, enrolment_key(config));
  options.registration.address = fmt::format("{}:{}", config.recorder.listen, config.recorder.port);
  options.registration.public_url = config.recorder_socket_url();
  options.credential_file = config.recorder_folder() + "/credential.json";
  return options;
}

/// The parts of the running node, each standing on those before it.
class RecorderNode {
 public:
  static Result<std::unique_ptr<RecorderNode>> start(const Config& config, const Clock& clock,
                                                     const std::string& program) {
    std::unique_ptr<RecorderNode> node(new RecorderNode(config, clock));
    VL_CHECK(node->prepare(config, program));
    return node;
  }
  ~RecorderNode() {
    if (server_) server_->stop(2'000);
    std::unique_ptr<node_link::NodeLink> link;
    {
      const std::scoped_lock lock(link_mutex_);
      link = std::move(link_);
    }
    link.reset();  // it calls the recorder
  }

  void turn() {
    recorder_->keep();
    if (turns_++ % 5 != 0) return;
    const auto state = link_->state();
    if (state.ticket_key != ticket_key_) {
      ticket_key_ = state.ticket_key;
      recorder_->set_ticket_key(ticket_key_);
    }
    metrics_.gauge("vonglau_node_connected", "1: the core is there").set(state.connected ? 1 : 0);
    metrics_.gauge("vonglau_node_spooled", "Items that wait for the core")
        .set(static_cast<double>(spool_->waiting()));
    recorder_->measure(metrics_);
  }

 private:
  RecorderNode(const Config& config, const Clock& clock)
      : clock_(clock), ids_(clock), disks_(footage_disks(config, clock)) {}

  Result<void> prepare(const Config& config, const std::string& program) {
    std::error_code error;
    std::filesystem::create_directories(config.recorder_folder(), error);
    std::filesystem::permissions(config.recorder_folder(), std::filesystem::perms::owner_all,
                                 error);
    VL_TRY(spool_, node::Spool::open(config.recorder_folder() + "/spool.db", clock_, ids_));
    auto options = options_of(config);
    options.pictures.helper = picture::start_program(program, {"pictures"});
    options.exports.painter = picture::start_program(program, {"masks"});
    VL_TRY(recorder_, recorder::Recorder::open(std::move(options), disks_.disk(), clock_, ids_,
                                               *spool_, [this] { tell_link(); }));
    if (disks_.archive) disks_.archive->start();
    http::Router router;
    recorder_->add_routes(router);
    router.add(http::Method::get, "/healthz",
               [](const auto&) { return http::Response::json(R"({"status":"ok"})"); });
    router.add(http::Method::get, "/metrics", [this](const http::Request& request) {
      return request.peer_is_loopback ? metrics_.response() : http::Response::text("", 404);
    });
    http::ServerOptions server;
    server.address = config.recorder.listen;
    server.port = static_cast<std::uint16_t>(config.recorder.port);
    server.connections = static_cast<std::size_t>(config.limits.connections);
    VL_TRY(server.tls, tls_files(config, "recorder", clock_));
    VL_TRY(server_, http::Server::start(server, std::move(router), clock_, &metrics_));
    VL_TRY(auto link, link_options(config));
    const std::scoped_lock lock(link_mutex_);
    link_ = std::make_unique<node_link::NodeLink>(
        std::move(link), *spool_, clock_,
        [this](const node::Assignment& assignment) { recorder_->assign(assignment); },
        [this] { recorder_->tell_all(); },
        [this](node::Task task, auto answer) {
          recorder_->take_task(std::move(task), std::move(answer));
        });
    return {};
  }
  // Items may be spooled before there is a link.
  void tell_link() {
    const std::scoped_lock lock(link_mutex_);
    if (link_) link_->spooled();
  }

  const Clock& clock_;
  SystemIdSource ids_;
  http::Metrics metrics_;
  FootageDisks disks_;
  std::unique_ptr<node::Spool> spool_;
  std::mutex link_mutex_;
  std::unique_ptr<node_link::NodeLink> link_;
  std::unique_ptr<recorder::Recorder> recorder_;  // ends before the link and the spool
  std::unique_ptr<http::Server> server_;
  Bytes ticket_key_;
  std::uint64_t turns_ = 0;
};

int run_record(const Invocation& call) {
  auto config = call.config();
  if (!config) return complain(config.error(), exit_config);
  log::start("recorder", config->log.level == LogLevel::debug);
  keep_freed_memory(1'000);
  // Signals come to this thread alone; the others inherit the mask.
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int number : {SIGTERM, SIGINT}) ::sigaddset(&ending, number);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const SystemClock clock;
  auto node = RecorderNode::start(*config, clock, call.program);
  if (!node) return complain(node.error());
  supervise::tell_ready();
  log::info("recorder.serves", {{"address", config->recorder_url()}});
  const timespec turn{0, 200'000'000};
  std::uint64_t turns = 0;
  while (::sigtimedwait(&ending, nullptr, &turn) < 0) {
    (*node)->turn();
    if (turns++ % 5 == 0) supervise::tell_alive();
  }
  log::info("recorder.stopping");
  return exit_ok;
}

}  // namespace

void add_pictures(Subcommand app) {
  app.add("pictures", "Decodes pictures for the recorder (started by record)").does([] {
    return picture::run_helper(3);
  });
  app.add("masks", "Paints over a copy of a video for an export (started by record)").does([] {
    return picture::run_mask_helper(3);
  });
}

void add_record(Subcommand app, const Invocation& call) {
  app.add("record", "The recorder of cameras (started by serve)").does([&call] {
    return run_record(call);
  });
}

}  // namespace vl::app
