// Exports against a real core on each engine: four eyes, what is recorded, what recorders are
// told and what they say, who reads what.
#include <vonglau/cameras/commands.hpp>
#include <vonglau/evidence/manifest.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/exports/commands.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/routes/testing/core_fixture.hpp>

namespace vl::routes {
namespace {

class Exports : public CoreTest {
 protected:
  void SetUp() override {
    CoreTest::SetUp();
    if (IsSkipped()) return;
    recorder_ = ids_.next();
    ASSERT_TRUE(journal_->execute(node::register_node(
        {}, {node::NodeKind::recorder, "recorder-1", "1", "", "h:1", "wss://localhost:8444"},
        recorder_, Digest{})));
    for (int i = 0; i < 2; ++i) {
      cameras::CameraDescription camera;
      camera.code = "CAM-00" + std::to_string(i + 1);
      camera.name = "Ngã tư";
      camera.main_url = "rtsp://camera/" + std::to_string(i);
      const cameras::CameraId id{ids_.next()};
      ASSERT_TRUE(journal_->execute(cameras::register_camera({}, id, camera, {})));
      cameras_.push_back(id.text());
    }
    now_us_ = clock_.wall().us;
  }
  std::string open_case(const char* number = "VA-2026/117", const char* kind = "criminal") {
    const auto made = post("/cases", dung_,
                           std::string(R"({"number":")") + number + R"(","kind":")" + kind + "\"}");
    EXPECT_EQ(made.status, 200) << json::text_of(made.body);
    return id_of(made.body);
  }
  std::string body(const std::string& case_id, std::string_view more = "") const {
    return R"({"case_id":")" + case_id + R"(","camera_ids":[")" + cameras_[0] + R"(",")" +
           cameras_[1] + R"("],"from_us":)" + std::to_string(now_us_ - 600'000'000) +
           R"(,"to_us":)" + std::to_string(now_us_ - 300'000'000) +
           R"(,"purpose":"investigation","reason":"Nghi can Nguyễn Văn X")" + std::string(more) +
           "}";
  }
  std::string ask(const std::string& case_id, std::string_view more = "") {
    const auto asked = post("/exports", dung_, body(case_id, more));
    EXPECT_EQ(asked.status, 200) << json::text_of(asked.body);
    return id_of(asked.body);
  }
  Caller node() const {
    Caller caller;
    caller.person = recorder_;
    caller.is_node = true;
    return caller;
  }
  Answer say(const std::string& kind, const std::string& body) {
    return post("/nodes/" + recorder_.text() + "/batches", node(),
                R"({"batch_id":")" + ids_.next().text() + R"(","items":[{"kind":")" + kind +
                    R"(","at_us":1,"body":)" + body + "}]}");
  }
  Answer say_made(const std::string& id) {
    const auto digest = to_base64url(sha256(as_bytes("manifest")));
    return say("export.made", R"({"export_id":")" + id + R"(","manifest_sha256":")" + digest +
                                  R"(","tree_root":")" + digest +
                                  R"(","fragments":10,"footage_us":600000000,"bytes":1000})");
  }
  Answer say_ready(const std::string& id) {
    return say("export.ready",
               R"({"export_id":")" + id + R"(","archive_bytes":2000,"timestamp":"none"})");
  }
  std::vector<node::ExportAssignment> assigned() {
    const auto all = exports_->assignments(*session());
    EXPECT_TRUE(all) << all.error().message;
    std::vector<node::ExportAssignment> out;
    if (all)
      for (const auto& one : *all) out.push_back(one.what);
    return out;
  }

  Uuid recorder_;
  std::vector<std::string> cameras_;
  std::int64_t now_us_ = 0;
  const Caller duty_ = person({access::Role::duty_officer});
  const Caller audit_ = person({access::Role::auditor});
};

