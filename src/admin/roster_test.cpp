#include "admin/roster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "base/journal/folder_test.h"
#include "base/time_text.h"
#include "store/memory/memory_directory.h"
#include "store/sqlite/sqlite_directory.h"

namespace sluice::admin::roster_test {
namespace {

class RosterTest : public ::testing::Test {
 protected:
  RosterTest() {
    roster_.on_change([this](std::shared_ptr<const Callers> callers) { published_ = std::move(callers); });
    file_.keys.push_back({{.name = "web", .team = "shop", .role = "member"}, Secret("sk-web")});
    EXPECT_TRUE(roster_.use_file(file_));
  }
  store::KeyRow key(std::string name, std::string_view text) {
    return {.id = "key_" + name, .name = name, .hash = roster_.hash_of(text), .role = "member", .priority = "normal"};
  }
  void put(const store::KeyRow& row, const store::KeyRow* before = nullptr) {
    auto status = roster_.put(before, row, entry_);
    ASSERT_TRUE(status) << status.error().told;
  }
  std::shared_ptr<const Caller> find(std::string_view key) { return published_->find(key); }
  static std::string told_by(Roster& roster, const Roster::File& file) {
    auto used = roster.use_file(file);
    return used ? "" : used.error().told;
  }
  std::string told(const Roster::File& file) { return told_by(roster_, file); }

