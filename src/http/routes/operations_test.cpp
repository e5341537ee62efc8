// The API of operations against a real core on each engine: who reads what, what is recorded
// of it, and what bad input is answered.
#include <vonglau/routes/testing/core_fixture.hpp>

namespace vl::routes {
namespace {

constexpr const char* kReport =
    R"({"channel":"phone","service":"fire","category":"fire","severity":"critical","lat":21.2571,)"
    R"("lon":106.1254,"caller_name":"Nguyễn Văn X","caller_number":"0912 345 678",)"
    R"("narrative":"Khói đen","place_text":"Lô đất C4"})";

class Operations : public CoreTest {
 protected:
  places::Date places_day() { return core_->places.now().gazetteer->on(); }
  std::string report() { return id_of(post("/reports", an_, kReport).body); }
  std::string incident() {
    const auto id = report();
    EXPECT_EQ(post("/reports/" + id + "/claim", an_).status, 200);
    const auto triaged = post("/reports/" + id + "/triage", an_, R"({"decision":"open_incident"})");
    EXPECT_EQ(triaged.status, 200) << json::text_of(triaged.body);
    return id_of(triaged["incident"]);
  }
};

TEST_P(Operations, a_report_shows_who_called_to_its_claimer_only_and_that_is_recorded_once) {
  const auto id = report();
  const auto closed = get("/reports/" + id, binh_);
  EXPECT_FALSE(closed.body.as_object().contains("personal"));
  EXPECT_EQ(closed["personal_withheld"].as_string(), "claim the report to read it");
  EXPECT_EQ(post("/reports/" + id + "/claim", an_).status, 200);
  for (int i = 0; i < 3; ++i) {
    const auto open = get("/reports/" + id, an_);
    EXPECT_EQ(open["personal"].at("caller_number").as_string(), "0912 345 678");
    EXPECT_EQ(open["personal"].at("narrative").as_string(), "Khói đen");
  }
  EXPECT_FALSE(get("/reports/" + id, binh_).body.as_object().contains("personal"));
  EXPECT_EQ(count_events("vault.accessed"), 1);
}

TEST_P(Operations, a_report_with_a_point_gets_the_commune_of_that_point) {
  const auto now = core_->places.now();
  const auto* unit = now.gazetteer->unit_at({21.2571, 106.1254});
  ASSERT_NE(unit, nullptr);
  const auto made = post("/reports", an_, kReport);
  EXPECT_EQ(made["unit_code"].as_string(), unit->code);
}

TEST_P(Operations, no_personal_data_lies_in_events_or_read_tables) {
  incident();
  auto reader = session();
  for (const auto* table : {"journal_events", "journal_receipts", "reports", "incidents"}) {
    ASSERT_TRUE(
        reader->query(std::string("SELECT * FROM ") + table, {}, [&](const store::Row& row) {
          for (int i = 0; i < row.columns(); ++i) {
            const store::Value value = row.value(i);
            const auto* text = std::get_if<std::string>(&value.variant());
            if (text == nullptr) continue;
            for (const auto* secret : {"Nguyễn", "345 678", "Khói", "Lô đất"})
              EXPECT_EQ(text->find(secret), std::string::npos) << table;
          }
          return true;
        }));
  }
}

TEST_P(Operations, the_second_claimer_is_told_and_a_retried_request_is_done_once) {
  const auto id = report();
  EXPECT_EQ(post("/reports/" + id + "/claim", an_).status, 200);
  const auto late = post("/reports/" + id + "/claim", binh_);
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(late.code(), "incidents.already_claimed");
  http::Fields headers;
  headers.set("Idempotency-Key", ids_.next().text());
  const auto first = send(http::Method::post, "/reports", an_, kReport, headers);
  const auto again = send(http::Method::post, "/reports", an_, kReport, headers);
  EXPECT_EQ(id_of(first.body), id_of(again.body));
  EXPECT_EQ(count_events("report.received"), 2);
}

TEST_P(Operations, a_second_call_from_the_same_number_far_away_is_offered_as_a_duplicate) {
  const auto first = incident();
  std::string elsewhere = kReport;
  elsewhere.replace(elsewhere.find("21.2571"), 7, "21.4571");
  const auto id = id_of(post("/reports", binh_, elsewhere).body);
  EXPECT_EQ(post("/reports/" + id + "/claim", binh_).status, 200);
  const auto offered = get("/reports/" + id + "/duplicates", binh_);
  ASSERT_EQ(offered["candidates"].as_array().size(), 1U) << json::text_of(offered.body);
  const auto& candidate = offered["candidates"].at(0);
  EXPECT_EQ(candidate.at("incident_id").as_string(), first);
  const auto why = json::text_of(candidate.at("why"));
  EXPECT_NE(why.find("same_number"), std::string::npos) << why;
}

TEST_P(Operations, notes_and_files_come_back_to_who_works_on_the_incident_and_to_no_one_else) {
  const auto id = incident();
  EXPECT_EQ(post("/incidents/" + id + "/notes", an_, R"({"text":"Đã cắt điện"})").status, 200);
  http::Fields headers;
  headers.set("Content-Type", "text/plain");
  headers.set("X-File-Name", "ghi%20ch%C3%BA.txt");
  const auto attached =
      send(http::Method::post, "/incidents/" + id + "/attachments", an_, "nội dung", headers);
  ASSERT_EQ(attached.status, 200) << json::text_of(attached.body);
  const auto& file = attached["attachments"].at(0);
  EXPECT_EQ(file.at("name").as_string(), "ghi chú.txt");
  EXPECT_EQ(file.at("sha256").as_string(), to_hex(sha256(as_bytes("nội dung"))));
  const auto other = get("/incidents/" + id, binh_);
  EXPECT_FALSE(other["notes"].at(0).as_object().contains("text"));
  EXPECT_EQ(get("/attachments/" + id_of(file), binh_).status, 403);
  EXPECT_EQ(get("/attachments/" + id_of(file), an_).status, 200);
  headers.set("Content-Type", "text/html");
  EXPECT_EQ(send(http::Method::post, "/incidents/" + id + "/attachments", an_, "<b>", headers)
                .body.at("error")
                .at("field")
                .as_string(),
            "Content-Type");
}

TEST_P(Operations, an_incident_and_the_situation_can_be_seen_as_they_were) {
  const auto id = incident();
  const auto before_us = clock_.wall().us;
  clock_.advance_us(10'000'000);
  const auto unit = id_of(
      post("/units", dung_, R"({"call_sign":"CC-01","kind":"fire_engine","lat":21,"lon":106})")
          .body);
  EXPECT_EQ(
      post("/incidents/" + id + "/assignments", dung_, R"({"unit_id":")" + unit + "\"}").status,
      200);
  EXPECT_EQ(post("/incidents/" + id + "/assignments/" + unit + "/status", dung_,
                 R"({"status":"released"})")
                .status,
            200);
  EXPECT_EQ(post("/incidents/" + id + "/close", dung_, R"({"outcome":"resolved"})").status, 200);
  EXPECT_EQ(get("/situation", dung_)["open_incidents"].as_array().size(), 0U);
  const auto when = "?as_of_us=" + std::to_string(before_us);
  const auto then = get("/situation" + when, dung_);
  ASSERT_EQ(then["open_incidents"].as_array().size(), 1U) << json::text_of(then.body);
  EXPECT_EQ(then["units"].as_array().size(), 0U);
  const auto incident_then = get("/incidents/" + id + when, dung_);
  EXPECT_EQ(incident_then["state"].as_string(), "open");
  EXPECT_EQ(incident_then["assignments"].as_array().size(), 0U);
  EXPECT_FALSE(incident_then.body.as_object().contains("outcome"));
  EXPECT_EQ(get("/incidents/" + id + "?as_of_us=1", dung_).status, 404);
}

TEST_P(Operations, bad_input_is_answered_with_the_field_at_fault) {
  const auto field = [&](const Answer& answer) {
    return std::string(answer["error"].at("field").as_string());
  };
  EXPECT_EQ(field(post("/reports", an_, R"({"channel":"phone"})")), "service");
  std::string bad = kReport;
  bad.replace(bad.find("21.2571"), 7, "91.0000");
  EXPECT_EQ(field(post("/reports", an_, bad)), "lat");
  EXPECT_EQ(field(get("/reports?limit=0", an_)), "limit");
  EXPECT_EQ(field(get("/reports?state=lost", an_)), "state");
  EXPECT_EQ(field(get("/reports/not-an-id", an_)), "id");
  EXPECT_EQ(post("/reports", an_, "{").code(), "json.malformed");
  EXPECT_EQ(get("/places/search?q=", an_).status, 400);
  EXPECT_EQ(field(post("/units/positions", dung_,
                       R"({"positions":[{"unit_id":")" + ids_.next().text() +
                           R"(","at_us":1,"lat":99,"lon":1}]})")),
            "positions[0].lat");
}