TEST_P(Exports, go_from_request_over_a_second_person_to_a_ticket_with_everything_recorded) {
  const auto id = ask(open_case());
  // Held from the moment it is asked for.
  ASSERT_EQ(assigned().size(), 1U);
  EXPECT_EQ(assigned()[0].step, node::ExportStep::hold);
  EXPECT_EQ(assigned()[0].cameras.size(), 2U);
  EXPECT_EQ(say("export.locked", R"({"export_id":")" + id + "\"}").status, 200);
  EXPECT_TRUE(get("/exports/" + id, dung_).body.as_object().contains("locked_us"));

  EXPECT_EQ(post("/exports/" + id + "/approve", dung_).code(), "exports.same_person");
  EXPECT_EQ(say_made(id).status, 200);
  EXPECT_EQ(get("/exports/" + id, duty_)["state"].as_string(), "requested") << "not approved yet";
  const auto approved = post("/exports/" + id + "/approve", duty_);
  ASSERT_EQ(approved.status, 200) << json::text_of(approved.body);
  EXPECT_EQ(approved["state"].as_string(), "approved");
  ASSERT_EQ(assigned()[0].step, node::ExportStep::make);
  const auto terms = json::read<evidence::ExportTerms>(*assigned()[0].order);
  ASSERT_TRUE(terms);
  EXPECT_EQ(terms->request.case_number, "VA-2026/117");
  EXPECT_EQ(terms->request.reason, "Nghi can Nguyễn Văn X");
  EXPECT_EQ(terms->centre.key, to_hex(signing_key_.public_key()));
  EXPECT_GT(terms->journal.sequence, 0);

  EXPECT_EQ(say("export.progress", R"({"export_id":")" + id + R"(","done_bytes":5,"all_bytes":10})")
                .status,
            200);
  EXPECT_EQ(get("/exports/" + id, dung_)["progress"].at("done_bytes").as_int64(), 5);
  EXPECT_EQ(post("/exports/" + id + "/download-ticket", dung_).code(), "exports.not_ready");
  EXPECT_EQ(say_made(id).status, 200);
  EXPECT_EQ(say_made(id).status, 200);
  EXPECT_EQ(count_events("export.made"), 1);
  ASSERT_EQ(assigned()[0].step, node::ExportStep::complete);
  const auto signature = evidence::read_signature(*assigned()[0].signature);
  ASSERT_TRUE(signature);
  EXPECT_TRUE(evidence::is_genuine(*signature));
  EXPECT_EQ(signature->manifest_sha256, to_hex(sha256(as_bytes("manifest"))));
  EXPECT_EQ(*assigned()[0].signature, *assigned()[0].signature) << "one signature, however often";

  EXPECT_EQ(say_ready(id).status, 200);
  EXPECT_EQ(get("/exports/" + id, dung_)["state"].as_string(), "ready");
  const auto ticket = post("/exports/" + id + "/download-ticket", dung_);
  ASSERT_EQ(ticket.status, 200) << json::text_of(ticket.body);
  EXPECT_EQ(ticket["url"].as_string(), "https://localhost:8444/media/export");
  const auto checked = node::check_ticket(std::string(ticket["ticket"].as_string()),
                                          signing_key_.public_key(), clock_.wall());
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->purpose, node::MediaPurpose::download);
  EXPECT_EQ(checked->camera_id.text(), id);
  EXPECT_EQ(count_events("export.ticket_given"), 1);
  EXPECT_EQ(get("/exports/" + id, duty_)["downloads"].as_int64(), 0) << "a ticket is no download";
  const auto delivered = R"({"export_id":")" + id + R"(","delivery_id":")" + ids_.next().text() +
                         R"(","person_id":")" + dung_.person.text() + "\"}";
  EXPECT_EQ(say("export.delivered", delivered).status, 200);
  EXPECT_EQ(say("export.delivered", delivered).status, 200) << "told twice, recorded once";
  EXPECT_EQ(get("/exports/" + id, duty_)["downloads"].as_int64(), 1);
  EXPECT_EQ(count_events("export.downloaded"), 1);
}

