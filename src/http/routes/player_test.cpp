// Addresses for players, on each engine: who gets one, for what, and how it ends.
#include <vonglau/cameras/player_address.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/routes/testing/core_fixture.hpp>

namespace vl::routes {
namespace {

namespace bj = boost::json;

class Players : public CoreTest {
 protected:
  void SetUp() override {
    CoreTest::SetUp();
    if (IsSkipped()) return;
    post(
        "/nodes/register", Caller{},
        R"({"kind":"recorder","name":"r","version":"1","enrolment_key":"enrolment-key-of-the-test",)"
        R"("address":"127.0.0.1:9","public_url":"wss://localhost:9"})");
    camera_ = id_of(post("/cameras", engineer_,
                         R"({"code":"XH-1","name":"Ngã sáu","main_url":"rtsp://127.0.0.1:1/a"})")
                        .body);
  }
  Answer ask(const Caller& who, const std::string& body) {
    return post("/cameras/" + camera_ + "/player-addresses", who, body);
  }
  Answer live(const Caller& who, int hours = 1) {
    return ask(who, R"({"shows":"live","hours":)" + std::to_string(hours) + "}");
  }
  std::string span(std::int64_t from_s, std::int64_t to_s, const std::string& more = "") {
    const auto now_us = clock_.wall().us;
    return R"({"shows":"footage","hours":1,"from_us":)" +
           std::to_string(now_us - from_s * 1'000'000) + R"(,"to_us":)" +
           std::to_string(now_us - to_s * 1'000'000) + more + "}";
  }
  Result<node::MediaTicket> ticket_in(const Answer& given) {
    const auto url = std::string(given["url"].as_string());
    constexpr std::string_view head = "https://localhost:9/media/hls/";
    constexpr std::string_view tail = "/index.m3u8";
    EXPECT_TRUE(url.starts_with(head) && url.ends_with(tail)) << url;
    return node::check_ticket(
        std::string_view(url).substr(head.size(), url.size() - head.size() - tail.size()),
        core_->ticket_key.public_key(), clock_.wall());
  }
  std::size_t listed() {
    return get("/cameras/" + camera_ + "/player-addresses", officer_)["addresses"]
        .as_array()
        .size();
  }
  std::vector<Uuid> ended() {
    return *cameras::ended_addresses(*session(), kProvince, clock_.wall());
  }

  const Caller engineer_ = person({access::Role::engineer});
  const Caller officer_ = person({access::Role::duty_officer});
  std::string camera_;
};

TEST_P(Players, are_given_a_signed_address_for_one_camera_and_so_many_hours) {
  const auto given = live(officer_, 12);
  ASSERT_EQ(given.status, 200) << json::text_of(given.body);
  const auto ticket = ticket_in(given);
  ASSERT_TRUE(ticket) << ticket.error().message;
  EXPECT_EQ(ticket->camera_id.text(), camera_);
  EXPECT_EQ(ticket->person_id, officer_.person);
  EXPECT_EQ(ticket->purpose, node::MediaPurpose::player_live);
  EXPECT_EQ(ticket->nonce.text(), id_of(given.body));
  EXPECT_EQ(ticket->expires_us.us, clock_.wall().us + 12 * 3'600'000'000);
  EXPECT_EQ(listed(), 1U);
  EXPECT_EQ(count_events("camera.player_address_given"), 1);
  const auto list = json::text_of(get("/cameras/" + camera_ + "/player-addresses", officer_).body);
  EXPECT_EQ(list.find("hls"), std::string::npos) << "the address is shown to who asked, once";
  clock_.advance_us(12 * 3'600'000'000 + 1);
  EXPECT_FALSE(ticket_in(given));
  EXPECT_EQ(listed(), 0U);
}

TEST_P(Players, addresses_are_in_the_journal_without_what_opens_them) {
  const auto url = std::string(live(officer_)["url"].as_string());
  const auto signature = url.substr(url.find('.', url.find("/hls/")) + 1, 40);
  auto reader = session();
  for (const auto* table : {"journal_events", "player_addresses"})
    ASSERT_TRUE(
        reader->query(std::string("SELECT * FROM ") + table, {}, [&](const store::Row& row) {
          for (int i = 0; i < row.columns(); ++i) {
            const store::Value value = row.value(i);
            if (const auto* text = std::get_if<std::string>(&value.variant()))
              EXPECT_EQ(text->find(signature), std::string::npos) << table;
          }
          return true;
        }));
}

TEST_P(Players, asked_for_twice_with_one_key_it_is_one_address) {
  http::Fields headers;
  headers.set("Idempotency-Key", ids_.next().text());
  const auto path = "/cameras/" + camera_ + "/player-addresses";
  const auto first =
      send(http::Method::post, path, officer_, R"({"shows":"live","hours":1})", headers);
  clock_.advance_us(5'000'000);
  const auto again =
      send(http::Method::post, path, officer_, R"({"shows":"live","hours":1})", headers);
  ASSERT_EQ(first.status, 200) << json::text_of(first.body);
  EXPECT_EQ(first["url"], again["url"]);
  EXPECT_EQ(listed(), 1U);
}

TEST_P(Players, see_footage_of_a_span_and_of_long_ago_only_for_an_incident) {
  const auto given = ask(officer_, span(3'000, 60));
  ASSERT_EQ(given.status, 200) << json::text_of(given.body);
  const auto ticket = ticket_in(given);
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->purpose, node::MediaPurpose::player_footage);
  EXPECT_EQ(ticket->from_us, clock_.wall().us - 3'000'000'000);
  EXPECT_EQ(ticket->to_us, clock_.wall().us - 60'000'000);
  EXPECT_EQ(ask(officer_, span(7'200, 3'700)).code(), "access.forbidden");
  const auto report = id_of(post("/reports", officer_,
                                 R"({"channel":"desk","service":"police","category":"theft",)"
                                 R"("severity":"serious"})")
                                .body);
  post("/reports/" + report + "/claim", officer_, "{}");
  const auto incident = std::string(
      post("/reports/" + report + "/triage", officer_,
           R"({"decision":"open_incident","category":"theft","severity":"serious"})")["incident"]
          .at("id")
          .as_string());
  const auto older = ask(officer_, span(7'200, 3'700, R"(,"incident_id":")" + incident + "\""));
  EXPECT_EQ(older.status, 200) << json::text_of(older.body);
  EXPECT_EQ(count_events("camera.playback_granted"), 1);
}

TEST_P(Players, are_refused_what_no_address_may_say) {
  for (const auto& [body, code] : std::vector<std::pair<std::string, std::string>>{
           {R"({"shows":"live","hours":0})", "cameras.bad_length"},
           {R"({"shows":"live","hours":13})", "cameras.bad_length"},
           {R"({"shows":"live","hours":9223372036854775807})", "cameras.bad_length"},
           {R"({"shows":"footage","hours":1})", "cameras.bad_span"},
           {span(60, 60), "cameras.bad_span"},
           {span(60, -60), "cameras.bad_span"},
           {span(4 * 3'600 + 70, 60), "cameras.bad_span"}}) {
    const auto refused = ask(officer_, body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_EQ(refused.code(), code) << body;
  }
  EXPECT_EQ(ask(officer_, R"({"shows":"everything","hours":1})").status, 400);
  EXPECT_EQ(count_events("camera.player_address_given"), 0);
  for (int i = 0; i < cameras::most_addresses; ++i) ASSERT_EQ(live(officer_).status, 200);
  EXPECT_EQ(live(officer_).code(), "cameras.too_many_addresses");
}

TEST_P(Players, are_shut_out_when_their_address_is_ended) {
  const auto kept = live(officer_);
  const auto given = live(officer_);
  const auto path = "/cameras/" + camera_ + "/player-addresses/" + id_of(given.body) + "/end";
  EXPECT_EQ(post(path, engineer_).status, 200);
  EXPECT_EQ(listed(), 1U);
  ASSERT_EQ(ended().size(), 1U);
  EXPECT_EQ(ended()[0].text(), id_of(given.body));
  EXPECT_EQ(post(path, engineer_).code(), "cameras.address_is_over");
  EXPECT_EQ(
      post("/cameras/" + camera_ + "/player-addresses/" + ids_.next().text() + "/end", engineer_)
          .status,
      404);
  EXPECT_EQ(count_events("camera.player_address_ended"), 1);
  clock_.advance_us(3'600'000'000 + 1);
  EXPECT_TRUE(ended().empty()) << "those that expired need not be told";
}

TEST_P(Players, lose_their_address_when_its_owner_decides_anew) {
  live(officer_);
  const auto declared =
      send(http::Method::put, "/cameras/" + camera_ + "/contribution", engineer_,
           bj::serialize(bj::object{{"consent", "live"},
                                    {"owner_kind", "citizen"},
                                    {"expires_us", clock_.wall().us + 86'400'000'000},
                                    {"owner_name", "x"},
                                    {"owner_contact", "y"}}));
  ASSERT_EQ(declared.status, 200) << json::text_of(declared.body);
  EXPECT_EQ(listed(), 0U) << "given before it was the owner's to allow";
  live(officer_);
  EXPECT_EQ(count_events("contribution.viewed"), 1) << "the owner sees it";
  const auto token = std::string(declared["owner_link"].as_string()).substr(7);
  EXPECT_EQ(post("/owner/withdraw", Caller{}, R"({"token":")" + token + "\"}").status, 200);
  EXPECT_EQ(listed(), 0U);
  EXPECT_EQ(ended().size(), 2U);
  EXPECT_EQ(live(officer_).code(), "contribution.not_allowed");
}

TEST_P(Players, lose_their_address_when_who_it_was_given_to_is_shut_out_or_has_other_roles) {
  std::size_t ended_so_far = 0;
  for (const auto* type : {"person.disabled", "role.change_approved"}) {
    live(officer_);
    live(engineer_);
    journal::Event event;
    event.type = type;
    event.stream = {"person", officer_.person};
    event.wall = clock_.wall();
    EXPECT_TRUE(cameras::ends_addresses(event));
    auto writer = session();
    ASSERT_TRUE(writer->begin_write());
    ASSERT_TRUE(camera_tables_.apply(event, kProvince, *writer));
    ASSERT_TRUE(writer->commit());
    EXPECT_EQ(ended().size(), ++ended_so_far) << type;
    EXPECT_EQ(listed(), ended_so_far) << "the engineer's go on";
  }
}

VL_ON_EACH_ENGINE(Players);

}  // namespace
}  // namespace vl::routes
