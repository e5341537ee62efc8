// Walls through the API of a real core on each engine.
#include <vonglau/routes/testing/core_fixture.hpp>
#include <vonglau/walls/wall.hpp>

namespace vl::routes {
namespace {

class WallApi : public CoreTest {
 protected:
  void SetUp() override {
    CoreTest::SetUp();
    if (IsSkipped()) return;
    const auto registered = post(
        "/nodes/register", Caller{},
        R"({"kind":"recorder","name":"r","version":"1","enrolment_key":"enrolment-key-of-the-test",)"
        R"("address":"127.0.0.1:9","public_url":"wss://localhost:9"})");
    node_.is_node = true;
    node_.person = *Uuid::parse(registered["node_id"].as_string());
    EXPECT_TRUE(walls_->turn());
  }
  std::string camera(const std::string& code, double lat, double lon) {
    auto id = id_of(post("/cameras", engineer_,
                         fmt(R"({"code":"@","name":"x","lat":)", code) + std::to_string(lat) +
                             R"(,"lon":)" + std::to_string(lon) +
                             R"(,"main_url":"rtsp://127.0.0.1:1/a"})")
                        .body);
    batch("camera.online", R"({"camera_id":")" + id + R"("})");
    return id;
  }
  static std::string fmt(std::string text, const std::string& value) {
    return text.replace(text.find('@'), 1, value);
  }
  void batch(const std::string& kind, const std::string& body) {
    const auto taken =
        post("/nodes/" + node_.person.text() + "/batches", node_,
             R"({"batch_id":")" + ids_.next().text() + R"(","items":[{"kind":")" + kind +
                 R"(","at_us":)" + std::to_string(clock_.wall().us) + R"(,"body":)" + body + "}]}");
    EXPECT_EQ(taken.status, 200) << json::text_of(taken.body);
  }
  std::string wall(const std::string& name, bool accepts = true) {
    const auto made =
        post("/walls", engineer_,
             fmt(R"({"name":"@","accepts_incidents":)", name) + (accepts ? "true" : "false") +
                 R"(,"accepts_pictures":)" + (accepts ? "true}" : "false}"));
    EXPECT_EQ(made.status, 200) << json::text_of(made.body);
    return id_of(made.body);
  }
  json::Value events_of(const std::string& id) {
    const auto all = get("/walls", dispatcher_);
    for (const auto& one : all["walls"].as_array())
      if (one.at("id").as_string() == id) return one.at("events");
    return {};
  }
  std::string incident(double lat, double lon) {
    const auto report = post(
        "/reports", dispatcher_,
        R"({"channel":"desk","service":"police","category":"theft","severity":"serious","lat":)" +
            std::to_string(lat) + R"(,"lon":)" + std::to_string(lon) + "}");
    EXPECT_LT(report.status, 300) << json::text_of(report.body);
    const auto id = id_of(report.body);
    post("/reports/" + id + "/claim", dispatcher_, "{}");
    const auto triaged =
        post("/reports/" + id + "/triage", dispatcher_,
             R"({"decision":"open_incident","category":"theft","severity":"serious","lat":)" +
                 std::to_string(lat) + R"(,"lon":)" + std::to_string(lon) + "}");
    EXPECT_EQ(triaged.status, 200) << json::text_of(triaged.body);
    return std::string(triaged["incident"].at("id").as_string());
  }

  Caller node_;
  const Caller engineer_ = person({access::Role::engineer});
  const Caller dispatcher_ = person({access::Role::dispatcher});
};

TEST_P(WallApi, shows_what_another_desk_sends_it) {
  const auto one = camera("BN-1", 21.28, 106.2);
  const auto two = camera("BN-2", 21.29, 106.2);
  const auto id = wall("Sảnh");
  EXPECT_EQ(post("/walls", engineer_,
                 R"({"name":"Sảnh","accepts_incidents":false,)"
                 R"("accepts_pictures":false})")
                .code(),
            "walls.name_taken");
  const auto layout = post("/wall-layouts", dispatcher_,
                           R"({"name":"Giao ca","tiles":4,"cameras":[")" + two + R"("]})");
  ASSERT_EQ(layout.status, 200) << json::text_of(layout.body);
  const auto shown = post(
      "/walls/" + id + "/show", dispatcher_,
      R"({"tiles":4,"cameras":[")" + two + R"("],"layout_id":")" + id_of(layout.body) + R"("})");
  ASSERT_EQ(shown.status, 200) << json::text_of(shown.body);
  EXPECT_EQ(shown["tiles"].as_int64(), 4);
  EXPECT_EQ(shown["cameras"].at(0).as_string(), two);
  EXPECT_EQ(shown["shown_by"].as_string(), dispatcher_.person.text());
  EXPECT_EQ(post("/walls/" + id + "/show", dispatcher_,
                 R"({"tiles":1,"cameras":[")" + one + R"(",")" + two + R"("]})")
                .code(),
            "walls.bad_layout");
  EXPECT_EQ(post("/walls/" + id + "/show", dispatcher_,
                 R"({"tiles":1,"cameras":[")" + ids_.next().text() + R"("]})")
                .code(),
            "walls.bad_layout");
  EXPECT_EQ(send(http::Method::remove, "/wall-layouts/" + id_of(layout.body), dispatcher_).status,
            200);
  const auto all = get("/walls", dispatcher_);
  EXPECT_EQ(all["layouts"].as_array().size(), 0U);
  EXPECT_EQ(all["walls"].at(0).at("tiles").as_int64(), 4);
  EXPECT_EQ(send(http::Method::remove, "/walls/" + id, engineer_).status, 200);
  EXPECT_EQ(post("/walls/" + id + "/show", dispatcher_, R"({"tiles":1,"cameras":[]})").code(),
            "walls.not_found");
}