TEST_P(Exports, regions_to_be_masked_are_checked_and_go_to_who_makes_it) {
  const auto file = open_case();
  const auto mask = [&](const std::string& camera, int x) {
    return R"(,"masks":[{"camera_id":")" + camera + R"(","from_us":)" +
           std::to_string(now_us_ - 600'000'000) + R"(,"to_us":)" +
           std::to_string(now_us_ - 500'000'000) + R"(,"x":)" + std::to_string(x) +
           R"(,"y":0,"width":200,"height":1000}])";
  };
  for (const auto& bad :
       {mask(cameras_[0], 801), mask(cameras_[0], -1), mask(ids_.next().text(), 0)})
    EXPECT_EQ(post("/exports", dung_, body(file, bad)).body.at("error").at("field").as_string(),
              "masks")
        << bad;
  const auto id = ask(file, mask(cameras_[1], 800));
  EXPECT_EQ(get("/exports/" + id, duty_)["masks"].at(0).at("x").as_int64(), 800);
  ASSERT_EQ(post("/exports/" + id + "/approve", duty_).status, 200);
  ASSERT_EQ(assigned().size(), 1u);
  ASSERT_TRUE(assigned()[0].masks);
  EXPECT_EQ(assigned()[0].masks->at(0).camera_id.text(), cameras_[1]);
  EXPECT_EQ(assigned()[0].masks->at(0).width, 200);
}

TEST_P(Exports, a_timestamp_that_came_late_is_recorded_when_it_came) {
  const auto id = ask(open_case());
  ASSERT_EQ(post("/exports/" + id + "/approve", duty_).status, 200);
  const auto stamped = R"({"export_id":")" + id + R"(","stamped_us":77,"archive_bytes":2300})";
  say_made(id);
  EXPECT_EQ(say("export.stamped", stamped).status, 200);
  EXPECT_EQ(count_events("export.stamped"), 0) << "not before it is ready";
  say("export.ready", R"({"export_id":")" + id + R"(","archive_bytes":2000,"timestamp":"failed"})");
  EXPECT_EQ(get("/exports/" + id, duty_)["timestamp"].as_string(), "failed");
  say("export.stamped", stamped);
  say("export.stamped", stamped);
  EXPECT_EQ(count_events("export.stamped"), 1);
  const auto shown = get("/exports/" + id, duty_);
  EXPECT_EQ(shown["timestamp"].as_string(), "stamped");
  EXPECT_EQ(shown["stamped_us"].as_int64(), 77);
  EXPECT_EQ(shown["archive_bytes"].as_int64(), 2300);
  EXPECT_EQ(shown["state"].as_string(), "ready");
}