TEST_P(Operations, a_node_registers_once_and_its_batches_are_taken_once) {
  const auto body = [](std::string_view key) {
    return R"({"kind":"recorder","name":"recorder-1","version":"1","enrolment_key":")" +
           std::string(key) + R"(","address":"127.0.0.1:9","public_url":"wss://localhost:9"})";
  };
  EXPECT_EQ(post("/nodes/register", Caller{}, body("wrong")).status, 403);
  const auto registered = post("/nodes/register", Caller{}, body("enrolment-key-of-the-test"));
  ASSERT_EQ(registered.status, 200) << json::text_of(registered.body);
  Caller node;
  node.is_node = true;
  node.person = *Uuid::parse(registered["node_id"].as_string());
  const Caller engineer = person({access::Role::engineer});
  const auto camera =
      id_of(post("/cameras", engineer,
                 R"({"code":"BN-001","name":"Cổng chợ","main_url":"rtsp://127.0.0.1:1/a",)"
                 R"("login":"x","password":"mật khẩu"})")
                .body);
  const std::string batch =
      R"({"batch_id":")" + ids_.next().text() +
      R"(","items":[{"kind":"camera.online","at_us":5,"body":{"camera_id":")" + camera + R"("}}]})";
  const auto path = "/nodes/" + node.person.text() + "/batches";
  EXPECT_FALSE(post(path, node, batch)["already_known"].as_bool());
  EXPECT_TRUE(post(path, node, batch)["already_known"].as_bool());
  EXPECT_EQ(get("/cameras", engineer)["cameras"].at(0).at("state").as_string(), "online");
  EXPECT_EQ(count_events("camera.went_online"), 1);
  const auto ticket =
      post("/cameras/" + camera + "/media-ticket", engineer, R"({"purpose":"live"})");
  EXPECT_EQ(ticket["url"].as_string(), "wss://localhost:9");
  EXPECT_EQ(json::text_of(get("/cameras", engineer).body).find("rtsp://"), std::string::npos);
}