TEST_P(WallApi, shows_an_incident_by_the_cameras_near_it_until_it_is_closed) {
  const auto near = camera("BN-1", 21.2801, 106.2);
  const auto nearer = camera("BN-2", 21.2800, 106.2001);
  camera("BN-3", 21.4, 106.2);
  const auto accepting = wall("Sảnh");
  const auto other = wall("Riêng", false);
  const auto id = incident(21.28, 106.2);
  EXPECT_TRUE(walls_->turn());
  const auto events = events_of(accepting);
  ASSERT_EQ(events.as_array().size(), 1U);
  EXPECT_EQ(events.at(0).at("cause").as_string(), "incident");
  EXPECT_EQ(events.at(0).at("cause_id").as_string(), id);
  ASSERT_EQ(events.at(0).at("cameras").as_array().size(), 2U);
  EXPECT_EQ(events.at(0).at("cameras").at(0).as_string(), nearer);
  EXPECT_EQ(events.at(0).at("cameras").at(1).as_string(), near);
  EXPECT_EQ(events.at(0).at("until_us").as_int64(), clock_.wall().us + walls::incident_shown_us);
  EXPECT_EQ(events_of(other).as_array().size(), 0U);
  EXPECT_TRUE(walls_->turn());
  EXPECT_EQ(events_of(accepting).as_array().size(), 1U);
  const auto closed = post("/incidents/" + id + "/close", dispatcher_, R"({"outcome":"resolved"})");
  ASSERT_EQ(closed.status, 200) << json::text_of(closed.body);
  EXPECT_TRUE(walls_->turn());
  EXPECT_EQ(events_of(accepting).as_array().size(), 0U);
}

TEST_P(WallApi, hands_back_what_was_shown_long_enough_or_by_a_person) {
  camera("BN-1", 21.28, 106.2);
  const auto id = wall("Sảnh");
  incident(21.28, 106.2);
  EXPECT_TRUE(walls_->turn());
  clock_.advance_us(60'000'000);
  incident(21.28, 106.2);
  EXPECT_TRUE(walls_->turn());
  ASSERT_EQ(events_of(id).as_array().size(), 2U);
  const auto first = std::string(events_of(id).at(0).at("id").as_string());
  const auto back = "/walls/" + id + "/events/" + first + "/hand-back";
  EXPECT_EQ(post(back, dispatcher_, "{}").status, 200);
  EXPECT_EQ(post(back, dispatcher_, "{}").code(), "walls.event_not_found");
  ASSERT_EQ(events_of(id).as_array().size(), 1U);
  clock_.advance_us(walls::incident_shown_us - 1);
  EXPECT_TRUE(walls_->turn());
  EXPECT_EQ(events_of(id).as_array().size(), 1U);
  clock_.advance_us(1);
  EXPECT_TRUE(walls_->turn());
  EXPECT_EQ(events_of(id).as_array().size(), 0U);
}

TEST_P(WallApi, shows_a_camera_whose_picture_fails_until_it_is_good_again) {
  const auto one = camera("BN-1", 21.28, 106.2);
  const auto id = wall("Sảnh");
  const auto picture = [&](const std::string& state) {
    batch("camera.picture", R"({"camera_id":")" + one + R"(","state":")" + state + R"("})");
    EXPECT_TRUE(walls_->turn());
  };
  picture("good");
  EXPECT_EQ(events_of(id).as_array().size(), 0U);
  picture("covered");
  ASSERT_EQ(events_of(id).as_array().size(), 1U);
  EXPECT_EQ(events_of(id).at(0).at("cause").as_string(), "picture");
  picture("good");
  EXPECT_EQ(events_of(id).as_array().size(), 0U);
  picture("black");
  EXPECT_EQ(events_of(id).as_array().size(), 1U);
  // A wall that wants no such events any more is rid of them at once.
  EXPECT_EQ(send(http::Method::put, "/walls/" + id, engineer_,
                 R"({"name":"Sảnh","accepts_incidents":true,"accepts_pictures":false})")
                .status,
            200);
  EXPECT_EQ(events_of(id).as_array().size(), 0U);
}

VL_ON_EACH_ENGINE(WallApi);

}  // namespace
}  // namespace vl::routes
