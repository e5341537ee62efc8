// Users and passwords between a client and cameras of several makes.
#include <atomic>

#include <gtest/gtest.h>

#include <vonglau/rtsp/connections.hpp>

#include "connections_test_camera.hpp"

namespace vl::rtsp {
namespace {

const Credentials owner{"người trực", "p@ss \"w\\ord\""};

/// A camera that wants a password for all but OPTIONS.
class GuardedCamera {
 public:
  explicit GuardedCamera(std::vector<Challenge> offered, Credentials credentials = owner)
      : offered_(std::move(offered)),
        credentials_(std::move(credentials)),
        camera([this](Visit& visit) { serve(visit); }) {}

  std::atomic<int> refusals = 0;          // 401 sent
  std::atomic<int> uses_of_nonce = 1000;  // before it is stale
  std::atomic<bool> says_stale = true;
  std::atomic<bool> hangs_up_after_401 = false;

 private:
  void serve(Visit& visit) {
    int uses = 0;
    while (const auto request = visit.next()) {
      const auto given = request->headers.find("Authorization");
      if (request->method == "OPTIONS" && !given) {
        visit.send(visit.usual(*request));
        continue;
      }
      bool accepted = false;
      bool stale = false;
      for (const Challenge& challenge : offered_) {
        const auto verdict = given ? verify_authorization(*given, challenge, credentials_,
                                                          request->method, request->uri)
                                   : Verdict::malformed;
        accepted |= verdict == Verdict::accepted;
        stale |= verdict == Verdict::stale;
      }
      if (accepted && ++uses > uses_of_nonce) {
        uses = 0;
        for (Challenge& challenge : offered_) challenge.nonce += "x";
        accepted = false;
        stale = says_stale;
      }
      if (accepted) {
        visit.send(visit.usual(*request));
        if (request->method == "PLAY") visit.send_pictures(2);
        continue;
      }
      ++refusals;
      Headers headers;
      for (Challenge challenge : offered_) {
        challenge.stale = stale;
        headers.add("WWW-Authenticate", to_text(challenge));
      }
      visit.answer(*request, 401, std::move(headers));
      if (hangs_up_after_401) return;
    }
  }
  std::vector<Challenge> offered_;
  Credentials credentials_;

 public:
  ScriptedCamera camera;
};

Challenge digest(Algorithm algorithm, bool qop = true) {
  Challenge challenge;
  challenge.realm = "camera";
  challenge.nonce = algorithm == Algorithm::md5 ? "nonce-5" : "nonce-256";
  challenge.algorithm = algorithm;
  challenge.qop_auth = qop;
  return challenge;
}
Challenge basic() {
  Challenge challenge;
  challenge.scheme = Scheme::basic;
  challenge.realm = "camera";
  return challenge;
}

using ConnectionsAuth = ConnectionsTest;

class Offered : public ConnectionsTest,
                public testing::WithParamInterface<std::pair<const char*, std::vector<Challenge>>> {
};

TEST_P(Offered, the_right_password_plays) {
  GuardedCamera guarded(GetParam().second);
  Connections connections(clock, quick());
  const auto id = open(connections, {guarded.camera.url(), owner});
  ASSERT_TRUE(hearing.wait_for_samples(2));
  connections.close(id);
  EXPECT_EQ(guarded.refusals, 1);
  EXPECT_TRUE(hearing.heard().stops.empty());
}

TEST_P(Offered, a_wrong_password_is_tried_once_and_told) {
  GuardedCamera guarded(GetParam().second);
  auto options = quick();
  options.refused_wait_ms = 60'000;
  Connections connections(clock, options);
  const auto id = open(connections, {guarded.camera.url(), Credentials{owner.user, "geheim"}});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::authentication_refused));
  ASSERT_TRUE(hearing.wait_for_ticks(5));
  EXPECT_EQ(guarded.camera.visits(), 1);  // who tries often is locked out
  EXPECT_EQ(guarded.refusals, 2);
  EXPECT_EQ(connections.state(id)->cause, StopCause::authentication_refused);
  const auto detail = hearing.heard().stops[0].detail;
  EXPECT_NE(detail.find("401"), std::string::npos);
  EXPECT_EQ(detail.find("geheim"), std::string::npos);
}

TEST_P(Offered, a_camera_that_hangs_up_after_asking_is_played_by_a_second_connection) {
  GuardedCamera guarded(GetParam().second);
  guarded.hangs_up_after_401 = true;
  Connections connections(clock, quick());
  const auto id = open(connections, {guarded.camera.url(), owner});
  ASSERT_TRUE(hearing.wait_for_samples(2));
  EXPECT_EQ(connections.state(id)->attempts, 1U);
  connections.close(id);
  EXPECT_TRUE(hearing.heard().stops.empty());
}
INSTANTIATE_TEST_SUITE_P(
    , Offered,
    testing::Values(std::pair{"digest_md5", std::vector{digest(Algorithm::md5)}},
                    std::pair{"digest_of_old_cameras", std::vector{digest(Algorithm::md5, false)}},
                    std::pair{"digest_sha256", std::vector{digest(Algorithm::sha256)}},
                    std::pair{"basic", std::vector{basic()}}),
    [](const auto& p) { return std::string(p.param.first); });

