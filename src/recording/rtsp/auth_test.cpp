#include <gtest/gtest.h>

#include <vonglau/rtsp/auth.hpp>

namespace vl::rtsp {
namespace {

const Credentials mufasa{"Mufasa", "Circle of Life"};

// RFC 7616, section 3.9.1.
Challenge rfc7616(Algorithm algorithm) {
  return {.realm = "http-auth@example.org",
          .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
          .opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
          .algorithm = algorithm,
          .qop_auth = true};
}

TEST(Digest, AnswersAsTheStandardsExamples) {
  const auto answer = [](Challenge challenge, Credentials credentials, std::string_view cnonce) {
    return Authenticator(std::move(challenge), std::move(credentials))
        .authorization("GET", "/dir/index.html", cnonce);
  };
  constexpr auto cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  EXPECT_NE(
      answer(rfc7616(Algorithm::sha256), mufasa, cnonce)
          .find("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""),
      std::string::npos);
  EXPECT_NE(answer(rfc7616(Algorithm::md5), mufasa, cnonce)
                .find("response=\"8ca523f5e9506fed4657c9700eebdbec\""),
            std::string::npos);
  // RFC 2617, section 3.5.
  EXPECT_NE(answer({.realm = "testrealm@host.com",
                    .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                    .qop_auth = true},
                   {"Mufasa", "Circle Of Life"}, "0a4f113b")
                .find("response=\"6629fae49393a05397450978507c4ef1\""),
            std::string::npos);
}

TEST(Digest, TheServerAcceptsTheRightAnswerOnly) {
  for (const bool qop : {true, false}) {
    for (const auto algorithm : {Algorithm::md5, Algorithm::sha256}) {
      Challenge challenge{.realm = "camera \"7\"",
                          .nonce = "n1",
                          .opaque = "o",
                          .algorithm = algorithm,
                          .qop_auth = qop};
      auto offered = parse_challenges({to_text(challenge)});
      ASSERT_TRUE(offered) << offered.error().message;
      const Credentials right{"admin", "mat khau"};
      Authenticator client(offered->front(), right);
      for (int i = 0; i < 3; ++i) {
        const auto value = client.authorization("PLAY", "rtsp://c/a", "c");
        EXPECT_EQ(verify_authorization(value, challenge, right, "PLAY", "rtsp://c/a"),
                  Verdict::accepted);
        EXPECT_EQ(verify_authorization(value, challenge, {"admin", "x"}, "PLAY", "rtsp://c/a"),
                  Verdict::refused);
        EXPECT_EQ(
            verify_authorization(value, challenge, {"other", "mat khau"}, "PLAY", "rtsp://c/a"),
            Verdict::refused);
        EXPECT_EQ(verify_authorization(value, challenge, right, "SETUP", "rtsp://c/a"),
                  Verdict::refused);
        EXPECT_EQ(verify_authorization(value, challenge, right, "PLAY", "rtsp://c/b"),
                  Verdict::refused);
        auto newer = challenge;
        newer.nonce = "n2";
        EXPECT_EQ(verify_authorization(value, newer, right, "PLAY", "rtsp://c/a"), Verdict::stale);
      }
    }
  }
}

TEST(Digest, CountsItsUsesOfANonce) {
  Authenticator client(rfc7616(Algorithm::md5), mufasa);
  EXPECT_NE(client.authorization("A", "b", "c").find("nc=00000001"), std::string::npos);
  EXPECT_NE(client.authorization("A", "b", "c").find("nc=00000002"), std::string::npos);
}

TEST(Basic, IsAnsweredAndVerified) {
  const auto offered = parse_challenges({"Basic realm=\"cam\""});
  ASSERT_TRUE(offered);
  Authenticator client(offered->front(), {"Aladdin", "open sesame"});
  const auto value = client.authorization("PLAY", "x", "");
  EXPECT_EQ(value, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617, section 2
  EXPECT_EQ(verify_authorization(value, offered->front(), {"Aladdin", "open sesame"}, "PLAY", "x"),
            Verdict::accepted);
  EXPECT_EQ(verify_authorization(value, offered->front(), {"Aladdin", "shut"}, "PLAY", "x"),
            Verdict::refused);
}

TEST(Challenges, TheStrongestThatWeKnowIsChosen) {
  const auto offered = parse_challenges(
      {"Basic realm=\"a\"", "Digest realm=\"a\", nonce=\"m\"",
       "Digest realm=\"a\",nonce=\"s\" , algorithm=SHA-256, qop=\"auth-int, auth\"",
       "Digest realm=a, nonce=\"x\", algorithm=MD5-sess", "Bearer realm=\"a\""});
  ASSERT_TRUE(offered);
  EXPECT_EQ(offered->size(), 3u);
  EXPECT_EQ(strongest(*offered).nonce, "s");
  EXPECT_TRUE(strongest(*offered).qop_auth);
}

TEST(Challenges, WhatIsBrokenOrUnknownIsSaid) {
  EXPECT_EQ(parse_challenges({"Digest realm=\"a\""}).error().code.name, "rtsp.malformed");
  EXPECT_EQ(parse_challenges({"Digest realm=\"a"}).error().code.name, "rtsp.malformed");
  EXPECT_EQ(parse_challenges({"Bearer x"}).error().code.name, "rtsp.unsupported");
  EXPECT_EQ(parse_challenges({"Digest nonce=\"a\", qop=\"auth-int\""}).error().code.name,
            "rtsp.unsupported");
}

TEST(Digest, MalformedAnswersAreToldApartFromWrongOnes) {
  const auto challenge = rfc7616(Algorithm::md5);
  for (const auto* value :
       {"", "Digest", "Digest username=\"", "Basic abc", "Digest username=\"Mufasa\", nonce=\"n\""})
    EXPECT_EQ(verify_authorization(value, challenge, mufasa, "PLAY", "x"), Verdict::malformed)
        << value;
}

}  // namespace
}  // namespace vl::rtsp