TEST_P(Operations, what_a_recorder_tells_of_its_disks_is_told_with_it_and_is_no_event) {
  const auto registered = post("/nodes/register", Caller{},
                               R"({"kind":"recorder","name":"recorder-1","version":"1",)"
                               R"("enrolment_key":"enrolment-key-of-the-test","address":"",)"
                               R"("public_url":"wss://localhost:9"})");
  Caller node;
  node.is_node = true;
  node.person = *Uuid::parse(registered["node_id"].as_string());
  const Caller engineer = person({access::Role::engineer});
  EXPECT_FALSE(get("/nodes", engineer)["nodes"].at(0).as_object().contains("storage"));
  const auto tell = [&](const std::string& disks) {
    return post(
        "/nodes/" + node.person.text() + "/batches", node,
        R"({"batch_id":")" + ids_.next().text() + R"(","items":[{"kind":"storage.state","at_us":)" +
            std::to_string(clock_.wall().us) + R"(,"body":{"disks":[)" + disks +
            R"(],"stored_bytes":9,"locked_bytes":7,"bytes_a_day":3,"retention_days":30}}]})");
  };
  const std::string disk =
      R"({"folder":"/slow","state":"full","is_slow":true,"stored_bytes":9,"free_bytes":2,)"
      R"("reserve_bytes":1,"room_bytes":10})";
  const auto before = journal_->head().sequence;
  ASSERT_EQ(tell(disk).status, 200);
  const auto storage = get("/nodes", engineer)["nodes"].at(0).at("storage");
  EXPECT_EQ(storage.at("at_us").as_int64(), clock_.wall().us);
  EXPECT_EQ(storage.at("locked_bytes").as_int64(), 7);
  EXPECT_TRUE(storage.at("disks").at(0).at("is_slow").as_bool());
  EXPECT_EQ(storage.at("disks").at(0).at("room_bytes").as_int64(), 10);
  EXPECT_EQ(journal_->head().sequence, before);
  std::string many = disk;
  for (int i = 0; i < 64; ++i) many += "," + disk;
  EXPECT_EQ(tell(many).status, 400) << "no recorder has so many";
}

TEST_P(Operations, a_node_speaks_of_its_own_cameras_alone) {
  std::map<std::string, Caller> nodes;
  std::vector<Uuid> recorders;
  const auto add_node = [&](const std::string& kind, const std::string& name) {
    const auto made =
        post("/nodes/register", Caller{},
             R"({"kind":")" + kind + R"(","name":")" + name +
                 R"(","version":"1","enrolment_key":"enrolment-key-of-the-test","address":"",)"
                 R"("public_url":"wss://localhost:9"})");
    Caller node;
    node.is_node = true;
    node.person = *Uuid::parse(made["node_id"].as_string());
    if (kind == "recorder") recorders.push_back(node.person);
    nodes[name] = node;
  };
  add_node("recorder", "recorder-1");
  add_node("recorder", "recorder-2");
  add_node("vision", "vision-1");
  const Caller engineer = person({access::Role::engineer});
  const auto camera = id_of(post("/cameras", engineer,
                                 R"({"code":"BN-001","name":"x","unit_code":"07210",)"
                                 R"("main_url":"rtsp://127.0.0.1:1/a"})")
                                .body);
  const auto owner = *NodeHub::recorder_of(*Uuid::parse(camera), recorders);
  const auto now = std::to_string(clock_.wall().us);
  const std::string about = R"({"camera_id":")" + camera + "\"";
  const std::vector<std::pair<std::string, std::string>> reports{
      {"camera.online", about + "}"},
      {"camera.offline", about + R"(,"cause":"camera_unreachable"})"},
      {"gap", about + R"(,"stream":"main","start_us":1,"end_us":60000000,"cause":"disk_full"})"},
      {"camera.picture", about + R"(,"state":"covered"})"},
      {"camera.health", R"({"all":true,"cameras":[)" + about +
                            R"(,"streams":true,"bit_rate_kbps":1,"frame_rate_mhz":1,)"
                            R"("lost_ppm":0}]})"}};
  const auto say = [&](const Caller& node, const std::pair<std::string, std::string>& report) {
    return post("/nodes/" + node.person.text() + "/batches", node,
                R"({"batch_id":")" + ids_.next().text() + R"(","items":[{"kind":")" + report.first +
                    R"(","at_us":)" + now + R"(,"body":)" + report.second + "}]}");
  };
  const auto before = journal_->head().sequence;
  for (const auto& [name, node] : nodes) {
    if (node.person == owner) continue;
    for (const auto& report : reports) {
      const auto answer = say(node, report);
      ASSERT_EQ(answer.status, 200) << name << " " << report.first;
      EXPECT_EQ(answer.body.at("refused").as_int64(), 1) << name << " " << report.first;
    }
  }
  EXPECT_EQ(journal_->head().sequence, before) << "nothing of it is in the journal";
  EXPECT_FALSE(health_->of(*Uuid::parse(camera)));
  std::int64_t told = 0;
  for (const auto& node : get("/nodes", engineer)["nodes"].as_array())
    told += node.at("refused").as_int64();
  EXPECT_EQ(told, 10);
  for (const auto& [name, node] : nodes)
    if (node.person == owner)
      for (const auto& report : reports)
        EXPECT_EQ(say(node, report).body.at("refused").as_int64(), 0) << report.first;
  EXPECT_GT(journal_->head().sequence, before);
}

