#include <gtest/gtest.h>

#include <vonglau/onvif/device.hpp>
#include <vonglau/onvif/discovery.hpp>

namespace vl::onvif {
namespace {

std::string envelope(const std::string& body, const std::string& header = "") {
  return R"(<?xml version="1.0"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope">)"
         "<env:Header>" +
         header + "</env:Header><env:Body>" + body + "</env:Body></env:Envelope>";
}

TEST(Messages, APasswordLeavesAsTheDigestOfNonceTimeAndPassword) {
  // The worked example of ONVIF's Application Programmer's Guide, section 6.1.1.3.
  const Bytes of_guide = *from_base64url("LKqI6G_AikKCQrN0zqZFlg");
  EXPECT_EQ(password_digest(of_guide, "2010-09-16T07:50:45Z", "userpassword"),
            "tuOSpGlFlIXsozq4HFNeeGeFLEI=");
}

TEST(Messages, TimeIsReadInUtcWhateverThePrefixes) {
  const auto time = read_device_time(envelope(
      "<x:GetSystemDateAndTimeResponse xmlns:x='u'><x:SystemDateAndTime><UTCDateTime><Time><Hour>9"
      "</Hour><Minute>42</Minute><Second>17</Second></Time><Date><Year>2026</Year><Month>11"
      "</Month><Day>22</Day></Date></UTCDateTime></x:SystemDateAndTime>"
      "</x:GetSystemDateAndTimeResponse>"));
  ASSERT_TRUE(time) << time.error().message;
  EXPECT_EQ(format_utc(*time), "2026-11-22T09:42:17.000000Z");
}

TEST(Messages, ADateThatIsNoneIsRefused) {
  for (const char* date : {"<Year>2026</Year><Month>13</Month><Day>1</Day>",
                           "<Year>99999999999</Year><Month>1</Month><Day>1</Day>", ""}) {
    const auto time = read_device_time(envelope(
        "<GetSystemDateAndTimeResponse><SystemDateAndTime><UTCDateTime><Time><Hour>0</Hour></Time>"
        "<Date>" +
        std::string(date) +
        "</Date></UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>"));
    EXPECT_FALSE(time) << date;
  }
}

TEST(Messages, AFaultSaysWhatIsToBeDone) {
  const auto fault = [](const std::string& code) {
    return envelope(
        "<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>"
        "ter:" +
        code +
        "</env:Value></env:Subcode></env:Code><env:Reason><env:Text>no"
        "</env:Text></env:Reason></env:Fault>");
  };
  EXPECT_EQ(read_information(fault("NotAuthorized")).error().code.name, "onvif.wrong_password");
  EXPECT_EQ(read_information(fault("ActionNotSupported")).error().code.name, "onvif.not_supported");
  EXPECT_EQ(read_information(fault("Other")).error().code.name, "onvif.refused");
}

TEST(Messages, NeitherEntitiesNorEndlessDepthAreFollowed) {
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "<a>";
  EXPECT_EQ(read_information(envelope(deep)).error().code.name, "onvif.bad_answer");
  std::string closed = deep;
  for (int i = 0; i < 20'000; ++i) closed += "</a>";
  EXPECT_EQ(read_information(envelope(closed)).error().code.name, "onvif.bad_answer");
  const auto information = read_information(
      R"(<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>)" +
      envelope("<GetDeviceInformationResponse><Model>&e;</Model></GetDeviceInformationResponse>")
          .substr(21));
  ASSERT_TRUE(information) << information.error().message;
  EXPECT_EQ(information->model, "&e;");
  EXPECT_FALSE(read_information(std::string(kMessageBytes + 1, ' ')));
}

TEST(Messages, LongTextsAreCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "ộ";
  const auto information = read_information(envelope(
      "<GetDeviceInformationResponse><Model>" + name + "</Model></GetDeviceInformationResponse>"));
  ASSERT_TRUE(information);
  EXPECT_EQ(information->model, name.substr(0, 255));
}

TEST(Messages, WhatLeavesIsEscaped) {
  EXPECT_EQ(escaped("<a href=\"x\">&\x01</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;");
}

TEST(Messages, AddressesArePartsOfAnAddressOrRefusedWithTheRemedy) {
  EXPECT_EQ(text_of(*parse_address("10.20.1.77")), "http://10.20.1.77/onvif/device_service");
  EXPECT_EQ(text_of(*parse_address("http://10.20.1.77:8080/x")), "http://10.20.1.77:8080/x");
  EXPECT_EQ(parse_address("http://[fe80::1]:80/x")->host, "[fe80::1]");
  for (const char* bad : {"", "ftp://a", "http://admin:admin@a/x", "http://", "a:b", "a:123456",
                          "http://[::1", "a b", "http://a\"b"}) {
    const auto address = parse_address(bad);
    ASSERT_FALSE(address) << bad;
    EXPECT_EQ(address.error().field, "address");
  }
}

TEST(Messages, AStreamIsTakenFromTheHostThatWasAsked) {
  EXPECT_EQ(*at_host("rtsp://u:p@192.168.0.9:554/a?b=1", "10.0.0.7"), "rtsp://10.0.0.7:554/a?b=1");
  EXPECT_EQ(*at_host("rtsp://[fe80::1]:8554/a", "10.0.0.7"), "rtsp://10.0.0.7:8554/a");
  EXPECT_FALSE(at_host("http://10.0.0.7/a", "10.0.0.7"));
}

std::string notification(const std::string& topic, const std::string& time,
                         const std::string& operation, const std::string& data) {
  return "<w:NotificationMessage><w:Topic>" + topic + "</w:Topic><w:Message><x:Message UtcTime='" +
         time + "' PropertyOperation='" + operation +
         "'><x:Source><x:SimpleItem Name='Rule' Value='a'/></x:Source><x:Data>" + data +
         "</x:Data></x:Message></w:Message></w:NotificationMessage>";
}

TEST(Events, MotionIsReadWithItsTimeWhateverTheZoneAndTheTopicsPrefix) {
  const std::string cells = "t:RuleEngine/CellMotionDetector/Motion";
  const auto item = [](const std::string& name, const std::string& value) {
    return "<x:SimpleItem Name='" + name + "' Value='" + value + "'/>";
  };
  std::size_t total = 0;
  const auto events = read_motion(
      envelope("<e:PullMessagesResponse>" +
               notification(cells, "2026-11-23T07:00:01.25Z", "Changed", item("IsMotion", "true")) +
               notification("q:VideoSource/MotionAlarm", "2026-11-23T14:00:02+07:00", "Changed",
                            item("State", "0")) +
               notification(cells, "2026-11-23T07:00:03Z", "Deleted", "") +
               notification("t:Device/Trigger/Relay", "2026-11-23T07:00:03Z", "Changed",
                            item("State", "true")) +
               notification(cells, "yesterday", "Changed", item("IsMotion", "true")) +
               notification(cells, "2026-11-23T07:00:04Z", "Changed", item("Other", "true")) +
               "</e:PullMessagesResponse>"),
      total);
  ASSERT_TRUE(events) << events.error().message;
  EXPECT_EQ(total, 6U);
  ASSERT_EQ(events->size(), 3U);
  EXPECT_EQ(format_utc((*events)[0].at), "2026-11-23T07:00:01.250000Z");
  EXPECT_TRUE((*events)[0].moving);
  EXPECT_EQ(format_utc((*events)[1].at), "2026-11-23T07:00:02.000000Z");
  EXPECT_FALSE((*events)[1].moving);
  EXPECT_FALSE((*events)[2].moving) << "what is over goes away";
  EXPECT_EQ((*events)[0].what, cells + "|a");
}

TEST(Events, WhereTheyArePulledFromIsAPathAndWhatTheCameraWantsToSeeAgain) {
  const auto point = read_pull_point(envelope(
      "<CreatePullPointSubscriptionResponse><SubscriptionReference><Address>http://192.0.2.1/e?of=4"
      "</Address><ReferenceParameters><d:Id xmlns:d='u'>4</d:Id></ReferenceParameters>"
      "</SubscriptionReference></CreatePullPointSubscriptionResponse>"));
  ASSERT_TRUE(point) << point.error().message;
  EXPECT_EQ(point->path, "/e?of=4");
  EXPECT_EQ(point->parameters, "<d:Id xmlns:d=\"u\">4</d:Id>");
  EXPECT_FALSE(read_pull_point(
      envelope("<CreatePullPointSubscriptionResponse><SubscriptionReference><Address>nowhere"
               "</Address></SubscriptionReference></CreatePullPointSubscriptionResponse>")));
}

TEST(Discovery, AnswersAreReadWithTheirScopes) {
  const auto answers = read_probe_matches(envelope(
      "<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address>"
      "</a:EndpointReference><d:Scopes>onvif://www.onvif.org/name/C%E1%BB%95ng_A"
      " onvif://www.onvif.org/hardware/DS-2 http://else</d:Scopes><d:XAddrs>http://[fe80::2]/o"
      " http://10.0.0.7:8000/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches>",
      "<a:RelatesTo>urn:uuid:asked</a:RelatesTo>"));
  ASSERT_TRUE(answers) << answers.error().message;
  ASSERT_EQ(answers->size(), 1U);
  const auto& answer = answers->front();
  EXPECT_EQ(answer.name, "Cổng A");
  EXPECT_EQ(answer.hardware, "DS-2");
  EXPECT_EQ(answer.relates_to, "urn:uuid:asked");
  EXPECT_EQ(reachable_address(answer, "10.0.0.7"), "http://10.0.0.7:8000/onvif/device_service");
  // A camera that names another's address is still only reached where it answered from.
  EXPECT_EQ(reachable_address({"", "", {"http://198.51.100.1/x"}, "", "", ""}, "10.0.0.9"),
            "http://10.0.0.9/x");
}

TEST(Discovery, NobodyThereIsAnEmptyListInTime) {
  const auto found = discover({.port = 9, .wait_ms = 150});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->empty());
}

TEST(Device, ACameraThatIsNotThereIsNamedInTheError) {
  const SystemClock clock;
  Device device(*parse_address("127.0.0.1:1"), {"admin", "x"}, clock, 500);
  const auto asked = device.information();
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code.name, "onvif.unreachable");
  EXPECT_NE(asked.error().message.find("127.0.0.1:1"), std::string::npos);
}

}  // namespace
}  // namespace vl::onvif
