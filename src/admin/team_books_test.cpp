// The books by role: who is of one team sees that team's rows, whatever they are asked by, and nothing of another's.
#include "admin/team_books.h"

#include "admin/api.h"
#include "exchange/scene_test.h"
#include "json/escaped.h"
#include "store/memory/memory_ledger.h"
#include "store/record.h"
#include "store/rows_test.h"

namespace sluice::admin::team_books_test {
namespace {

constexpr std::int64_t kBeginUs = 1'790'028'000'000'000, kHourUs = 3'600'000'000;
constexpr std::string_view kTime = "&from=2026-09-20&to=2026-09-25";

// Every text of it says whose it is.
store::ExchangeRow row_of_team(const std::string& team, std::int64_t number) {
  auto row = store::full_row(number);
  row.arrived_us = kBeginUs + number % 50 * kHourUs;
  row.status = team == "shop" ? 200 : 418;
  store::each_field(row, [&](int, const char*, auto& member) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, std::string>) member = team + "'s";
  });
  row.id = fmt::format("req_{:024x}", number);
  row.team = team;
  row.tags = {{"feature", team + "'s"}};
  for (auto& attempt : row.attempts) attempt.deployment = attempt.provider = attempt.model_routed = team + "'s";
  return row;
}

class TeamBooksTest : public ::testing::Test {
 protected:
  TeamBooksTest() {
    for (std::int64_t i = 1; i <= 40; ++i) {
      const bool own = i % 3 != 0;
      const auto row = row_of_team(own ? "shop" : "rival", i);
      EXPECT_TRUE(ledger_.insert(store::views_of({&row, 1}), {}));
      if (own) EXPECT_TRUE(own_ledger_.insert(store::views_of({&row, 1}), {}));
    }
    for (auto [team, number] : {std::pair("shop", 91), {"rival", 92}}) {
      Scene scene;  // it ended a moment ago, and the store does not have it yet
      const auto row = row_of_team(team, number);
      scene.x.id = row.id;
      recent_.add(scene.x, {}, 200, 10, store::to_record(row));
    }
  }

  static std::string ask(const Caller& who, store::Ledger& ledger, const stage::Recent& recent,
                         const std::string& target) {
    Scene scene({"GET", "/admin/v1" + target, {}});
    scene.x.caller = &who;
    provider::Routes routes;
    Api api({routes, recent, nullptr, ledger});
    auto status = scene.run(api);
    if (status) return scene.out.bytes;
    return std::string(name(status.error().kind)) + " " + status.error().param + " " + status.error().code;
  }
  std::string ask(const Caller& who, const std::string& target) { return ask(who, ledger_, recent_, target); }

  store::MemoryLedger ledger_{100}, own_ledger_{100};
  stage::Recent recent_{10};
  const Caller master_{.name = "master", .role = Role::kMaster};
  const Caller lead_{.id = "1", .name = "lead", .team = "shop", .role = Role::kTeamAdmin};
};

std::vector<std::string> dimensions() {
  std::vector<std::string> all(store::kDimensions.begin(), store::kDimensions.end());
  all.emplace_back("tag:feature");
  return all;
}

// Without the member that says of which team it is.
std::string without_team(std::string report) {
  for (std::string_view part : {R"("team":"shop",)", R"("team":null,)"}) {
    if (auto at = report.find(part); at != std::string::npos) report.erase(at, part.size());
  }
  return report;
}

TEST_F(TeamBooksTest, K9_AReportIsThatOfTheTeamsRowsAloneByWhatever) {
  const stage::Recent none(1);
  for (const auto& by : dimensions()) {
    for (std::string more : {"", "&period=day", "&period=day&metric=tokens&top=1"}) {
      const auto target = "/report?by=" + by + more + std::string(kTime);
      const auto report = ask(lead_, target);
      EXPECT_TRUE(report.starts_with('{')) << report;
      EXPECT_EQ(report.find("rival"), std::string::npos) << by << ": " << report;
      EXPECT_NE(report.find(R"("exchanges":27,)"), std::string::npos) << by << ": " << report;
      EXPECT_EQ(without_team(report), without_team(ask(master_, own_ledger_, none, target))) << by;
      EXPECT_EQ(report, ask(lead_, target + "&team=shop"));
      EXPECT_EQ(report, ask(master_, target + "&team=shop"));
    }
  }
}

TEST_F(TeamBooksTest, K9_ExchangesAreThoseOfTheTeamAlone) {
  for (std::string target :
       {"/exchanges?limit=1000", "/exchanges?limit=1000&team=shop", "/exchanges?tag:feature=rival's",
        "/exchanges?key=rival's", "/exchanges?status=418", "/exchanges?limit=3"}) {
    const auto list = ask(lead_, target);
    EXPECT_TRUE(list.starts_with('{')) << list;
    EXPECT_EQ(list.find("rival"), std::string::npos) << target;
    EXPECT_EQ(list.find(fmt::format("req_{:024x}", 92)), std::string::npos) << target;
  }
  const auto all = ask(lead_, "/exchanges?limit=1000");
  for (int own : {1, 2, 40, 91}) EXPECT_NE(all.find(fmt::format("req_{:024x}", own)), std::string::npos) << own;
  for (int own : {1, 91}) {
    const auto one = "/exchanges/" + fmt::format("req_{:024x}", own);
    EXPECT_EQ(ask(lead_, one), ask(master_, one)) << "field for field";
  }
  for (int foreign : {3, 92}) {
    const auto one = "/exchanges/" + fmt::format("req_{:024x}", foreign);
    EXPECT_TRUE(ask(master_, one).starts_with('{'));
    EXPECT_EQ(ask(lead_, one), "not_found request_id ");
  }
}

TEST_F(TeamBooksTest, K9_AnotherTeamIsRefused) {
  for (std::string target : {"/exchanges?team=rival", "/exchanges?team=", "/report?team=rival",
                             "/report?by=key&team=", "/report?by=team&team=Shop"}) {
    EXPECT_EQ(ask(lead_, target), "forbidden team other_team") << target;
    EXPECT_TRUE(ask(master_, target).starts_with('{')) << target;
  }
  // A viewer's own team is no bound, and a member sees no books at all.
  auto viewer = lead_, member = lead_;
  viewer.role = Role::kViewer;
  member.role = Role::kMember;
  EXPECT_NE(ask(viewer, "/exchanges?team=rival").find("rival"), std::string::npos);
  EXPECT_EQ(ask(member, "/exchanges?team=shop"), "forbidden  role_not_allowed");
}

TEST_F(TeamBooksTest, SumsOfRowsThatAreGoneAreNotMadeUp) {
  ASSERT_TRUE(ledger_.remove_before(kBeginUs + 10 * kHourUs, 100));
  EXPECT_EQ(ask(lead_, "/report?by=key" + std::string(kTime)), "invalid_request from ");
  EXPECT_NE(ask(lead_, "/report?by=all" + std::string(kTime)).find(R"("exchanges":27,)"), std::string::npos);
  // What is left has nothing to be compared with.
  const auto rest = ask(lead_, "/report?by=key&from=2026-09-22T12:00Z&to=2026-09-25");
  EXPECT_NE(rest.find(R"("before_from":"2026-09-22T12:00:00.000Z")"), std::string::npos) << rest;
}

}  // namespace
}  // namespace sluice::admin::team_books_test