TEST_F(ConnectionsAuth, of_several_offers_the_strongest_is_answered) {
  std::string given;
  ScriptedCamera camera([&](Visit& visit) {
    const auto request = visit.serve_until("DESCRIBE");
    if (!request) return;
    visit.answer(*request, 401,
                 {{"WWW-Authenticate", to_text(basic())},
                  {"WWW-Authenticate", to_text(digest(Algorithm::md5))},
                  {"WWW-Authenticate", to_text(digest(Algorithm::sha256))}});
    if (const auto again = visit.next()) {
      given = again->headers.find("Authorization").value_or("");
      visit.send(visit.usual(*again));
    }
    if (visit.serve_to("PLAY")) visit.stream();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), owner});
  ASSERT_TRUE(hearing.wait_for_samples(1));
  connections.close(id);
  EXPECT_TRUE(given.starts_with("Digest")) << given;
  EXPECT_NE(given.find("nonce-256"), std::string::npos) << given;
}

TEST_F(ConnectionsAuth, no_password_where_one_is_wanted_is_told) {
  GuardedCamera guarded({digest(Algorithm::md5)});
  Connections connections(clock, quick());
  open(connections, {guarded.camera.url(), {}});
  EXPECT_TRUE(hearing.wait_for_stop(StopCause::authentication_refused));
}

TEST_F(ConnectionsAuth, the_urls_own_user_and_password_are_used_and_never_shown) {
  std::atomic<bool> shown = false;
  ScriptedCamera camera([&](Visit& visit) {
    while (const auto request = visit.next()) {
      shown = shown || request->uri.find("geheim") != std::string::npos;
      if (request->headers.find("Authorization") == "Basic YTpnZWhlaW1AMQ==" ||
          request->method == "OPTIONS")
        visit.send(visit.usual(*request));
      else
        visit.answer(*request, 401, {{"WWW-Authenticate", to_text(basic())}});
      if (request->method == "PLAY") visit.send_pictures(1);
    }
  });
  Connections connections(clock, quick());
  const auto id =
      open(connections, {fmt::format("rtsp://a:geheim%401@127.0.0.1:{}/live", camera.port), {}});
  ASSERT_TRUE(hearing.wait_for_samples(1));
  connections.close(id);
  EXPECT_FALSE(shown);
}

class Stale : public ConnectionsTest, public testing::WithParamInterface<bool> {};

TEST_P(Stale, a_nonce_that_grew_old_is_replaced) {
  GuardedCamera guarded({digest(Algorithm::sha256)});
  guarded.uses_of_nonce = 1;  // every request needs a new one
  guarded.says_stale = GetParam();
  Connections connections(clock, quick());
  const auto id = open(connections, {guarded.camera.url(), owner});
  ASSERT_TRUE(hearing.wait_for_samples(2));
  connections.close(id);
  EXPECT_GE(guarded.refusals, 3);
  EXPECT_TRUE(hearing.heard().stops.empty());
}
INSTANTIATE_TEST_SUITE_P(, Stale, testing::Bool(), [](const auto& p) {
  return p.param ? "and_is_called_stale" : "and_is_not_called_stale";
});

TEST_F(ConnectionsAuth, a_camera_that_calls_every_nonce_stale_is_given_up) {
  GuardedCamera guarded({digest(Algorithm::md5)});
  guarded.uses_of_nonce = 0;
  auto options = quick();
  options.refused_wait_ms = 60'000;
  Connections connections(clock, options);
  open(connections, {guarded.camera.url(), owner});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::authentication_refused));
  EXPECT_LT(guarded.refusals, 6);
}

TEST_F(ConnectionsAuth, where_a_camera_redirects_to_the_password_is_not_given_in_the_clear) {
  std::atomic<bool> given = false;
  ScriptedCamera thief([&](Visit& visit) {
    while (const auto request = visit.next()) {
      given = given || request->headers.find("Authorization");
      visit.answer(*request, 401, {{"WWW-Authenticate", to_text(basic())}});
    }
  });
  ScriptedCamera camera([&](Visit& visit) {
    if (const auto request = visit.serve_until("DESCRIBE"))
      visit.answer(*request, 302,
                   {{"Location", fmt::format("rtsp://localhost:{}/live", thief.port)}});
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  open(connections, {camera.url(), owner});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::authentication_refused));
  EXPECT_FALSE(given);
}

}  // namespace
}  // namespace vl::rtsp