TEST_P(Exports, end_when_their_time_is_over_and_are_then_no_recorders_work) {
  const auto id = ask(open_case(), R"(,"keep_days":2)");
  clock_.advance_us(86'400'000'000);
  EXPECT_TRUE(exports::due_exports(*session(), kProvince, clock_.wall())->empty());
  clock_.advance_us(86'400'000'001);
  const auto due = exports::due_exports(*session(), kProvince, clock_.wall());
  ASSERT_EQ(due->size(), 1U);
  ASSERT_TRUE(journal_->execute(exports::expire_export(due->front())));
  ASSERT_TRUE(journal_->execute(exports::expire_export(due->front())));
  EXPECT_EQ(count_events("export.expired"), 1);
  EXPECT_TRUE(assigned().empty());
  EXPECT_EQ(post("/exports/" + id + "/approve", duty_).code(), "exports.not_requested");
  EXPECT_EQ(say_made(id).status, 200);
  EXPECT_EQ(get("/exports/" + id, duty_)["state"].as_string(), "expired");
}

TEST_P(Exports, are_refused_with_a_reason_or_withdrawn_by_who_asked) {
  const auto file = open_case();
  const auto refused = ask(file);
  EXPECT_EQ(post("/exports/" + refused + "/refuse", duty_, R"({"reason":" "})").status, 400);
  EXPECT_EQ(post("/exports/" + refused + "/refuse", dung_, R"({"reason":"không"})").code(),
            "exports.same_person");
  const auto answer =
      post("/exports/" + refused + "/refuse", duty_, R"({"reason":"Không đủ căn cứ"})");
  ASSERT_EQ(answer.status, 200) << json::text_of(answer.body);
  EXPECT_EQ(get("/exports/" + refused, dung_)["personal"].at("refusal").as_string(),
            "Không đủ căn cứ");
  const auto withdrawn = ask(file);
  EXPECT_EQ(post("/exports/" + withdrawn + "/withdraw", duty_).code(), "exports.not_yours");
  EXPECT_EQ(post("/exports/" + withdrawn + "/withdraw", dung_).status, 200);
  const auto failed = ask(file);
  EXPECT_EQ(post("/exports/" + failed + "/approve", duty_).status, 200);
  EXPECT_EQ(
      say("export.failed", R"({"export_id":")" + failed + R"(","why":"evidence.nothing"})").status,
      200);
  EXPECT_EQ(get("/exports/" + failed, dung_)["failure"].as_string(), "evidence.nothing");
  EXPECT_TRUE(assigned().empty());
}

TEST_P(Exports, what_was_written_is_read_by_those_it_concerns_and_lies_in_the_vault_alone) {
  const auto id = ask(open_case());
  EXPECT_EQ(get("/exports/" + id, dung_)["personal"].at("reason").as_string(),
            "Nghi can Nguyễn Văn X");
  EXPECT_FALSE(get("/exports/" + id, audit_).body.as_object().contains("personal"));
  const auto before = count_events("vault.accessed");
  EXPECT_TRUE(get("/exports/" + id, duty_).body.as_object().contains("personal"));
  EXPECT_TRUE(get("/exports/" + id, duty_).body.as_object().contains("personal"));
  EXPECT_EQ(count_events("vault.accessed"), before + 1);
  auto reader = session();
  for (const auto* table : {"journal_events", "journal_receipts", "exports", "export_cases"})
    ASSERT_TRUE(
        reader->query(std::string("SELECT * FROM ") + table, {}, [&](const store::Row& row) {
          for (int i = 0; i < row.columns(); ++i) {
            const store::Value value = row.value(i);
            if (const auto* text = std::get_if<std::string>(&value.variant()))
              EXPECT_EQ(text->find("Nguyễn"), std::string::npos) << table;
          }
          return true;
        }));
}

TEST_P(Exports, bad_requests_name_their_field) {
  const auto file = open_case();
  EXPECT_EQ(post("/cases", dung_, R"({"number":"VA-2026/117","kind":"fire"})").code(),
            "cases.number_taken");
  EXPECT_EQ(post("/cases", dung_, R"({"number":"<b>","kind":"fire"})").code(), "cases.bad_number");
  const auto field = [&](const std::string& text) {
    const auto answer = post("/exports", dung_, text);
    EXPECT_GE(answer.status, 400);
    return std::string(answer.body.at("error").at("field").as_string());
  };
  EXPECT_EQ(field(body(file, R"(,"keep_days":0)")), "keep_days");
  auto future = body(file);
  const auto to = std::to_string(now_us_ - 300'000'000);
  future.replace(future.find(to), to.size(), std::to_string(now_us_ + 10'000'000'000));
  EXPECT_EQ(field(future), "to_us");
  EXPECT_EQ(field(body(ids_.next().text())), "case_id");
  auto nowhere = body(file);
  nowhere.replace(nowhere.find(cameras_[0]), 36, ids_.next().text());
  EXPECT_EQ(post("/exports", dung_, nowhere).status, 404);
  EXPECT_EQ(post("/exports/" + ids_.next().text() + "/approve", duty_).status, 404);
  EXPECT_EQ(count_events("export.requested"), 0);
}

TEST_P(Exports, a_case_gathers_bookmarks_and_exports_and_is_counted_by_its_kind) {
  const auto file = open_case();
  open_case("TN-2026/9", "traffic_accident");
  const auto marked = post("/cases/" + file + "/bookmarks", dung_,
                           R"({"camera_id":")" + cameras_[0] + R"(","from_us":)" +
                               std::to_string(now_us_) + R"(,"note":"xe màu đỏ"})");
  ASSERT_EQ(marked.status, 200) << json::text_of(marked.body);
  EXPECT_EQ(marked["bookmarks"].at(0).at("note").as_string(), "xe màu đỏ");
  EXPECT_FALSE(get("/cases/" + file, audit_)["bookmarks"].at(0).as_object().contains("note"));
  const auto id = ask(file);
  EXPECT_EQ(post("/exports/" + id + "/approve", duty_).status, 200);
  say_made(id), say_ready(id);
  const auto shown = get("/cases/" + file, duty_);
  EXPECT_EQ(shown["exports"].as_array().size(), 1U);
  EXPECT_EQ(shown["ready_count"].as_int64(), 1);
  EXPECT_EQ(get("/cases?number=TN-2026/9", dung_)["cases"].as_array().size(), 1U);
  const auto kinds = get("/cases/statistics", audit_);
  ASSERT_EQ(kinds["kinds"].as_array().size(), 2U);
  EXPECT_EQ(kinds["kinds"].at(0).at("kind").as_string(), "criminal");
  EXPECT_EQ(kinds["kinds"].at(0).at("made").as_int64(), 1);
  EXPECT_EQ(kinds["kinds"].at(0).at("footage_us").as_int64(), 600'000'000);
  EXPECT_EQ(post("/cases/" + file + "/kind", dung_, R"({"kind":"fire"})")["kind"].as_string(),
            "fire");
  const auto mark = std::string(shown["bookmarks"].at(0).at("id").as_string());
  EXPECT_TRUE(post("/cases/" + file + "/bookmarks/" + mark + "/remove", dung_)["bookmarks"]
                  .as_array()
                  .empty());
  EXPECT_EQ(post("/cases/" + file + "/bookmarks/" + mark + "/remove", dung_).status, 404);
}

TEST_P(Exports, a_recorder_that_has_none_of_its_cameras_is_not_believed) {
  const auto id = ask(open_case());
  ASSERT_EQ(post("/exports/" + id + "/approve", duty_).status, 200);
  // It comes when the export is there already, and takes half of the cameras over.
  const auto other = ids_.next();
  ASSERT_TRUE(journal_->execute(node::register_node(
      {}, {node::NodeKind::recorder, "recorder-2", "1", "", "h:2", "wss://localhost:8445"}, other,
      Digest{7})));
  const auto mine = std::exchange(recorder_, other);
  for (const auto& answer :
       {say("export.locked", R"({"export_id":")" + id + "\"}"), say_made(id), say_ready(id),
        say("export.failed", R"({"export_id":")" + id + R"(","why":"evidence.nothing"})"),
        say("export.progress", R"({"export_id":")" + id + R"(","done_bytes":1,"all_bytes":2})")}) {
    ASSERT_EQ(answer.status, 200) << "a batch that is not taken would come for ever";
    EXPECT_EQ(answer.body.at("refused").as_int64(), 1);
    EXPECT_EQ(answer.body.at("accepted").as_int64(), 0);
  }
  EXPECT_EQ(get("/exports/" + id, duty_)["state"].as_string(), "approved");
  EXPECT_FALSE(get("/exports/" + id, duty_).body.as_object().contains("locked_us"));
  EXPECT_FALSE(get("/exports/" + id, duty_).body.as_object().contains("progress"));
  for (const auto* kind : {"export.footage_locked", "export.made", "export.ready", "export.failed"})
    EXPECT_EQ(count_events(kind), 0) << kind;
  EXPECT_EQ(count_events("export.part_made"), 0);
  // It stays the work of who had the cameras when it was asked for.
  const auto work = exports_->assignments(*session());
  ASSERT_TRUE(work && work->size() == 1);
  EXPECT_EQ(work->front().recorder, mine);
  recorder_ = mine;
  EXPECT_EQ(say_made(id).status, 200);
  EXPECT_EQ(get("/exports/" + id, duty_)["state"].as_string(), "made");
}

/// Cameras of both recorders in one export.
class ExportsOfSeveral : public Exports {
 protected:
  void SetUp() override {
    Exports::SetUp();
    if (IsSkipped()) return;
    other_ = ids_.next();
    ASSERT_TRUE(journal_->execute(node::register_node(
        {}, {node::NodeKind::recorder, "recorder-2", "1", "", "h:2", "wss://localhost:8445"},
        other_, Digest{7})));
    const std::vector<Uuid> both{recorder_, other_};
    cameras_.clear();
    // One of each, the first of the first recorder.
    for (int i = 0; cameras_.size() < 2; ++i) {
      cameras::CameraDescription camera;
      camera.code = "CAM-1" + std::to_string(i);
      camera.name = "Cổng";
      camera.main_url = "rtsp://camera/1" + std::to_string(i);
      const cameras::CameraId id{ids_.next()};
      const auto wanted = cameras_.empty() ? recorder_ : other_;
      if (NodeHub::recorder_of(id.value, both) != wanted) continue;
      ASSERT_TRUE(journal_->execute(cameras::register_camera({}, id, camera, {})));
      cameras_.push_back(id.text());
    }
    id_ = ask(open_case());
  }
  Answer say_of(const Uuid& node, const std::string& kind, const std::string& body) {
    const auto mine = std::exchange(recorder_, node);
    auto answer = say(kind, body);
    recorder_ = mine;
    return answer;
  }
  std::optional<node::ExportAssignment> work_of(const Uuid& node) {
    const auto all = exports_->assignments(*session());
    EXPECT_TRUE(all) << all.error().message;
    for (const auto& one : *all)
      if (one.recorder == node) return one.what;
    return std::nullopt;
  }
  std::string about(std::string_view more = "") const {
    return R"({"export_id":")" + id_ + "\"" + std::string(more) + "}";
  }
  std::string part() const {
    return about(R"(,"manifest_sha256":")" + to_base64url(sha256(as_bytes("part"))) +
                 R"(","fragments":3,"bytes":300)");
  }

  Uuid other_;
  std::string id_;
};

TEST_P(ExportsOfSeveral, are_made_of_each_recorders_part_by_the_first_of_them) {
  ASSERT_TRUE(work_of(other_));
  ASSERT_EQ(work_of(recorder_)->cameras.size(), 2u);
  EXPECT_TRUE(work_of(recorder_)->cameras[1].elsewhere) << "it holds its own";
  EXPECT_EQ(work_of(other_)->cameras.size(), 1u);
  say_of(recorder_, "export.locked", about());
  EXPECT_FALSE(get("/exports/" + id_, duty_).body.as_object().contains("locked_us"));
  say_of(other_, "export.locked", about());
  EXPECT_TRUE(get("/exports/" + id_, duty_).body.as_object().contains("locked_us"));
  ASSERT_EQ(post("/exports/" + id_ + "/approve", duty_).status, 200);

  EXPECT_EQ(work_of(recorder_)->step, node::ExportStep::hold) << "until the others have told";
  ASSERT_EQ(work_of(other_)->step, node::ExportStep::part);
  const auto others = json::read<evidence::ExportTerms>(*work_of(other_)->order);
  EXPECT_EQ(others->request.reason, "") << "it need not know why";
  EXPECT_EQ(others->request.requested_by, "");
  // Only the other one makes a part, and only the first the whole.
  EXPECT_EQ(say_of(recorder_, "export.part", part()).body.at("refused").as_int64(), 1);
  const auto made =
      about(R"(,"manifest_sha256":")" + to_base64url(sha256(as_bytes("m"))) + R"(","tree_root":")" +
            to_base64url(sha256(as_bytes("t"))) + R"(","fragments":1,"footage_us":1,"bytes":1)");
  EXPECT_EQ(say_of(other_, "export.made", made).body.at("refused").as_int64(), 1);
  EXPECT_EQ(say_of(other_, "export.part", part()).body.at("refused").as_int64(), 0);
  EXPECT_EQ(say_of(other_, "export.part", part()).status, 200);
  EXPECT_EQ(count_events("export.part_made"), 1);

  const auto work = work_of(recorder_);
  ASSERT_EQ(work->step, node::ExportStep::make);
  ASSERT_EQ(work->cameras.size(), 2u);
  EXPECT_FALSE(work->cameras[0].elsewhere);
  EXPECT_TRUE(work->cameras[1].elsewhere);
  EXPECT_EQ(work->cameras[1].recorder, "recorder-2");
  ASSERT_EQ(work->parts->size(), 1u);
  const auto& part = work->parts->front();
  EXPECT_EQ(part.url, "https://localhost:8445");
  EXPECT_EQ(part.manifest_sha256, sha256(as_bytes("part")));
  ASSERT_EQ(part.cameras.size(), 1u);
  EXPECT_EQ(part.cameras[0].text(), cameras_[1]);
  const auto ticket = node::check_ticket(part.ticket, signing_key_.public_key(), clock_.wall());
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->purpose, node::MediaPurpose::part);
  EXPECT_EQ(ticket->camera_id.text(), id_);
  // People are given no such ticket.
  EXPECT_EQ(
      post("/cameras/" + cameras_[0] + "/media-ticket", duty_, R"({"purpose":"part"})").status,
      400);
  EXPECT_EQ(say_of(recorder_, "export.made", made).body.at("refused").as_int64(), 0);
  EXPECT_EQ(work_of(other_)->step, node::ExportStep::hold);
  EXPECT_EQ(work_of(recorder_)->step, node::ExportStep::complete);
}

