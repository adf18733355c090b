// What every directory does alike.
#include "store/directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "base/journal/folder_test.h"
#include "store/memory/memory_directory.h"
#include "store/sqlite/sqlite_directory.h"

namespace sluice::store::directory_test {
namespace {

struct Kind {
  const char* name;
  std::unique_ptr<Directory> (*make)(const std::string& folder);
};

KeyRow key(std::string name, std::string team = "") {
  return {.id = "key_" + name, .name = name, .hash = "hash of " + name, .team = std::move(team), .role = "member"};
}

KeyRow full_key() {
  return {.id = "key_1",
          .name = "web",
          .hash = "aa",
          .prefix = "sk-sl-12",
          .team = "shop",
          .user = "eva",
          .role = "team_admin",
          .priority = "high",
          .models = {"fast", "openai/*"},
          .operations = {"chat"},
          .networks = {"10.0.0.0/8", "fd00::/8"},
          .tags = {{"empty", ""}, {"feature", "a=b"}},
          .limits = R"({"rpm":5})",
          .budget = R"({"usd":"1"})",
          .metadata = R"({"ticket":"X-1"})",
          .created_us = 5,
          .expires_us = 6,
          .blocked = true,
          .old_hash = "bb",
          .old_until_us = 7};
}

class DirectoryStore : public ::testing::TestWithParam<Kind> {
 protected:
  Result<AuditHead> change(std::vector<Edit> edits, std::string what = "test") {
    return directory_->change(edits, {.at_us = 1, .kind = "change", .who = "master", .what = std::move(what)});
  }
  std::vector<std::string> names(KeyQuery query) {
    std::vector<std::string> names;
    auto rows = directory_->keys(query);
    EXPECT_TRUE(rows) << rows.error().detail;
    for (const auto& row : *rows) names.push_back(row.name);
    return names;
  }
  std::size_t count() {
    std::size_t count = 0;
    EXPECT_TRUE(directory_->each_key([&](const KeyRow&, std::size_t) { ++count; }));
    return count;
  }

