// What a camera's time bar is told, on each engine.
#include <vonglau/routes/testing/core_fixture.hpp>

namespace vl::routes {
namespace {

class MarkApi : public CoreTest {
 protected:
  std::string camera(const std::string& code, double lat) {
    return id_of(post("/cameras", engineer_,
                      R"({"code":")" + code + R"(","name":"x","lat":)" + std::to_string(lat) +
                          R"(,"lon":106.2,"main_url":"rtsp://127.0.0.1:1/a"})")
                     .body);
  }
  std::string incident(double lat) {
    const auto place = R"("severity":"serious","lat":)" + std::to_string(lat) + R"(,"lon":106.2})";
    const auto id =
        id_of(post("/reports", officer_,
                   R"({"channel":"desk","service":"police","category":"theft",)" + place)
                  .body);
    post("/reports/" + id + "/claim", officer_, "{}");
    return std::string(
        post("/reports/" + id + "/triage", officer_,
             R"({"decision":"open_incident","category":"theft",)" + place)["incident"]
            .at("id")
            .as_string());
  }
  std::map<std::string, std::string> marks(const std::string& camera, const Caller& who) {
    const auto now_us = clock_.wall().us;
    const auto answer =
        get("/cameras/" + camera + "/marks?from_us=" + std::to_string(now_us - 3'600'000'000) +
                "&to_us=" + std::to_string(now_us + 60'000'000),
            who);
    EXPECT_EQ(answer.status, 200) << json::text_of(answer.body);
    std::map<std::string, std::string> out;
    if (answer.status == 200)
      for (const auto& mark : answer["marks"].as_array())
        out[std::string(mark.at("kind").as_string())] = mark.at("id").as_string();
    return out;
  }
  const Caller engineer_ = person({access::Role::engineer});
  const Caller officer_ = person({access::Role::duty_officer});
};

TEST_P(MarkApi, tells_incidents_near_a_camera_and_what_was_kept_of_its_footage) {
  const auto near = camera("BN-1", 21.281);
  const auto far = camera("BN-2", 21.4);
  const auto opened = incident(21.28);
  const auto file =
      id_of(post("/cases", officer_, R"({"number":"VA-2026/117","kind":"traffic_accident"})").body);
  const auto from_us = std::to_string(clock_.wall().us - 600'000'000);
  const auto to_us = std::to_string(clock_.wall().us - 540'000'000);
  const auto marked = post("/cases/" + file + "/bookmarks", officer_,
                           R"({"camera_id":")" + near + R"(","from_us":)" + from_us +
                               R"(,"to_us":)" + to_us + R"(,"note":"x"})");
  EXPECT_EQ(marked.status, 200) << json::text_of(marked.body);
  auto told = marks(near, officer_);
  EXPECT_EQ(told["incident"], opened);
  EXPECT_EQ(told.count("bookmark"), 1U);
  EXPECT_EQ(told.count("alarm"), 0U);
  EXPECT_TRUE(marks(far, officer_).empty());
  // An engineer reads neither incidents nor cases.
  EXPECT_TRUE(marks(near, engineer_).empty());
}

TEST_P(MarkApi, refuses_times_that_are_none) {
  const auto one = camera("BN-1", 21.281);
  for (const auto* query :
       {"", "?from_us=1", "?from_us=5&to_us=5", "?from_us=1&to_us=9999999999999"})
    EXPECT_EQ(get("/cameras/" + one + "/marks" + query, officer_).status, 400) << query;
  EXPECT_EQ(get("/cameras/" + ids_.next().text() + "/marks?from_us=1&to_us=2", officer_).status,
            404);
}

VL_ON_EACH_ENGINE(MarkApi);

}  // namespace
}  // namespace vl::routes