TEST_P(ExportsOfSeveral, go_on_without_a_recorder_that_gives_nothing_and_say_so) {
  ASSERT_EQ(post("/exports/" + id_ + "/approve", duty_).status, 200);
  say_of(other_, "export.failed", about(R"(,"why":"evidence.too_much")"));
  auto shown = get("/exports/" + id_, dung_);
  EXPECT_EQ(shown["state"].as_string(), "approved");
  EXPECT_EQ(shown["recorders"].at(1).at("part").as_string(), "failed");
  EXPECT_EQ(shown["recorders"].at(1).at("part_failure").as_string(), "evidence.too_much");
  EXPECT_EQ(count_events("export.part_failed"), 1);
  const auto work = work_of(recorder_);
  ASSERT_EQ(work->step, node::ExportStep::make);
  EXPECT_TRUE(work->parts->empty());
  EXPECT_TRUE(work->cameras[1].elsewhere) << "its camera is in the export, without footage";
}

TEST_P(ExportsOfSeveral, do_not_wait_for_ever_for_one_that_is_away_or_cannot_be_reached) {
  ASSERT_EQ(post("/exports/" + id_ + "/approve", duty_).status, 200);
  const exports::ExportId id{*Uuid::parse(id_)};
  ASSERT_TRUE(journal_->execute(exports::give_up_part(id, recorder_, "node.away")));
  EXPECT_EQ(count_events("export.part_failed"), 0) << "the first one is never given up";
  say_of(other_, "export.part", part());
  ASSERT_TRUE(journal_->execute(exports::give_up_part(id, other_, "node.away")));
  EXPECT_EQ(count_events("export.part_failed"), 0) << "its part is there";
  const auto lost = about(R"(,"recorder_id":")" + other_.text() + R"(","why":"http.unreachable")");
  EXPECT_EQ(say_of(other_, "export.part_failed", lost).body.at("refused").as_int64(), 1);
  say_of(recorder_, "export.part_failed", lost);
  EXPECT_EQ(count_events("export.part_failed"), 1);
  EXPECT_TRUE(work_of(recorder_)->parts->empty());
  say_of(recorder_, "export.failed", about(R"(,"why":"evidence.nothing")"));
  EXPECT_EQ(get("/exports/" + id_, dung_)["state"].as_string(), "failed");
}

VL_ON_EACH_ENGINE(Exports);
VL_ON_EACH_ENGINE(ExportsOfSeveral);

}  // namespace
}  // namespace vl::routes
