// Cameras by ONVIF through everything that takes part: the core's routes and journal, a recorder
// over its link, and simulated cameras that answer over HTTP.
#include <filesystem>
#include <thread>

#include <vonglau/devices/schema.hpp>
#include <vonglau/http/server.hpp>
#include <vonglau/node_link/node_link.hpp>
#include <vonglau/onvif/device.hpp>
#include <vonglau/recorder/recorder.hpp>
#include <vonglau/routes/testing/core_fixture.hpp>
#include <vonglau/sim/cameras.hpp>

namespace vl::app {
namespace {

namespace bj = boost::json;
using access::Role;
using routes::Caller;

class CameraDevices : public routes::CoreTest {
 protected:
  void SetUp() override {
    CoreTest::SetUp();
    if (IsSkipped()) return;
    start_cameras();
    sessions_.emplace(kProvince, clock_);
    standings_.emplace(journal_->tail(), *readers_, kProvince);
    http::Router router;
    router.set_gate(routes::make_gate(*core_, *sessions_, *standings_));
    routes::add_node_routes(router, *core_);
    server_ = *http::Server::start({}, std::move(router), clock_);
    start_recorder();
    ASSERT_TRUE(eventually([&] { return link_->state().connected; }));
  }
  void TearDown() override {
    link_.reset();
    recorder_.reset();
    server_.reset();
    cameras_.reset();
    CoreTest::TearDown();
  }
  void start_cameras() {
    sim::CamerasConfig config;
    config.clip_folder = folder() + "/clips";
    std::filesystem::create_directories(config.clip_folder);
    config.scenes = {{sim::Layout::straight_road, sim::Light::day, 5, 4}};
    config.onvif_port = 0;
    const auto add = [&](const char* code, const char* password) -> sim::CameraSpec& {
      config.cameras.emplace_back();
      config.cameras.back().code = code;
      config.cameras.back().user = "admin";
      config.cameras.back().password = password;
      return config.cameras.back();
    };
    add("PTZ-1", "s3cret-enough").live = true;
    config.cameras.back().ptz = true;
    add("NEW-1", "admin").clock_offset_s = 300;
    add("FIX-1", "12345").fixed_password = true;
    add("CARD-1", "s3cret-enough").storage_s = 600;
    cameras_ = std::make_unique<sim::CameraSimulator>(std::move(config), true_clock_);
    ASSERT_TRUE(cameras_->start());
  }
  void start_recorder() {
    spool_ = *node::Spool::open(folder() + "/spool.db", true_clock_, true_ids_);
    recorder::RecorderOptions options;
    options.province = kProvince;
    options.store.folder = folder() + "/footage";
    options.store.most_bytes = 256ULL << 20;
    options.store.reserve_bytes = 0;
    options.store.ballast_bytes = 0;
    options.backfill.settle_us = 2'000'000;
    options.backfill.first_wait_us = 1'000'000;
    std::filesystem::create_directories(options.store.folder);
    recorder_ = *recorder::Recorder::open(std::move(options), *disk_, true_clock_, true_ids_,
                                          *spool_, [] {});
    node_link::LinkOptions link;
    link.core.base_url = "http://127.0.0.1:" + std::to_string(server_->port());
    link.registration = {node::NodeKind::recorder,    "recorder-1",  "1",
                         "enrolment-key-of-the-test", "127.0.0.1:9", "wss://localhost:9"};
    link.first_wait_ms = 20;
    link_ = std::make_unique<node_link::NodeLink>(
        link, *spool_, true_clock_,
        [this](const node::Assignment& assignment) { recorder_->assign(assignment); },
        [this] { recorder_->tell_all(); },
        [this](node::Task task, auto answer) {
          recorder_->take_task(std::move(task), std::move(answer));
        });
  }
  template <class Condition>
  bool eventually(Condition condition) {
    for (int i = 0; i < 1'800; ++i) {
      if (condition()) return true;
      if (recorder_) recorder_->keep();
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
  }
  Answer enrol(const std::string& code, const std::string& password, bool keep = false) {
    return post("/cameras/enrolments", engineer_,
                bj::serialize(bj::object{{"address", cameras_->onvif_address(code)},
                                         {"login", "admin"},
                                         {"password", password},
                                         {"keep_password", keep},
                                         {"code", code},
                                         {"name", "Cổng chợ"}}));
  }
  std::string enrolled(const std::string& code, const std::string& password) {
    const auto answer = enrol(code, password);
    EXPECT_EQ(answer.status, 200) << json::text_of(answer.body);
    return answer.status == 200 ? id_of(answer["camera"]) : "";
  }
  Answer control(const std::string& camera, const std::string& what, const Caller& who,
                 const std::string& body = "{}") {
    return post("/cameras/" + camera + "/control/" + what, who, body);
  }
  /// As the camera itself says, asked with the password that the vault has.
  double pan(const std::string& camera) {
    auto reader = session();
    const auto row = cameras::camera(*reader, kProvince, {*Uuid::parse(camera)});
    const auto secret =
        vault_->read(*reader, vault::ItemId{*row->credentials_item}, vault::Kind::secret);
    const auto kept = json::parse(secret->plaintext.text());
    onvif::Device device(
        *onvif::parse_address(cameras_->onvif_address("PTZ-1")),
        {std::string(kept->at("login").as_string()), std::string(kept->at("password").as_string())},
        true_clock_);
    const auto status = device.ptz_status();
    return status ? status->at.pan : -9;
  }
  /// A recorder has the camera as one that can be turned.
  bool takes_moves(const std::string& camera, const Caller& who) {
    return eventually([&] {
      return control(camera, "move", who, R"({"pan":0,"tilt":0,"zoom":0})").status == 200;
    });
  }

  const SystemClock true_clock_;
  SystemIdSource true_ids_{true_clock_};
  std::optional<access::SessionTable> sessions_;
  std::optional<routes::Standings> standings_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<sim::CameraSimulator> cameras_;
  std::unique_ptr<recording::Disk> disk_ = recording::posix_disk();
  std::unique_ptr<node::Spool> spool_;
  std::unique_ptr<recorder::Recorder> recorder_;
  std::unique_ptr<node_link::NodeLink> link_;
  const Caller engineer_ = person({Role::engineer});
  const Caller duty_ = person({Role::duty_officer});
};

TEST_P(CameraDevices, a_default_password_is_replaced_and_no_event_has_the_new_one) {
  const auto refused = enrol("NEW-1", "admin", /*keep=*/true);
  EXPECT_EQ(refused.code(), "devices.default_password");
  EXPECT_EQ(count_events("camera_device.enrolment_begun"), 0);
  const auto id = enrolled("NEW-1", "admin");
  ASSERT_FALSE(id.empty());
  const auto device = get("/cameras/" + id + "/device", an_);
  EXPECT_TRUE(device["password_replaced"].as_bool());
  EXPECT_NEAR(static_cast<double>(device["clock_offset_ms"].as_int64()), 300'000, 1'500);
  EXPECT_FALSE(onvif::Device(*onvif::parse_address(cameras_->onvif_address("NEW-1")),
                             {"admin", "admin"}, true_clock_)
                   .information());
  auto reader = session();
  const auto row = cameras::camera(*reader, kProvince, {*Uuid::parse(id)});
  ASSERT_TRUE(row);
  EXPECT_EQ(row->main_url, cameras_->main_url("NEW-1"));
  const auto secret =
      vault_->read(*reader, vault::ItemId{*row->credentials_item}, vault::Kind::secret);
  ASSERT_TRUE(secret);
  const auto kept = json::parse(secret->plaintext.text());
  const std::string password(kept->at("password").as_string());
  EXPECT_GE(password.size(), 20U);
  std::int64_t with_password = 0;
  ASSERT_TRUE(reader->query("SELECT body FROM journal_events WHERE province_id = $1", {kProvince},
                            [&](const store::Row& event) {
                              with_password +=
                                  event.text(0).find(password) != std::string_view::npos ? 1 : 0;
                              return true;
                            }));
  EXPECT_EQ(with_password, 0);
}

TEST_P(CameraDevices, its_own_storage_is_found_when_it_is_taken_in_and_fills_a_gap) {
  const auto id = enrolled("CARD-1", "s3cret-enough");
  ASSERT_FALSE(id.empty());
  EXPECT_TRUE(get("/cameras/" + id + "/device", an_)["own_storage"].as_bool());
  {
    auto reader = session();
    const auto row = cameras::camera(*reader, kProvince, {*Uuid::parse(id)});
    ASSERT_TRUE(row);
    EXPECT_EQ(row->replay_url, cameras_->replay_url("CARD-1"));
  }
  const recording::StreamKey main{recording::CameraId{*Uuid::parse(id)}};
  const recording::StreamKey fetched{main.camera, recording::StreamKind::fetched};
  auto& store = recorder_->store();
  const auto recorded_us = [&] {
    std::int64_t sum = 0;
    for (const auto& span :
         store.spans(main, 0, true_clock_.wall().us).value_or(std::vector<recording::Span>{}))
      sum += span.end_us - span.start_us;
    return sum;
  };
  ASSERT_TRUE(eventually([&] { return recorded_us() > 3'000'000; }));
  ASSERT_TRUE(cameras_->set_fault("CARD-1", {sim::FaultKind::refuse}));
  ASSERT_TRUE(eventually([&] { return count_events("camera.went_offline") > 0; }));
  std::this_thread::sleep_for(std::chrono::seconds(3));
  ASSERT_TRUE(cameras_->clear_fault("CARD-1"));
  // The recorder was told of it by the centre, asks the camera, and the centre hears of it.
  ASSERT_TRUE(eventually([&] { return count_events("camera.gap_filled") > 0; }));
  EXPECT_FALSE(store.find(fetched, 0, true_clock_.wall().us, 10)->empty());
}

TEST_P(CameraDevices, one_that_keeps_its_default_password_is_refused_and_says_why) {
  const auto refused = enrol("FIX-1", "12345");
  EXPECT_EQ(refused.status, 400) << json::text_of(refused.body);
  EXPECT_EQ(refused.code(), "devices.default_password");
  EXPECT_EQ(count_events("camera_device.enrolment_failed"), 1);
  EXPECT_EQ(count_events("camera.registered"), 0);
  const auto by_hand =
      post("/cameras", engineer_,
           R"({"code":"FIX-1","name":"Cổng","main_url":"rtsp://127.0.0.1:1/a","login":"admin",)"
           R"("password":"12345"})");
  EXPECT_EQ(by_hand.code(), "devices.default_password");
}

TEST_P(CameraDevices, an_attempt_whose_end_nobody_heard_is_gone_on_with) {
  const auto wrong = enrol("NEW-1", "wrong");
  EXPECT_EQ(wrong.code(), "onvif.wrong_password");
  // The camera got the password of that attempt after all, and the answer was lost.
  auto reader = session();
  const auto devices = devices::devices(*reader, kProvince);
  ASSERT_EQ(devices->size(), 1U);
  ASSERT_TRUE(devices->front().begun_item);
  const auto secret =
      vault_->read(*reader, vault::ItemId{*devices->front().begun_item}, vault::Kind::secret);
  const auto begun = json::parse(secret->plaintext.text());
  onvif::Device camera(*onvif::parse_address(cameras_->onvif_address("NEW-1")), {"admin", "admin"},
                       true_clock_);
  ASSERT_TRUE(camera.set_password({"admin", "Administrator"},
                                  std::string(begun->at("password").as_string())));
  const auto again = enrol("NEW-1", "admin");
  ASSERT_EQ(again.status, 200) << json::text_of(again.body);
  EXPECT_EQ(id_of(again["camera"]), devices->front().camera_id.text());
  EXPECT_TRUE(again["device"].at("password_replaced").as_bool());
}

TEST_P(CameraDevices, it_is_moved_by_who_holds_it_taken_over_and_goes_home) {
  const auto id = enrolled("PTZ-1", "s3cret-enough");
  ASSERT_FALSE(id.empty());
  EXPECT_EQ(control(id, "move", an_, R"({"pan":1,"tilt":0,"zoom":0})").code(), "devices.not_yours");
  ASSERT_EQ(control(id, "take", an_).status, 200);
  ASSERT_TRUE(takes_moves(id, an_));
  ASSERT_EQ(control(id, "move", an_, R"({"pan":1,"tilt":0,"zoom":0})").status, 200);
  ASSERT_TRUE(eventually([&] { return pan(id) > 0.2; }));
  // Nobody says that it goes on: it stops.
  double before = -1;
  ASSERT_TRUE(eventually([&] {
    const double now = pan(id);
    return std::exchange(before, now) == now;
  }));
  EXPECT_EQ(control(id, "take", binh_).code(), "devices.held") << "of the same priority";
  EXPECT_EQ(control(id, "move", an_, R"({"pan":7,"tilt":0,"zoom":0})").status, 400);
  const auto taken = control(id, "take", duty_);
  ASSERT_EQ(taken.status, 200);
  EXPECT_EQ(taken["holder"].at("priority").as_string(), "duty");
  EXPECT_EQ(control(id, "move", an_, R"({"pan":1,"tilt":0,"zoom":0})").code(), "devices.not_yours");
  ASSERT_EQ(control(id, "return", duty_).status, 200);
  EXPECT_TRUE(eventually([&] { return pan(id) == 0; })) << "home";
  EXPECT_EQ(count_events("camera_device.control_taken"), 2);
}

TEST_P(CameraDevices, what_nobody_moves_for_a_minute_is_handed_back) {
  const auto id = enrolled("PTZ-1", "s3cret-enough");
  ASSERT_EQ(control(id, "take", dung_).status, 200);
  ASSERT_TRUE(control_->turn());
  clock_.advance_us(routes::ControlDesk::idle_us - 1'000'000);
  ASSERT_TRUE(control_->turn());
  EXPECT_EQ(count_events("camera_device.control_returned"), 0);
  clock_.advance_us(2'000'000);
  ASSERT_TRUE(control_->turn());
  EXPECT_EQ(count_events("camera_device.control_returned"), 1);
  EXPECT_EQ(control(id, "take", an_).status, 200);
}

TEST_P(CameraDevices, presets_and_tours_turn_it_by_themselves_and_wait_for_who_holds_it) {
  const auto id = enrolled("PTZ-1", "s3cret-enough");
  ASSERT_EQ(control(id, "take", duty_).status, 200);
  ASSERT_TRUE(takes_moves(id, duty_));
  const auto save = [&](const std::string& name) {
    return post("/cameras/" + id + "/presets", duty_, R"({"name":")" + name + "\"}");
  };
  ASSERT_EQ(save("Cổng").status, 200);
  ASSERT_EQ(control(id, "move", duty_, R"({"pan":1,"tilt":0,"zoom":0})").status, 200);
  ASSERT_TRUE(eventually([&] { return pan(id) > 0.3; }));
  const auto two = save("Ngã tư");
  ASSERT_EQ(two.status, 200);
  const auto& presets = two["presets"].as_array();
  ASSERT_EQ(presets.size(), 2U);
  bj::array steps;
  for (const auto& preset : presets)
    steps.push_back(bj::object{{"preset", preset.at("token")}, {"dwell_s", 3}});
  const auto tour = post("/cameras/" + id + "/tours", engineer_,
                         bj::serialize(bj::object{{"name", "Đêm"}, {"steps", steps}}));
  ASSERT_EQ(tour.status, 200) << json::text_of(tour.body);
  const auto tour_id = id_of(tour["tours"].as_array().at(0));
  ASSERT_EQ(post("/cameras/" + id + "/tours/" + tour_id + "/start", engineer_).status, 200);
  EXPECT_EQ(post("/cameras/" + id + "/presets/remove", duty_,
                 bj::serialize(bj::object{{"token", presets.at(0).at("token")}}))
                .code(),
            "devices.bad_preset")
      << "a tour goes there";
  ASSERT_EQ(control(id, "return", duty_).status, 200);
  EXPECT_TRUE(eventually([&] { return std::abs(pan(id)) < 0.01; })) << "at the first";
  EXPECT_TRUE(eventually([&] { return pan(id) > 0.3; })) << "at the second";
  ASSERT_EQ(post("/cameras/" + id + "/tours/stop", engineer_).status, 200);
}

TEST_P(CameraDevices, a_recorder_that_is_away_is_said) {
  const auto id = enrolled("PTZ-1", "s3cret-enough");
  ASSERT_EQ(control(id, "take", an_).status, 200);
  link_.reset();
  const auto moved = control(id, "move", an_, R"({"pan":1,"tilt":0,"zoom":0})");
  EXPECT_EQ(moved.status, 503);
  EXPECT_EQ(moved.code(), "cameras.no_recorder");
}

VL_ON_EACH_ENGINE(CameraDevices);

}  // namespace
}  // namespace vl::app
