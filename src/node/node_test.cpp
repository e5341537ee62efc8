// Tickets, the spool and the registry, each against the protocol's promises.
#include <filesystem>

#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/node/spool.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::node {
namespace {

TEST(Ticket, is_taken_as_signed_until_it_expires_and_not_when_one_byte_differs) {
  ManualClock clock;
  SeededIdSource ids(clock, 1);
  const auto key = SigningKey::from_seed({5});
  const MediaTicket ticket{
      {24},      ids.next(), ids.next(), MediaPurpose::live, {}, clock.wall().plus_us(60'000'000),
      ids.next()};
  const std::string text = sign_ticket(ticket, key);
  const auto checked = check_ticket(text, key.public_key(), clock.wall());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->camera_id, ticket.camera_id);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(check_ticket(other, key.public_key(), clock.wall())) << i;
  }
  EXPECT_FALSE(check_ticket(text, SigningKey::from_seed({6}).public_key(), clock.wall()));
  EXPECT_EQ(
      check_ticket(text, key.public_key(), clock.wall().plus_us(61'000'000)).error().code.name,
      "nodes.ticket_expired");
  EXPECT_FALSE(check_ticket(std::string(5000, 'x'), key.public_key(), clock.wall()));
}

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() : scratch_(store::Engine::sqlite) {}
  std::unique_ptr<Spool> open(std::int64_t most = 1000) {
    auto spool = Spool::open(scratch_.folder() + "/spool.db", clock_, ids_, most);
    EXPECT_TRUE(spool) << spool.error().message;
    return std::move(*spool);
  }
  BatchItem item(int number) { return {"gap", {number}, json::Value({{"n", number}})}; }
  store::testing::FreshDatabase scratch_;
  ManualClock clock_;
  SeededIdSource ids_{clock_, 2};
};

TEST_F(SpoolTest, a_batch_keeps_its_id_over_a_restart_until_it_is_acknowledged) {
  Uuid id;
  {
    auto spool = open();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(spool->put(item(i)));
    const auto batch = spool->next(3);
    ASSERT_TRUE(batch && *batch);
    id = (*batch)->batch_id;
    EXPECT_EQ((*batch)->items.size(), 3U);
  }
  auto spool = open();
  EXPECT_EQ(spool->waiting(), 5);
  ASSERT_TRUE(spool->put(item(5)));
  auto again = *spool->next(3);
  EXPECT_EQ(again->batch_id, id);
  EXPECT_EQ(again->items.size(), 3U);
  EXPECT_EQ(again->items[2].at_us.us, 2);
  ASSERT_TRUE(spool->acknowledged(id));
  auto rest = *spool->next(10);
  EXPECT_NE(rest->batch_id, id);
  ASSERT_EQ(rest->items.size(), 3U);
  EXPECT_EQ(rest->items[0].at_us.us, 3);
  ASSERT_TRUE(spool->acknowledged(rest->batch_id));
  EXPECT_FALSE(*spool->next(10));
}

TEST_F(SpoolTest, gives_no_batch_larger_than_the_core_takes) {
  auto spool = open();
  const std::string long_text(10'000, 'x');
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(spool->put({"note", {i}, boost::json::object{{"text", long_text}}}));
  std::size_t items = 0, batches = 0;
  while (const auto batch = *spool->next()) {
    std::size_t bytes = 0;
    for (const auto& one : batch->items) bytes += boost::json::serialize(one.body).size();
    EXPECT_LE(bytes, 768U * 1024);
    items += batch->items.size();
    ++batches;
    ASSERT_TRUE(spool->acknowledged(batch->batch_id));
  }
  EXPECT_EQ(items, 200U);
  EXPECT_EQ(batches, 3U);
  // One that is larger by itself is sent all the same.
  ASSERT_TRUE(spool->put({"note", {1}, boost::json::object{{"text", std::string(900'000, 'x')}}}));
  EXPECT_EQ((*spool->next())->items.size(), 1U);
}

TEST_F(SpoolTest, is_bounded_and_counts_what_it_drops) {
  auto spool = open(3);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(spool->put(item(i)));
  EXPECT_EQ(spool->waiting(), 3);
  EXPECT_EQ(spool->dropped(), 2);
  EXPECT_EQ((*spool->next(10))->items[0].at_us.us, 2);
}

class RegistryTest : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    const store::MigrationSet sets[] = {journal::migrations(), migrations()};
    ASSERT_TRUE(store::migrate(*session(), sets, clock_));
    journal::JournalOptions options;
    options.writer.province = kProvince;
    journal_ = *journal::Journal::open(database(), clock_, options, {&tables_}, upcasters_);
    reader_ = session();
  }
  static constexpr ProvinceId kProvince{24};
  ManualClock clock_;
  SeededIdSource ids_{clock_, 4};
  NodeTables tables_;
  journal::Upcasters upcasters_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<store::Session> reader_;
};

TEST_P(RegistryTest, a_node_that_comes_back_keeps_its_id_and_its_old_token_ends) {
  const Registration r{NodeKind::recorder, "recorder-1",       "1", "",
                       "127.0.0.1:9",      "wss://localhost:9"};
  ASSERT_TRUE(check(r));
  const std::string first = new_token();
  const std::string second = new_token();
  const auto a = journal_->execute(register_node({}, r, ids_.next(), sha256(as_bytes(first))));
  ASSERT_TRUE(a) << a.error().message;
  EXPECT_EQ(node_of_token(*reader_, kProvince, first)->text(), a->reply);
  const auto b = journal_->execute(register_node({}, r, ids_.next(), sha256(as_bytes(second))));
  ASSERT_TRUE(b);
  EXPECT_EQ(a->reply, b->reply);
  EXPECT_FALSE(node_of_token(*reader_, kProvince, first));
  EXPECT_EQ(node_of_token(*reader_, kProvince, second)->text(), a->reply);
  const Uuid id = *Uuid::parse(a->reply);
  ASSERT_TRUE(journal_->execute(note_connected(id)));
  EXPECT_EQ(node(*reader_, kProvince, id)->state, "connected");
  ASSERT_TRUE(journal_->execute(note_away(id, clock_.wall())));
  EXPECT_EQ(node(*reader_, kProvince, id)->state, "away");
  EXPECT_EQ(nodes(*reader_, kProvince)->size(), 1U);
}

TEST(Registration, of_another_version_or_with_a_bad_address_is_refused_by_field) {
  Registration r{NodeKind::recorder, "recorder-1", "2", "", "", "wss://localhost:9"};
  EXPECT_EQ(check(r).error().field, "version");
  r.version = "1";
  r.public_url = "wss://host; script-src *";
  EXPECT_EQ(check(r).error().field, "public_url");
  r.public_url = "wss://localhost:9";
  r.name = "Bad Name";
  EXPECT_EQ(check(r).error().field, "name");
}

VL_ON_EACH_ENGINE(RegistryTest);

}  // namespace
}  // namespace vl::node
