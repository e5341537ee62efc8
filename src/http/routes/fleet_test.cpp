// The fleet through the API of a real core on each engine: topology, alarms, health, uptime.
#include <vonglau/routes/testing/core_fixture.hpp>

namespace vl::routes {
namespace {

namespace bj = boost::json;

constexpr std::int64_t one_s_us = 1'000'000;

class FleetApi : public CoreTest {
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
  }
  std::string camera(const std::string& code) {
    return id_of(post("/cameras", engineer_,
                      R"({"code":")" + code +
                          R"(","name":"x","unit_code":"07210","main_url":"rtsp://127.0.0.1:1/a"})")
                     .body);
  }
  void batch(bj::array items) {
    const auto taken = post(
        "/nodes/" + node_.person.text() + "/batches", node_,
        bj::serialize(bj::object{{"batch_id", ids_.next().text()}, {"items", std::move(items)}}));
    EXPECT_EQ(taken.status, 200) << json::text_of(taken.body);
  }
  void state(const std::vector<std::string>& cameras, bool online) {
    bj::array items;
    for (const auto& id : cameras) {
      bj::object body{{"camera_id", id}};
      if (!online) body["cause"] = "camera_unreachable";
      items.push_back(bj::object{{"kind", online ? "camera.online" : "camera.offline"},
                                 {"at_us", clock_.wall().us},
                                 {"body", std::move(body)}});
    }
    batch(std::move(items));
  }
  void health(const std::string& id, std::int64_t kbps, bool all = true) {
    batch({bj::object{
        {"kind", "camera.health"},
        {"at_us", clock_.wall().us},
        {"body", bj::object{{"all", all},
                            {"cameras", bj::array{bj::object{{"camera_id", id},
                                                             {"streams", true},
                                                             {"bit_rate_kbps", kbps},
                                                             {"frame_rate_mhz", 25000},
                                                             {"lost_ppm", 0},
                                                             {"key_interval_ms", 2000}}}}}}}});
  }
  void pass(std::int64_t seconds) {
    clock_.advance_us(seconds * one_s_us);
    EXPECT_TRUE(fleet_->turn());
  }
  Answer import(const std::string& text) {
    return send(http::Method::post, "/fleet/import", engineer_, text);
  }

  Caller node_;
  const Caller engineer_ = person({access::Role::engineer});
};

TEST_P(FleetApi, shows_a_line_that_failed_as_one_alarm_and_its_return_as_none) {
  std::vector<std::string> cameras;
  std::string table = "kind,code,name,hangs_on\nline,LINE-1,Tuyến 1,\n";
  for (int i = 0; i < 12; ++i) {
    const auto code = "BN-" + std::to_string(100 + i);
    cameras.push_back(camera(code));
    table += "camera," + code + ",,LINE-1\n";
  }
  const auto imported = import(table);
  ASSERT_EQ(imported.status, 200) << json::text_of(imported.body);
  EXPECT_EQ(imported["cameras_linked"].as_int64(), 12);
  state(cameras, true);
  pass(1);
  state(cameras, false);
  pass(1);
  EXPECT_EQ(get("/fleet", an_)["alarms"].as_array().size(), 0U);
  pass(20);
  const auto shown = get("/fleet", an_);
  ASSERT_EQ(shown["alarms"].as_array().size(), 1U) << json::text_of(shown.body);
  const auto& alarm = shown["alarms"].at(0);
  EXPECT_EQ(alarm.at("claim").as_string(), "declared");
  EXPECT_EQ(alarm.at("cause_id").as_string(), id_of(shown["assets"].at(0)));
  EXPECT_EQ(alarm.at("cameras").as_array().size(), 12U);
  EXPECT_EQ(shown["links"].as_array().size(), 12U);
  EXPECT_EQ(count_events("fleet_alarm.opened"), 1);
  state(cameras, true);
  pass(1);
  EXPECT_EQ(get("/fleet", an_)["alarms"].as_array().size(), 0U);
  EXPECT_EQ(get("/fleet/alarms", an_)["alarms"].at(0).at("most_cameras").as_int64(), 12);
}

