// docs/design/nodes.md, point by point: our node's end against our core's end over real sockets,
// with the core going away and coming back in between.
#include <future>

#include <vonglau/http/server.hpp>
#include <vonglau/node_link/node_link.hpp>
#include <vonglau/routes/testing/core_fixture.hpp>

namespace vl::node_link {
namespace {

using namespace std::chrono_literals;

class Conformance : public routes::CoreTest {
 protected:
  void SetUp() override {
    CoreTest::SetUp();
    if (IsSkipped()) return;
    sessions_.emplace(kProvince, clock_);
    standings_.emplace(journal_->tail(), *readers_, kProvince);
    spool_ = *node::Spool::open(folder() + "/spool.db", clock_, ids_);
    http::Router probe;  // a free port that stays ours to come back to
    port_ = (*http::Server::start({}, std::move(probe), clock_))->port();
    serve();
  }
  void TearDown() override {
    link_.reset();
    server_.reset();
  }
  void serve() {
    http::Router router;
    router.set_gate(routes::make_gate(*core_, *sessions_, *standings_));
    routes::add_node_routes(router, *core_);
    http::ServerOptions options;
    options.port = port_;
    for (int i = 0; i < 100 && !server_; ++i) {
      auto started = http::Server::start(options, std::move(router), clock_);
      if (started) {
        server_ = std::move(*started);
      } else {
        std::this_thread::sleep_for(50ms);
        router = {};
        router.set_gate(routes::make_gate(*core_, *sessions_, *standings_));
        routes::add_node_routes(router, *core_);
      }
    }
    ASSERT_TRUE(server_);
  }
  void link(std::string key = "enrolment-key-of-the-test") {
    LinkOptions options;
    options.core.base_url = "http://127.0.0.1:" + std::to_string(port_);
    options.registration = {node::NodeKind::recorder, "recorder-1",  "1",
                            std::move(key),           "127.0.0.1:9", "wss://localhost:9"};
    options.credential_file = folder() + "/credential";
    options.first_wait_ms = 20;
    options.longest_wait_ms = 100;
    link_ = std::make_unique<NodeLink>(
        options, *spool_, clock_,
        [this](const node::Assignment& assignment) {
          const std::scoped_lock lock(mutex_);
          assignment_ = assignment;
        },
        [this] { ++connections_; });
  }
  template <class Condition>
  bool eventually(Condition condition) {
    for (int i = 0; i < 400; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(25ms);
    }
    return false;
  }
  std::optional<node::Assignment> assignment() {
    const std::scoped_lock lock(mutex_);
    return assignment_;
  }
  std::string add_camera(std::string code) {
    return id_of(post("/cameras", person({access::Role::engineer}),
                      R"({"code":")" + code +
                          R"(","name":"Cổng","main_url":"rtsp://127.0.0.1:1/a","login":"may",)"
                          R"("password":"mật khẩu"})")
                     .body);
  }
  void spool_online(const std::string& camera) {
    ASSERT_TRUE(
        spool_->put({"camera.online", clock_.wall(), boost::json::object{{"camera_id", camera}}}));
    if (link_) link_->spooled();
  }
  std::string state_of(const std::string& camera) {
    auto reader = session();
    const auto row = cameras::camera(*reader, kProvince, {*Uuid::parse(camera)});
    return row ? row->state : row.error().message;
  }

  std::uint16_t port_ = 0;
  std::optional<access::SessionTable> sessions_;
  std::optional<routes::Standings> standings_;
  std::unique_ptr<node::Spool> spool_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<NodeLink> link_;
  std::mutex mutex_;
  std::optional<node::Assignment> assignment_;
  std::atomic<int> connections_{0};
};

TEST_P(Conformance, a_node_enrols_gets_its_work_pushed_and_hears_of_every_change) {
  const auto first = add_camera("BN-001");
  link();
  ASSERT_TRUE(eventually([&] { return assignment() && assignment()->cameras.size() == 1; }))
      << link_->state().last_error;
  EXPECT_EQ(assignment()->cameras[0].login, "may");
  EXPECT_EQ(assignment()->cameras[0].password, "mật khẩu");
  add_camera("BN-002");
  EXPECT_TRUE(eventually([&] { return assignment()->cameras.size() == 2; }));
  EXPECT_EQ(post("/cameras/" + first + "/disable", person({access::Role::engineer})).status, 200);
  EXPECT_TRUE(eventually([&] { return assignment()->cameras.size() == 1; }));
  EXPECT_EQ(link_->state().ticket_key, signing_key_.public_key());
}

TEST_P(Conformance, what_is_spooled_while_the_core_is_away_is_recorded_once_when_it_is_back) {
  const auto camera = add_camera("BN-001");
  link();
  ASSERT_TRUE(eventually([&] { return link_->state().connected; }));
  const auto id = link_->state().node_id;
  server_.reset();
  ASSERT_TRUE(eventually([&] { return !link_->state().connected; }));
  spool_online(camera);
  EXPECT_EQ(state_of(camera), "unknown");
  serve();
  EXPECT_TRUE(eventually([&] { return state_of(camera) == "online"; }));
  EXPECT_TRUE(eventually([&] { return spool_->waiting() == 0; }));
  EXPECT_EQ(count_events("camera.went_online"), 1);
  EXPECT_EQ(link_->state().node_id, id);
  EXPECT_EQ(connections_, 2);
}

TEST_P(Conformance, a_restarted_node_keeps_its_id_and_one_whose_token_ended_enrols_again) {
  link();
  ASSERT_TRUE(eventually([&] { return link_->state().connected; }));
  const auto id = link_->state().node_id;
  link_.reset();
  link();
  ASSERT_TRUE(eventually([&] { return link_->state().connected; }));
  EXPECT_EQ(link_->state().node_id, id);
  EXPECT_EQ(count_events("node.registered"), 1);
  link_.reset();
  ASSERT_TRUE(session()->execute("DELETE FROM node_credentials"));
  link();
  ASSERT_TRUE(eventually([&] { return link_->state().connected; })) << link_->state().last_error;
  EXPECT_EQ(link_->state().node_id, id);
  EXPECT_EQ(count_events("node.registered"), 2);
}

TEST_P(Conformance, a_wrong_enrolment_key_is_refused_and_said) {
  link("another key");
  EXPECT_TRUE(eventually([&] {
    return link_->state().last_error.find("nodes.wrong_enrolment_key") != std::string::npos;
  })) << link_->state().last_error;
  EXPECT_FALSE(link_->state().connected);
}

TEST_P(Conformance, a_recorder_that_falls_silent_is_away_and_its_cameras_offline_with_the_cause) {
  const auto camera = add_camera("BN-001");
  link();
  ASSERT_TRUE(eventually([&] { return link_->state().connected; }));
  spool_online(camera);
  ASSERT_TRUE(eventually([&] { return state_of(camera) == "online"; }));
  link_.reset();
  clock_.advance_us(11'000'000);
  EXPECT_TRUE(eventually([&] { return state_of(camera) == "offline"; }));
  EXPECT_EQ(count_events("node.away"), 1);
  auto reader = session();
  EXPECT_EQ(cameras::camera(*reader, kProvince, {*Uuid::parse(camera)})->state_cause,
            "recorder_down");
}

VL_ON_EACH_ENGINE(Conformance);

}  // namespace
}  // namespace vl::node_link
