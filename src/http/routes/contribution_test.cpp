// Contributed cameras through the API of a real core: consent goes before every permission.
#include <vonglau/routes/testing/core_fixture.hpp>

namespace vl::routes {
namespace {

namespace bj = boost::json;

class Contributions : public CoreTest {
 protected:
  void SetUp() override {
    CoreTest::SetUp();
    if (IsSkipped()) return;
    post(
        "/nodes/register", Caller{},
        R"({"kind":"recorder","name":"r","version":"1","enrolment_key":"enrolment-key-of-the-test",)"
        R"("address":"127.0.0.1:9","public_url":"wss://localhost:9"})");
    camera_ = id_of(post("/cameras", engineer_,
                         R"({"code":"XH-1","name":"Cổng nhà","main_url":"rtsp://127.0.0.1:1/a"})")
                        .body);
  }
  Answer declare(const std::string& consent) {
    return send(http::Method::put, "/cameras/" + camera_ + "/contribution", engineer_,
                bj::serialize(bj::object{{"consent", consent},
                                         {"owner_kind", "citizen"},
                                         {"expires_us", clock_.wall().us + 86'400'000'000},
                                         {"owner_name", "Trần Thị Chủ"},
                                         {"owner_contact", "0912 000 111"}}));
  }
  std::string token_of(const Answer& declared) {
    return std::string(declared["owner_link"].as_string()).substr(7);
  }
  Answer ticket(const Caller& who, const std::string& purpose = "live") {
    return post("/cameras/" + camera_ + "/media-ticket", who, R"({"purpose":")" + purpose + "\"}");
  }
  Answer owner(const std::string& token) {
    return post("/owner/view", Caller{}, bj::serialize(bj::object{{"token", token}}));
  }
  Answer decide(const std::string& token, const std::string& request, bool granted) {
    return post(
        "/owner/decide", Caller{},
        bj::serialize(bj::object{{"token", token}, {"request_id", request}, {"granted", granted}}));
  }

  const Caller engineer_ = person({access::Role::engineer});
  std::string camera_;
};

TEST_P(Contributions, known_to_the_registry_only_are_seen_by_nobody) {
  EXPECT_EQ(ticket(an_).status, 200) << "the province's own until it is declared";
  ASSERT_EQ(declare("registry_only").status, 200);
  for (const auto& who : {an_, dung_, engineer_})
    for (const auto* purpose : {"live", "playback"}) {
      const auto refused = ticket(who, purpose);
      EXPECT_EQ(refused.status, 403);
      EXPECT_EQ(refused.code(), "contribution.not_allowed");
    }
  EXPECT_EQ(count_events("contribution.viewed"), 0);
}

TEST_P(Contributions, seen_on_request_are_seen_by_who_was_granted_and_while_that_lasts) {
  const auto token = token_of(declare("on_request"));
  EXPECT_EQ(ticket(an_).code(), "contribution.not_granted");
  const auto asked = post("/cameras/" + camera_ + "/view-requests", an_,
                          R"({"reason":"missing_person","hours":2})");
  ASSERT_EQ(asked.status, 200) << json::text_of(asked.body);
  EXPECT_EQ(post("/cameras/" + camera_ + "/view-requests", an_,
                 R"({"reason":"missing_person","hours":2})")
                .code(),
            "contribution.no_change");
  EXPECT_EQ(ticket(an_).code(), "contribution.not_granted");
  const auto page = owner(token);
  ASSERT_EQ(page.status, 200) << json::text_of(page.body);
  EXPECT_EQ(page["requests"].at(0).at("reason").as_string(), "missing_person");
  EXPECT_EQ(decide(token, id_of(asked.body), true).status, 200);
  EXPECT_EQ(decide(token, id_of(asked.body), true).code(), "contribution.decided");
  const auto given = ticket(an_);
  EXPECT_EQ(given.status, 200) << json::text_of(given.body);
  EXPECT_EQ(ticket(binh_).code(), "contribution.not_granted");
  ticket(an_);
  EXPECT_EQ(count_events("contribution.viewed"), 1) << "one line an hour";
  EXPECT_EQ(owner(token)["views"].at(0).at("reason").as_string(), "missing_person");
  clock_.advance_us(2LL * 3600 * 1'000'000 - 60'000'000);
  EXPECT_LE(ticket(an_)["expires_us"].as_int64(), clock_.wall().us + 60'000'000)
      << "a ticket never outlasts the grant";
  clock_.advance_us(60'000'000);
  EXPECT_EQ(ticket(an_).code(), "contribution.not_granted");
}

TEST_P(Contributions, an_owner_takes_back_a_grant_and_withdraws_the_camera) {
  const auto token = token_of(declare("on_request"));
  const auto asked = id_of(
      post("/cameras/" + camera_ + "/view-requests", an_, R"({"reason":"crime","hours":72})").body);
  EXPECT_EQ(decide(token, asked, true).status, 200);
  EXPECT_EQ(ticket(an_).status, 200);
  EXPECT_EQ(decide(token, asked, false).status, 200);
  EXPECT_EQ(ticket(an_).status, 403);
  EXPECT_EQ(post("/owner/withdraw", Caller{}, R"({"token":")" + token + "\"}").status, 200);
  EXPECT_EQ(ticket(an_).code(), "contribution.not_allowed");
  EXPECT_TRUE(owner(token)["withdrawn"].as_bool());
}

TEST_P(Contributions, a_new_link_ends_the_old_one_and_no_other_text_opens_anything) {
  const auto first = token_of(declare("live"));
  EXPECT_EQ(owner(first).status, 200);
  const auto second = token_of(declare("live"));
  EXPECT_EQ(owner(first).code(), "contribution.wrong_link");
  EXPECT_EQ(owner(second).status, 200);
  EXPECT_EQ(owner("").status, 404);
  EXPECT_EQ(owner(std::string(5000, 'x')).status, 404);
  EXPECT_EQ(decide(first, ids_.next().text(), true).status, 404);
}

TEST_P(Contributions, owners_are_named_to_their_keeper_only_and_that_is_recorded) {
  const auto token = token_of(declare("live"));
  ticket(dung_);
  const auto shown = get("/cameras/" + camera_ + "/contribution", engineer_);
  ASSERT_EQ(shown.status, 200) << json::text_of(shown.body);
  EXPECT_EQ(shown["owner"].at("name").as_string(), "Trần Thị Chủ");
  EXPECT_EQ(shown["views"].as_array().size(), 1U);
  EXPECT_EQ(count_events("vault.accessed"), 1);
  const auto listed = json::text_of(get("/contributions", an_).body);
  EXPECT_EQ(listed.find("Trần"), std::string::npos);
  const auto page = json::text_of(owner(token).body);
  EXPECT_EQ(page.find(dung_.person.text()), std::string::npos)
      << "no officer is named to the owner";
  auto reader = session();
  for (const auto* table : {"journal_events", "contributions", "contribution_links"})
    ASSERT_TRUE(
        reader->query(std::string("SELECT * FROM ") + table, {}, [&](const store::Row& row) {
          for (int i = 0; i < row.columns(); ++i) {
            const store::Value value = row.value(i);
            if (const auto* text = std::get_if<std::string>(&value.variant()))
              for (const auto& secret : {std::string("Trần"), std::string("0912"), token})
                EXPECT_EQ(text->find(secret), std::string::npos) << table;
          }
          return true;
        }));
}

TEST_P(Contributions, whose_consent_has_ended_are_not_even_taken_from_the_camera) {
  const auto denied = [&] {
    return (*fleet::not_taken(*session(), kProvince, clock_.wall())).cameras.size();
  };
  EXPECT_EQ(denied(), 0U);
  declare("live");
  EXPECT_EQ(denied(), 0U);
  clock_.advance_us(86'400'000'000);
  EXPECT_EQ(denied(), 1U);
  EXPECT_EQ(ticket(an_).code(), "contribution.expired");
  declare("registry_only");
  EXPECT_EQ(denied(), 1U);
}

VL_ON_EACH_ENGINE(Contributions);

}  // namespace
}  // namespace vl::routes