TEST_P(FleetApi, keeps_measurements_out_of_the_journal_and_gives_the_latest_and_a_history) {
  const auto id = camera("BN-100");
  const auto head = journal_->head().sequence;
  for (int minute = 0; minute < 40; ++minute) {
    health(id, 1000 + minute);
    clock_.advance_us(60 * one_s_us);
  }
  health(id, 77, false);
  EXPECT_EQ(journal_->head().sequence, head) << "no measurement is an event";
  ASSERT_TRUE(health_->turn());
  const auto page = get("/cameras/" + id + "/health", dung_);
  ASSERT_EQ(page.status, 200) << json::text_of(page.body);
  EXPECT_EQ(page["now"].at("bit_rate_kbps").as_int64(), 77);
  ASSERT_GE(page["history"].as_array().size(), 2U);
  const auto& bucket = page["history"].at(1);
  EXPECT_EQ(bucket.at("streams_permille").as_int64(), 1000);
  EXPECT_EQ(bucket.at("key_interval_ms").as_int64(), 2000);
  EXPECT_GT(bucket.at("bit_rate_kbps").as_int64(), 1000);
  EXPECT_EQ(get("/fleet", an_)["health"].as_array().size(), 1U);
  clock_.advance_us(36LL * 86'400 * one_s_us);
  ASSERT_TRUE(health_->turn());
  EXPECT_EQ(session()->query_integer("SELECT count(*) FROM camera_health")->value(), 0);
}

TEST_P(FleetApi, records_a_picture_that_is_wrong_once_and_when_it_is_right_again) {
  const auto id = camera("BN-100");
  const auto tell = [&](const std::string& state) {
    batch({bj::object{{"kind", "camera.picture"},
                      {"at_us", clock_.wall().us},
                      {"body", bj::object{{"camera_id", id}, {"state", state}}}}});
  };
  tell("good");
  EXPECT_EQ(count_events("camera_picture.changed"), 0);
  tell("black");
  tell("black");
  EXPECT_EQ(count_events("camera_picture.changed"), 1);
  const auto shown = get("/fleet", an_);
  ASSERT_EQ(shown["pictures"].as_array().size(), 1U);
  EXPECT_EQ(shown["pictures"].at(0).at("picture").as_string(), "black");
  tell("good");
  EXPECT_EQ(get("/fleet", an_)["pictures"].as_array().size(), 0U);
  EXPECT_EQ(count_events("camera_picture.changed"), 2);
}

TEST_P(FleetApi, reports_uptime_by_camera_line_contractor_and_locality) {
  const auto a = camera("BN-100"), b = camera("BN-101");
  ASSERT_EQ(import("kind,code,name,hangs_on,service_level\nline,LINE-1,Tuyến,,99.9\n"
                   "contractor,TTC,Công ty,,\ncamera,BN-100,,LINE-1;TTC,\ncamera,BN-101,,TTC,\n")
                .status,
            200);
  const auto from = clock_.wall().us;
  state({a, b}, true);
  clock_.advance_us(980 * one_s_us);
  state({a}, false);
  clock_.advance_us(20 * one_s_us);
  const auto report = get("/fleet/uptime?from_us=" + std::to_string(from), an_);
  ASSERT_EQ(report.status, 200) << json::text_of(report.body);
  const auto& line = report["lines"].at(0);
  EXPECT_EQ(line.at("share").as_int64(), 9800);
  EXPECT_EQ(line.at("level").as_int64(), 9990);
  EXPECT_EQ(line.at("below_level").as_int64(), 1);
  EXPECT_EQ(report["contractors"].at(0).at("share").as_int64(), 9900);
  EXPECT_EQ(report["contractors"].at(0).at("cameras").as_int64(), 2);
  EXPECT_EQ(report["localities"].at(0).at("unit_code").as_string(), "07210");
  EXPECT_EQ(report["all"].at("outages").as_int64(), 1);
  EXPECT_EQ(get("/fleet/uptime?from_us=" + std::to_string(clock_.wall().us), an_).status, 400);
}

TEST_P(FleetApi, declares_assets_one_by_one_and_says_which_field_is_wrong) {
  const auto made = post("/fleet/assets", engineer_,
                         R"({"kind":"line","code":"LINE-1","name":"Tuyến","hangs_on":[]})");
  ASSERT_EQ(made.status, 200) << json::text_of(made.body);
  const auto id = id_of(made.body);
  const auto changed =
      send(http::Method::put, "/fleet/assets/" + id, engineer_,
           R"({"kind":"line","code":"LINE-1","name":"Mới","hangs_on":[],"service_level":9950})");
  EXPECT_EQ(changed["service_level"].as_int64(), 9950);
  const auto bad = post("/fleet/assets", engineer_,
                        R"({"kind":"line","code":"x","name":"Tuyến","hangs_on":[]})");
  EXPECT_EQ(bad["error"].at("field").as_string(), "code");
  EXPECT_EQ(import("kind,code\nline,\n")["error"].at("field").as_string(), "line 2");
  const auto camera_id = camera("BN-100");
  const auto links = R"({"hangs_on":[")" + id + R"("]})";
  EXPECT_EQ(send(http::Method::put, "/cameras/" + camera_id + "/links", engineer_, links).status,
            200);
  EXPECT_EQ(send(http::Method::remove, "/fleet/assets/" + id, engineer_).code(), "fleet.in_use");
  EXPECT_EQ(
      send(http::Method::put, "/cameras/" + camera_id + "/links", engineer_, R"({"hangs_on":[]})")
          .status,
      200);
  EXPECT_EQ(send(http::Method::remove, "/fleet/assets/" + id, engineer_).status, 200);
}

TEST_P(FleetApi, plans_work_and_ends_it_early) {
  const auto id = camera("BN-100");
  const auto now = clock_.wall().us;
  const auto body = bj::serialize(bj::object{{"camera_id", id},
                                             {"start_us", now},
                                             {"end_us", now + 3600 * one_s_us},
                                             {"kind", "maintenance"}});
  const auto planned = post("/fleet/work", engineer_, body);
  ASSERT_EQ(planned.status, 200) << json::text_of(planned.body);
  state({id}, true);
  clock_.advance_us(one_s_us);
  state({id}, false);
  pass(60);
  EXPECT_EQ(get("/fleet", an_)["alarms"].as_array().size(), 0U);
  EXPECT_EQ(get("/fleet", an_)["work"].as_array().size(), 1U);
  EXPECT_EQ(post("/fleet/work/" + id_of(planned.body) + "/end", engineer_).status, 200);
  pass(1);
  EXPECT_EQ(get("/fleet", an_)["alarms"].as_array().size(), 1U);
  EXPECT_EQ(get("/fleet", an_)["work"].as_array().size(), 0U);
}

VL_ON_EACH_ENGINE(FleetApi);

}  // namespace
}  // namespace vl::routes