  using Names = std::vector<std::string>;
  journal::Folder folder_;
  std::unique_ptr<Directory> directory_ = GetParam().make(folder_.path());
};

TEST_P(DirectoryStore, KeepsWhatItIsGiven) {
  const auto row = full_key();
  const TeamRow team{.name = "shop",
                     .models = {"fast"},
                     .aliases = {{"gpt-4o", "fast"}},
                     .tags = {{"a", "b"}},
                     .limits = "{}",
                     .budget = "{}",
                     .metadata = "{}",
                     .weight = 3,
                     .created_us = 1,
                     .blocked = true};
  const UserRow user{.name = "eva",
                     .email = "eva@example.com",
                     .role = "viewer",
                     .teams = {"shop", "blog"},
                     .limits = "{}",
                     .budget = "{}",
                     .metadata = "{}",
                     .created_us = 2,
                     .blocked = true};
  ASSERT_TRUE(change({row, team, user}));
  EXPECT_EQ(**directory_->find_key("key_1"), row);
  EXPECT_EQ(**directory_->find_key("web"), row);
  EXPECT_FALSE(directory_->find_key("shop")->has_value());
  ASSERT_TRUE(directory_->each_key([&](const KeyRow& one, std::size_t) { EXPECT_EQ(one, row); }));
  EXPECT_EQ(*directory_->teams(), std::vector{team});
  EXPECT_EQ(*directory_->users(), std::vector{user});
}

TEST_P(DirectoryStore, KeepsSecretsAndTheOrganisation) {
  const SecretRow first{.name = "a.b-c", .sealed = "AQ==", .created_us = 1, .changed_us = 2};
  const SecretRow second{.name = "openai", .sealed = "Ag==", .created_us = 3, .changed_us = 3};
  EXPECT_TRUE(directory_->secrets()->empty());
  EXPECT_FALSE(directory_->organisation()->has_value());
  OrganisationRow organisation{.name = "Acme", .limits = "{}", .budget = "[]", .metadata = "{}", .changed_us = 4};
  ASSERT_TRUE(change({second, first, organisation}));
  EXPECT_EQ(*directory_->secrets(), (std::vector{first, second}));
  EXPECT_EQ(*directory_->organisation(), organisation);
  organisation.name = "";
  auto changed = second;
  changed.sealed = "Aw==";
  ASSERT_TRUE(change({organisation, changed, Removal{Removal::What::kSecret, "a.b-c"}}));
  EXPECT_EQ(*directory_->secrets(), std::vector{changed});
  EXPECT_EQ(*directory_->organisation(), organisation);
}

TEST_P(DirectoryStore, ARowStandsForTheOneBeforeIt) {
  ASSERT_TRUE(change({full_key(), TeamRow{.name = "shop"}, UserRow{.name = "eva"}}));
  auto row = full_key();
  row.hash = "cc";
  row.blocked = false;
  ASSERT_TRUE(change({row, TeamRow{.name = "shop", .weight = 9}, UserRow{.name = "eva", .role = "admin"}}));
  EXPECT_EQ(count(), 1U);
  EXPECT_EQ(**directory_->find_key("web"), row);
  EXPECT_EQ(directory_->teams()->at(0).weight, 9);
  EXPECT_EQ(directory_->users()->at(0).role, "admin");
}

TEST_P(DirectoryStore, RemovesByIdAndByName) {
  ASSERT_TRUE(change({full_key(), TeamRow{.name = "shop"}, UserRow{.name = "eva"}}));
  ASSERT_TRUE(change({Removal{Removal::What::kKey, "web"}}));
  EXPECT_EQ(count(), 1U) << "keys are removed by their id";
  ASSERT_TRUE(change({Removal{Removal::What::kKey, "key_1"}, Removal{Removal::What::kTeam, "shop"},
                      Removal{Removal::What::kUser, "eva"}}));
  EXPECT_EQ(count(), 0U);
  EXPECT_TRUE(directory_->teams()->empty());
  EXPECT_TRUE(directory_->users()->empty());
}

TEST_P(DirectoryStore, AChangeIsMadeWholeOrNotAtAll) {
  ASSERT_TRUE(change({key("web")}));
  auto other = key("web");
  other.id = "key_other";
  auto refused = change({key("batch"), TeamRow{.name = "shop"}, other});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "conflict");
  EXPECT_EQ(refused.error().param, "name");
  other = key("other");
  other.hash = key("web").hash;
  EXPECT_EQ(change({other}).error().kind, FaultKind::kInternal);
  EXPECT_EQ(count(), 1U);
  EXPECT_TRUE(directory_->teams()->empty());
  EXPECT_EQ(directory_->audit({})->size(), 1U) << "what was not done is not in the log";
}

// So many that a database is read on two threads.
TEST_P(DirectoryStore, VisitsEachOfManyKeysOnce) {
  std::vector<Edit> edits, removals;
  for (int i = 0; i < 3000; ++i) {
    auto row = key("k" + std::to_string(i), "team " + std::to_string(i % 7));
    row.models = Texts(static_cast<std::size_t>(i % 3), "openai/*");
    if (i % 5 == 0) row.tags = {{"number", std::to_string(i)}};
    if (i % 4 == 1) removals.emplace_back(Removal{Removal::What::kKey, row.id});
    edits.emplace_back(std::move(row));
  }
  ASSERT_TRUE(change(edits));
  ASSERT_TRUE(change(removals));
  std::mutex mutex;
  std::map<std::string, KeyRow> seen;
  ASSERT_TRUE(directory_->each_key([&](const KeyRow& row, std::size_t part) {
    std::lock_guard lock(mutex);
    EXPECT_LT(part, 2U);
    EXPECT_TRUE(seen.emplace(row.id, row).second) << row.id;
  }));
  EXPECT_EQ(seen.size(), 2250U);
  for (const auto& [id, row] : seen) EXPECT_EQ(row, **directory_->find_key(id));
}

TEST_P(DirectoryStore, ListsByNameInPages) {
  for (const char* name : {"d", "a", "c", "b", "e"}) {
    auto row = key(name, *name > 'b' ? "shop" : "");
    row.user = *name == 'c' ? "eva" : "";
    row.blocked = *name == 'd';
    ASSERT_TRUE(change({row}));
  }
  EXPECT_EQ(names({}), (Names{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(names({.most = 2}), (Names{"a", "b"}));
  EXPECT_EQ(names({.after = "b", .most = 2}), (Names{"c", "d"}));
  EXPECT_EQ(names({.after = "e"}), Names{});
  EXPECT_EQ(names({.team = "shop"}), (Names{"c", "d", "e"}));
  EXPECT_EQ(names({.team = ""}), (Names{"a", "b"}));
  EXPECT_EQ(names({.user = "eva"}), Names{"c"});
  EXPECT_EQ(names({.team = "shop", .blocked = false}), (Names{"c", "e"}));
}

TEST_P(DirectoryStore, TextsAreDataAndNothingElse) {
  auto row = full_key();
  row.name = "'; DROP TABLE api_key; --";
  ASSERT_TRUE(change({row}));
  EXPECT_EQ(**directory_->find_key(row.name), row);
  EXPECT_EQ(names({.team = "' OR 1=1 --"}), Names{});
  EXPECT_EQ(count(), 1U);
}

TEST_P(DirectoryStore, TheLogIsAChainOfAllChanges) {
  EXPECT_EQ(*directory_->audit_head(), AuditHead{});
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(change({}, "step " + std::to_string(i))->number, i);
  AuditCheck check;
  ASSERT_TRUE(directory_->each_audit_line([&](std::string_view line) {
    auto fine = check.add(line);
    EXPECT_TRUE(fine) << fine.error().told;
    return true;
  }));
  EXPECT_EQ(check.head(), *directory_->audit_head());
  auto page = *directory_->audit({.before = 5, .most = 2});
  ASSERT_EQ(page.size(), 2U);
  EXPECT_NE(page[0].find("step 4"), std::string::npos);
  EXPECT_NE(page[1].find("step 3"), std::string::npos);
  int seen = 0;
  ASSERT_TRUE(directory_->each_audit_line([&](std::string_view) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_P(DirectoryStore, KeepsMarks) {
  EXPECT_EQ(*directory_->mark("secret"), "");
  ASSERT_TRUE(directory_->set_mark("secret", "one"));
  ASSERT_TRUE(directory_->set_mark("secret", "two"));
  EXPECT_EQ(*directory_->mark("secret"), "two");
}

INSTANTIATE_TEST_SUITE_P(, DirectoryStore,
                         ::testing::Values(Kind{"memory",
                                                [](const std::string&) -> std::unique_ptr<Directory> {
                                                  return std::make_unique<MemoryDirectory>();
                                                }},
                                           Kind{"sqlite",
                                                [](const std::string& folder) -> std::unique_ptr<Directory> {
                                                  auto directory = SqliteDirectory::open(folder + "/sluice.db");
                                                  EXPECT_TRUE(directory) << directory.error().detail;
                                                  return std::move(*directory);
                                                }}),
                         [](const auto& info) { return info.param.name; });

TEST(SqliteDirectory, IsThereWhenItIsOpenedAgain) {
  journal::Folder folder;
  const std::vector<Edit> edits{full_key()};
  {
    auto directory = SqliteDirectory::open(folder.file("sluice.db"));
    ASSERT_TRUE((*directory)->change(edits, {.kind = "change"}));
  }
  auto directory = SqliteDirectory::open(folder.file("sluice.db"));
  EXPECT_EQ(**(*directory)->find_key("web"), full_key());
  EXPECT_EQ((*directory)->audit_head()->number, 1);
}

}  // namespace
}  // namespace sluice::store::directory_test