  store::MemoryDirectory directory_;
  Roster roster_{directory_, "secret"};
  Roster::File file_{.master_key = Secret("sk-master"), .keys = {}, .teams = {}, .users = {}};
  std::shared_ptr<const Callers> published_;
  store::AuditEntry entry_{.kind = "change"};
};

TEST_F(RosterTest, KnowsTheKeysOfTheFileAndOfTheDirectory) {
  put(key("app", "sk-app"));
  EXPECT_EQ(find("sk-master")->role, Role::kMaster);
  EXPECT_EQ(find("sk-web")->team, "shop");
  EXPECT_EQ(find("sk-app")->name, "app");
  EXPECT_EQ(find("sk-other"), nullptr);
  EXPECT_EQ(published_, roster_.callers());
}

// So many that two threads read them; of the last ones as of the first.
TEST_F(RosterTest, KnowsThousandsOfKeysWhenItHasReadThem) {
  journal::Folder folder;
  auto directory = store::SqliteDirectory::open(folder.file("sluice.db"));
  ASSERT_TRUE(directory) << directory.error().told;
  Roster roster(**directory, "secret");
  ASSERT_TRUE(roster.use_file(file_));  // which keeps what its keys are hashed with
  std::vector<store::Edit> edits;
  edits.reserve(5001);
  for (int i = 0; i <= 5000; ++i) {
    auto row = key("k" + std::to_string(i), "sk-" + std::to_string(i));
    row.team = i % 2 == 0 ? "shop" : "";
    row.budget = R"({"usd":"1"})";
    edits.emplace_back(std::move(row));
  }
  ASSERT_TRUE((*directory)->change(edits, entry_));
  std::atomic<std::size_t> with_terms = 0;
  roster.on_terms(
      [&](quota::Scope, std::string_view, const quota::Terms& terms) { with_terms += terms.any() ? 1 : 0; });
  ASSERT_TRUE(roster.use_file(file_));
  EXPECT_EQ(roster.callers()->size(), 5003U);
  EXPECT_EQ(with_terms, 5001U);
  for (int i = 0; i <= 5000; ++i) {
    auto caller = roster.callers()->find("sk-" + std::to_string(i));
    ASSERT_TRUE(caller) << i;
    EXPECT_EQ(caller->name, "k" + std::to_string(i));
    EXPECT_EQ(caller->team, i % 2 == 0 ? "shop" : "");
  }
  for (const char* number : {"0", "5000"}) {
    auto other = file_;
    other.keys.push_back({{.name = std::string("k") + number}, Secret("sk-other")});
    EXPECT_NE(told_by(roster, other).find(fmt::format("the name 'k{}' is that of a key", number)), std::string::npos);
    other = file_;
    other.keys.push_back({{.name = "same text"}, Secret(std::string("sk-") + number)});
    EXPECT_NE(told_by(roster, other).find(fmt::format("the same as the key 'k{}'", number)), std::string::npos);
  }
}

// So many that two threads make their callers.
TEST_F(RosterTest, KnowsTensOfThousandsOfKeysOfTheFile) {
  std::vector<std::string> charged;
  std::mutex mutex;
  roster_.on_accounts([&](quota::Scope scope, std::string_view name) -> quota::Account* {
    std::lock_guard lock(mutex);
    if (scope == quota::Scope::kKey) charged.emplace_back(name);
    return nullptr;
  });
  for (int i = 0; i <= 20'000; ++i) {
    store::KeyRow row{.name = "k" + std::to_string(i), .role = "member"};
    row.team = i % 2 == 0 ? "team-" + std::to_string(i % 7) : "";
    if (i == 17'000) row.limits = R"({"rpm":5})";
    file_.keys.push_back({std::move(row), Secret("sk-" + std::to_string(i))});
  }
  file_.keys.push_back({{.name = "same text as another"}, Secret("sk-5")});
  ASSERT_EQ(told(file_), "");
  EXPECT_EQ(published_->size(), 20'003U) << "with the master key and one that was there";
  for (int i = 0; i <= 20'000; ++i) {
    const auto name = "k" + std::to_string(i);
    auto caller = find("sk-" + std::to_string(i));
    ASSERT_TRUE(caller) << i;
    if (i == 5) continue;
    ASSERT_EQ(caller->name, name);
    ASSERT_EQ(caller->id, "file/" + name);
    ASSERT_EQ(caller->team, i % 2 == 0 ? "team-" + std::to_string(i % 7) : "");
    ASSERT_EQ(caller->share, i % 2 == 0 ? "team 'team-" + std::to_string(i % 7) + "'" : "key '" + name + "'");
  }
  EXPECT_EQ(find("sk-5")->name, "same text as another") << "the last one counts";
  EXPECT_EQ(charged, std::vector<std::string>{"k17000"});
}

TEST_F(RosterTest, AChangeIsInForceWhenItReturns) {
  auto row = key("app", "sk-app");
  put(row);
  auto blocked = row;
  blocked.blocked = true;
  put(blocked, &row);
  EXPECT_TRUE(find("sk-app")->blocked);
  ASSERT_TRUE(roster_.remove(blocked, entry_));
  EXPECT_EQ(find("sk-app"), nullptr);
}

TEST_F(RosterTest, ANetworkOfMappedAddressesIsThatOfIPv4) {
  auto row = key("app", "sk-app");
  row.networks = {"::ffff:10.0.0.0/104"};
  put(row);
  for (std::string_view address : {"10.1.2.3", "::ffff:10.1.2.3"}) EXPECT_TRUE(find("sk-app")->may_ask_from(address));
  for (std::string_view address : {"11.1.2.3", "fd00::1"}) EXPECT_FALSE(find("sk-app")->may_ask_from(address));
}

TEST_F(RosterTest, ARotatedKeyIsGoodUntilItsGraceIsOver) {
  auto row = key("app", "sk-one");
  put(row);
  auto rotated = row;
  rotated.old_hash = std::exchange(rotated.hash, roster_.hash_of("sk-two"));
  rotated.old_until_us = wall_us() + 60'000'000;
  put(rotated, &row);
  EXPECT_EQ(find("sk-one"), find("sk-two"));
  auto again = rotated;
  again.old_hash = std::exchange(again.hash, roster_.hash_of("sk-three"));
  put(again, &rotated);
  EXPECT_EQ(find("sk-one"), nullptr) << "one old text at a time";
  EXPECT_NE(find("sk-two"), nullptr);
  auto over = again;
  over.old_until_us = wall_us() - 1;
  put(over, &again);
  EXPECT_EQ(find("sk-two"), nullptr);
  EXPECT_NE(find("sk-three"), nullptr);
  ASSERT_TRUE(roster_.remove(over, entry_));
  EXPECT_EQ(find("sk-three"), nullptr);
}

TEST_F(RosterTest, ATeamIsInForceForItsKeysAtOnce) {
  auto row = key("app", "sk-app");
  row.team = "shop";
  row.tags = {{"feature", "search"}, {"region", "eu"}};
  put(row);
  ASSERT_TRUE(roster_.put(store::TeamRow{.name = "shop",
                                         .models = {"fast"},
                                         .aliases = {{"gpt-4o", "fast"}},
                                         .tags = {{"region", "us"}},
                                         .weight = 7,
                                         .blocked = true},
                          entry_));
  for (auto text : {"sk-app", "sk-web"}) {
    auto caller = find(text);
    EXPECT_TRUE(caller->its_team->blocked) << text;
    EXPECT_EQ(caller->meant_by("gpt-4o"), "fast");
    EXPECT_EQ(caller->weight, 7u);
    EXPECT_FALSE(caller->may_use("smart"));
    EXPECT_EQ(caller->tags.at("region"), "us") << "what the team fixes its keys do not change";
  }
  EXPECT_EQ(find("sk-app")->tags.at("feature"), "search");
  ASSERT_TRUE(roster_.remove_group<store::TeamRow>("shop", entry_));
  EXPECT_EQ(find("sk-app")->its_team, nullptr);
  EXPECT_EQ(find("sk-app")->tags.at("region"), "eu");
}

// Budgets of the tags `team` and `user` are not for others to spend, whoever writes the tags.
TEST_F(RosterTest, NoTagSaysThatAKeyIsSomebodyElses) {
  auto row = key("app", "sk-app");
  row.team = "red";
  row.tags = {{"team", "shop"}, {"user", "ann"}};
  put(row);
  EXPECT_FALSE(find("sk-app")->tags.contains("team"));
  EXPECT_EQ(find("sk-app")->tags.at("user"), "ann") << "a key of no user";
  auto next = row;
  next.user = "bob";
  put(next, &row);
  EXPECT_TRUE(find("sk-app")->tags.empty());
  next.tags = {};
  put(next, &row);
  ASSERT_TRUE(roster_.put(store::TeamRow{.name = "red", .tags = {{"team", "shop"}, {"user", "ann"}}}, entry_));
  EXPECT_TRUE(find("sk-app")->tags.empty());
}

TEST_F(RosterTest, AKeyOfAUserIsNoMoreThanTheUser) {
  auto row = key("app", "sk-app");
  row.user = "eva";
  row.role = "admin";
  put(row);
  EXPECT_EQ(find("sk-app")->role, Role::kAdmin);
  const std::pair<const char*, Role> cases[] = {{"member", Role::kMember},
                                                {"viewer", Role::kViewer},
                                                {"admin", Role::kAdmin},
                                                {"owner", Role::kAdmin},
                                                {"team_admin", Role::kTeamAdmin}};
  for (const auto& [role, expected] : cases) {
    ASSERT_TRUE(roster_.put(store::UserRow{.name = "eva", .role = role}, entry_));
    EXPECT_EQ(find("sk-app")->role, expected) << role;
  }
  ASSERT_TRUE(roster_.put(store::UserRow{.name = "eva", .role = "owner", .blocked = true}, entry_));
  EXPECT_TRUE(find("sk-app")->its_user->blocked);
}

TEST_F(RosterTest, AnotherFileTakesThePlaceOfTheOneBefore) {
  put(key("app", "sk-app"));
  Roster::File other{.master_key = Secret("sk-new-master"), .keys = {}, .teams = {}, .users = {}};
  other.keys.push_back({{.name = "batch", .role = "member"}, Secret("sk-batch")});
  ASSERT_EQ(told(other), "");
  EXPECT_EQ(find("sk-master"), nullptr);
  EXPECT_EQ(find("sk-web"), nullptr);
  EXPECT_NE(find("sk-new-master"), nullptr);
  EXPECT_EQ(find("sk-batch")->name, "batch");
  EXPECT_EQ(find("sk-app")->name, "app");
  EXPECT_FALSE(roster_.find_key("web")->has_value());
}

TEST_F(RosterTest, AFileThatTakesANameIsRefusedAndChangesNothing) {
  put(key("app", "sk-app"));
  ASSERT_TRUE(roster_.put(store::TeamRow{.name = "blog"}, entry_));
  ASSERT_TRUE(roster_.put(store::UserRow{.name = "eva"}, entry_));
  const auto before = published_;
  auto file = file_;
  file.keys.push_back({{.name = "app"}, Secret("sk-other")});
  EXPECT_TRUE(told(file).starts_with("keys: the name 'app' is that of a key that was made by the admin API"));
  file = file_;
  file.keys.push_back({{.name = "same"}, Secret("sk-app")});
  EXPECT_TRUE(told(file).starts_with("keys: one is the same as the key 'app'")) << told(file);
  file = file_;
  file.teams.push_back({.name = "blog"});
  EXPECT_TRUE(told(file).starts_with("teams: the name 'blog'"));
  file = file_;
  file.users.push_back({.name = "eva"});
  EXPECT_TRUE(told(file).starts_with("users: the name 'eva'"));
  EXPECT_EQ(published_, before);
}

TEST_F(RosterTest, ADirectoryOfAnotherSecretIsRefused) {
  put(key("app", "sk-app"));
  Roster other(directory_, "other secret");
  auto used = other.use_file(file_);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().kind, FaultKind::kInvalidConfig);
  EXPECT_NE(used.error().told.find("key_secret"), std::string::npos);
  Roster same(directory_, "secret");
  EXPECT_TRUE(same.use_file(file_));
  EXPECT_EQ(same.callers()->find("sk-app")->name, "app");
}

TEST_F(RosterTest, OnlyADirectoryWithoutKeysMayHaveANewSecret) {
  EXPECT_TRUE(Roster::check_unkeyed(directory_));
  Roster first(directory_, "secret");
  ASSERT_TRUE(first.use_file(file_));
  EXPECT_TRUE(Roster::check_unkeyed(directory_));
  put(key("app", "sk-app"));
  const auto refused = Roster::check_unkeyed(directory_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().told.find("key_secret"), std::string::npos);
}

TEST_F(RosterTest, ListsBothByName) {
  for (auto name : {"alpha", "zulu"}) put(key(name, name));
  auto names = [&](store::KeyQuery query) {
    std::string names;
    for (const auto& one : *roster_.keys(query)) names += one.row.name + (one.origin == Origin::kFile ? "* " : " ");
    return names;
  };
  EXPECT_EQ(names({}), "alpha web* zulu ");
  EXPECT_EQ(names({.most = 2}), "alpha web* ");
  EXPECT_EQ(names({.after = "alpha", .most = 1}), "web* ");
  EXPECT_EQ(names({.team = "shop"}), "web* ");
  EXPECT_EQ((*roster_.find_key("web"))->origin, Origin::kFile);
  EXPECT_EQ((*roster_.find_key("file/web"))->row.name, "web");
  EXPECT_EQ((*roster_.find_key("key_zulu"))->row.name, "zulu");
}

TEST_F(RosterTest, TellsOfLimitsThatTheDirectoryKeeps) {
  std::vector<std::string> told;
  roster_.on_terms([&](quota::Scope scope, std::string_view name, const quota::Terms& terms) {
    told.push_back(std::string(quota::name(scope)) + " " + std::string(name) + " " + std::to_string(terms.limits.rpm) +
                   " " + std::to_string(terms.budgets.size()));
  });
  auto row = key("app", "sk-app");
  row.limits = R"({"rpm":5})";
  row.budget = R"([{"usd":"1","window":"day"},{"usd":"5","window":"month"}])";
  put(row);
  ASSERT_TRUE(roster_.put(store::TeamRow{.name = "blog", .limits = R"({"rpm":7})"}, entry_));
  ASSERT_TRUE(roster_.use_file(file_));
  ASSERT_TRUE(roster_.remove(row, entry_));
  EXPECT_EQ(told,
            (std::vector<std::string>{"key app 5 2", "team blog 7 0", "key app 5 2", "team blog 7 0", "key app 0 0"}));
}

TEST(RosterHead, IsKeptBesideTheDirectory) {
  journal::Folder folder;
  store::MemoryDirectory directory;
  Roster roster(directory, "secret", folder.file("audit_head"));
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(roster.note({.kind = "refusal"}));
    EXPECT_EQ(store::parse_audit_head(journal::bytes_of(folder.file("audit_head"))), *directory.audit_head());
  }
}

}  // namespace
}  // namespace sluice::admin::roster_test