TEST_P(Operations, imported_boundaries_take_the_place_of_generated_ones_and_survive_a_restart) {
  const Caller administrator = person({access::Role::administrator});
  const auto* unit = core_->places.now().gazetteer->units().on(places_day())[0];
  for (const auto* one : core_->places.now().gazetteer->units().on(places_day()))
    if (one->code == "07210") unit = one;
  const auto corner = [&](double lat, double lon) {
    return "[" + std::to_string(unit->centre.lon + lon) + "," +
           std::to_string(unit->centre.lat + lat) + "]";
  };
  const std::string square = "[[" + corner(-0.03, -0.03) + "," + corner(-0.03, 0.03) + "," +
                             corner(0.03, 0.03) + "," + corner(0.03, -0.03) + "," +
                             corner(-0.03, -0.03) + "]]";
  const std::string file =
      R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"07210"},)"
      R"("geometry":{"type":"Polygon","coordinates":)" +
      square + R"(}},{"type":"Feature","properties":{"code":"99999"},"geometry":null}]})";
  const auto taken = post("/places/boundaries", administrator, file);
  ASSERT_EQ(taken.status, 200) << json::text_of(taken.body);
  EXPECT_EQ(taken["imported"].as_int64(), 1);
  EXPECT_EQ(taken["refused"].at(0).at("feature").as_int64(), 1);
  EXPECT_EQ(count_events("boundary.imported"), 1);
  const auto again = load_gazetteer(*session(), kProvince);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->outlines_geojson(), core_->places.now().gazetteer->outlines_geojson());
  const auto* inside = (*again)->unit_at({unit->centre.lat + 0.029, unit->centre.lon + 0.029});
  ASSERT_NE(inside, nullptr);
  EXPECT_EQ(post("/places/boundaries", administrator, "{").status, 400);
}

TEST_P(Operations, every_route_of_this_room_is_in_the_table_of_who_may_call_it) {
  for (const auto& route : router_.routes()) {
    const auto method = route.method == http::Method::get    ? access::Method::get
                        : route.method == http::Method::post ? access::Method::post
                        : route.method == http::Method::put  ? access::Method::put
                                                             : access::Method::del;
    ASSERT_TRUE(route.pattern.starts_with("/api/v1/"));
    const auto* known = access::find_route(method, route.pattern.substr(7));
    ASSERT_NE(known, nullptr) << route.pattern;
    EXPECT_EQ(known->path, route.pattern.substr(7));
  }
}

VL_ON_EACH_ENGINE(Operations);

}  // namespace
}  // namespace vl::routes
