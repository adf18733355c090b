#include "admin/api.h"

#include <set>

#include "admin/openapi.h"
#include "admin/roster.h"
#include "exchange/scene_test.h"
#include "json/escaped.h"
#include "store/memory/memory_directory.h"
#include "store/memory/memory_ledger.h"
#include "store/record.h"
#include "store/rows_test.h"

namespace sluice::admin::api_test {
namespace {

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    auto provider = make_provider("p");
    auto route = std::make_unique<provider::Route>();
    route->name = "fast";
    route->deployments.push_back(make_deployment(*provider, "gpt"));
    routes_.add(std::move(provider));
    routes_.add(std::move(route));
  }
  // The answer's body, or the fault's kind and field.
  std::string ask(std::string_view method, std::string_view target, std::string_view body = "",
                  stage::Injections* injections = nullptr) {
    Scene scene({std::string(method), "/admin/v1" + std::string(target), {}});
    scene.request.body_result = std::string(body);
    scene.x.caller = &caller_;
    Api api({routes_, recent_, injections, ledger_, roster_ ? &*roster_ : nullptr});
    auto status = scene.run(api);
    if (status) return scene.out.bytes;
    auto about = status.error().kind == FaultKind::kMethodNotAllowed ? status.error().code : status.error().param;
    return std::string(name(status.error().kind)) + " " + about;
  }

  void with_roster() { roster_.emplace(directory_, "secret"); }

  Caller caller_{.name = "master", .role = Role::kMaster};
  store::MemoryDirectory directory_;
  std::optional<Roster> roster_;
  provider::Routes routes_;
  stage::Recent recent_{10};
  store::MemoryLedger ledger_{1000};
  Metrics metrics_;
  stage::Injections injections_{metrics_};
};

TEST_F(ApiTest, TellsWhatIsPossible) {
  EXPECT_EQ(ask("GET", ""), "not_found ");
  EXPECT_EQ(ask("GET", "/nothing"), "not_found ");
  EXPECT_EQ(ask("GET", "/deployments/"), "not_found ");
  EXPECT_EQ(ask("POST", "/faults"), "method_not_allowed GET, PUT, DELETE");
  EXPECT_EQ(ask("DELETE", "/deployments/p%2Fgpt/hold"), "method_not_allowed PUT");
  EXPECT_EQ(ask("GET", "/exchanges/a%zz"), "invalid_request ");
}

// What nobody reads may have been meant.
TEST_F(ApiTest, RefusesBodiesWhereNothingIsReadOfThem) {
  with_roster();
  for (const auto& operation : operations()) {
    if (operation.body != Operation::Body::kIsEmpty) continue;
    std::string target(operation.path);
    if (const auto open = target.find('{'); open != target.npos)
      target.replace(open, target.find('}') - open + 1, "one");
    EXPECT_EQ(ask(operation.method, target, R"({"dry_run":"yes"})", &injections_).substr(0, 15), "invalid_request")
        << operation.method << operation.path;
  }
  EXPECT_TRUE(ask("POST", "/prices/recompute", " {}\n").starts_with("{"));
  auto entries = directory_.audit({.most = 1});
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_NE(entries->front().find(R"("about":"all")"), std::string::npos) << entries->front();
}

TEST_F(ApiTest, ListsDeploymentsAndHoldsThem) {
  auto list = ask("GET", "/deployments");
  EXPECT_TRUE(list.starts_with(R"({"deployments":[)")) << list;
  EXPECT_NE(list.find(R"({"name":"p/gpt","provider":"p","region":"","routes":["fast"],"weight":1,)"), std::string::npos)
      << list;
  for (std::string_view target : {"/deployments/p%2Fgpt/hold", "/deployments/p/gpt/hold"}) {
    EXPECT_NE(ask("PUT", target, R"({"hold":"drained"})").find(R"("hold":"drained")"), std::string::npos);
    EXPECT_NE(ask("GET", "/deployments").find(R"("hold":"drained")"), std::string::npos);
    EXPECT_NE(ask("PUT", target, R"({"hold":"none"})").find(R"("hold":"none")"), std::string::npos);
  }
  EXPECT_EQ(ask("PUT", "/deployments/p%2Fgtp/hold", R"({"hold":"open"})"), "not_found deployment");
  EXPECT_EQ(ask("PUT", "/deployments/p%2Fgpt/hold", R"({"hold":"shut"})"), "invalid_request hold");
  EXPECT_EQ(ask("PUT", "/deployments/p%2Fgpt/hold"), "invalid_request ");
}

TEST_F(ApiTest, TellsOfExchanges) {
  EXPECT_EQ(ask("GET", "/exchanges"), R"({"exchanges":[],"next":null})");
  EXPECT_EQ(ask("GET", "/exchanges/req_1"), "not_found request_id");
  for (std::string_view limit : {"0", "1001", "-1", "x", ""})
    EXPECT_EQ(ask("GET", "/exchanges?limit=" + std::string(limit)), "invalid_request limit") << limit;
  Scene scene;
  scene.x.id = "req_1";
  scene.x.asked.model = "fast";
  recent_.add(scene.x, {}, 200, 5'000);
  auto one = ask("GET", "/exchanges/req_1");
  EXPECT_TRUE(one.starts_with(R"({"request_id":"req_1","arrived":"20)")) << one;
  EXPECT_NE(one.find(R"("model_asked":"fast")"), std::string::npos) << one;
  EXPECT_EQ(ask("GET", "/exchanges?limit=1"), R"({"exchanges":[)" + one + R"(],"next":null})");
}

// Every id on the page, and whether there is another page.
std::string ids_of(std::string_view answer) {
  std::string ids;
  constexpr std::string_view kId = R"("request_id":"req_)";
  for (auto at = answer.find(kId); at != std::string_view::npos; at = answer.find(kId, at + 1))
    ids += answer[answer.find('"', at + kId.size()) - 1];
  return ids + (answer.ends_with(R"("next":null})") ? "." : "…");
}

TEST_F(ApiTest, OneListHasWhatIsStoredAndWhatIsNotYet) {
  constexpr std::int64_t kNow = 1'790'000'000'000'000;
  std::vector<store::ExchangeRow> rows;
  for (int i = 1; i <= 6; ++i) rows.push_back(store::small_row(i, kNow + i));
  rows[1].team = "other";
  Scene scene;
  auto end = [&](int i) {
    scene.x.id = rows[i].id;
    recent_.add(scene.x, {}, 200, 5'000, store::to_record(rows[i]));
  };
  ASSERT_TRUE(ledger_.insert(store::views_of({rows.data(), 4}), {}));
  end(3);  // both
  end(5);  // not yet stored
  end(4);
  EXPECT_EQ(ids_of(ask("GET", "/exchanges")), "654321.");
  EXPECT_EQ(ids_of(ask("GET", "/exchanges?team=other")), "2.");
  EXPECT_EQ(ids_of(ask("GET", "/exchanges?team=shop&tag%3Ax=y")), ".");
  EXPECT_EQ(ids_of(ask("GET", "/exchanges?from=2026-09-21T14:13:20.000003Z&to=2026-09-21T14:13:20.000006Z")), "543.");
  std::string found, cursor;
  for (int page = 0; page < 10; ++page) {
    const auto answer = ask("GET", "/exchanges?limit=2" + (cursor.empty() ? "" : "&before=" + cursor));
    found += ids_of(answer);
    if (answer.ends_with(R"("next":null})")) break;
    const auto at = answer.rfind(R"("next":")") + 8;
    cursor = answer.substr(at, answer.size() - 2 - at);
  }
  EXPECT_EQ(found, "65…43…21.");
  for (std::string_view wrong : {"before=x", "before=1.", "team=a&team=b", "limti=5", "zone=Nowhere", "from=yesterday"})
    EXPECT_TRUE(ask("GET", "/exchanges?" + std::string(wrong)).starts_with("invalid_request ")) << wrong;
}

TEST_F(ApiTest, AStoredExchangeHasItsUsageAndCosts) {
  auto row = store::small_row(7, 1'790'000'000'000'000);
  row.tags = {{"sé\"bag", "x"}};
  row.attempts[0].held_nanos = 5'000;  // of the second its cost became known later
  row.attempts.push_back(row.attempts[0]);
  row.attempts[0].cost_nanos.reset();
  row.attempts[1].price_version = "2026-11-22";
  ASSERT_TRUE(ledger_.insert(store::views_of({&row, 1}), {}));
  const auto one = ask("GET", "/exchanges/" + row.id);
  for (std::string_view part :
       {R"("cost_usd":"0.000001","cost_unknown":1,)", R"("candidates":null)",
        R"("usage":{"source":"provider","input_tokens":100,)", R"("cost_usd":null,"held_usd":"0.000005")",
        R"("held_usd":"0","price_version":"2026-11-22")", R"("tags":{"sé\"bag":"x"})"})
    EXPECT_NE(one.find(part), std::string::npos) << part << " in " << one;
}

TEST_F(ApiTest, Reports) {
  constexpr std::int64_t kHourUs = 3'600'000'000, kMidnight = 1'790'028'000'000'000;  // of September 22 in Berlin
  std::vector<store::ExchangeRow> rows;
  for (int i = 0; i < 48; ++i) {
    rows.push_back(store::small_row(i, kMidnight + i * kHourUs));
    rows.back().team = i % 2 == 0 ? "shop" : "ads";
    if (i < 30) rows.back().team = "shop";
    if (i == 47) rows.back().fault = "truncated", rows.back().attempts[0].fault = "truncated";
  }
  ASSERT_TRUE(ledger_.insert(store::views_of(rows), {}));
  const auto report = ask("GET", "/report?by=team&from=2026-09-23&to=2026-09-24&zone=Europe/Berlin&period=day");
  EXPECT_TRUE(report.starts_with(
      R"({"by":"team","team":null,"from":"2026-09-23T00:00:00.000+02:00","to":"2026-09-24T00:00:00.000+02:00","period":"day","zone":"Europe/Berlin","total":{"exchanges":24,"failed":1,"error_rate":"0.0417",)"))
      << report;
  for (std::string_view part :
       {R"("value":"shop","exchanges":15,)", R"("value":"ads","exchanges":9,"failed":1,"error_rate":"0.1111")",
        R"("waste":{"cost_usd":"0.000001","failed_attempts":{"count":1,"cost_usd":"0.000001"})",
        R"("movers":{"before_from":"2026-09-22T00:00:00.000+02:00","metric":"cost","values":[)",
        R"({"value":"ads","before_usd":"0","now_usd":"0.000009","change_usd":"0.000009"},)",
        R"({"value":"shop","before_usd":"0.000024","now_usd":"0.000015","change_usd":"-0.000009"})"})
    EXPECT_NE(report.find(part), std::string::npos) << part << " in " << report;
  const auto top =
      ask("GET", "/report?by=team&from=2026-09-22&to=2026-09-24&zone=Europe/Berlin&top=1&metric=exchanges");
  EXPECT_NE(top.find(R"("value":"shop","exchanges":39,)"), std::string::npos) << top;
  EXPECT_NE(top.find(R"x("value":"(rest)","exchanges":9,)x"), std::string::npos) << top;
  for (const auto& [query, field] :
       std::vector<std::pair<std::string, std::string>>{{"by=color", "by"},
                                                        {"period=year", "period"},
                                                        {"metric=fun", "metric"},
                                                        {"top=0", "top"},
                                                        {"zone=Mars", "zone"},
                                                        {"from=2026-09-23&to=2026-09-22", "from"},
                                                        {"from=2020-01-01&period=hour", "period"},
                                                        {"last=7d&to=2026-09-22", "last"},
                                                        {"last=week", "last"},
                                                        {"form=2026-09-22", "form"}})
    EXPECT_EQ(ask("GET", "/report?" + query), "invalid_request " + field) << query;
}

TEST_F(ApiTest, InjectsFaultsOnlyWhereThatIsConfigured) {
  for (std::string_view method : {"GET", "PUT", "DELETE"})
    EXPECT_EQ(ask(method, "/faults", method == "PUT" ? R"({"deployment":"p/gpt","kind":"slow"})" : ""), "forbidden ")
        << method;
  EXPECT_EQ(ask("GET", "/faults", "", &injections_), R"({"faults":[]})");
  auto put = ask("PUT", "/faults", R"({"deployment":"p/gpt","kind":"status","status":500,"share":0.5,"for":"10s"})",
                 &injections_);
  EXPECT_TRUE(
      put.starts_with(R"({"faults":[{"deployment":"p/gpt","kind":"status","status":500,"share":0.5,"remaining_ms":)"))
      << put;
  EXPECT_EQ(ask("DELETE", "/faults?deployment=p%2Fother", "", &injections_), "not_found deployment");
  EXPECT_EQ(ask("DELETE", "/faults?deployment=p%2Fgpt", "", &injections_), R"({"faults":[]})");
  EXPECT_EQ(ask("DELETE", "/faults", "", &injections_), R"({"faults":[]})");
}

TEST_F(ApiTest, RefusesFaultsThatMakeNoSense) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"kind":"slow"})", "invalid_request deployment"},
      {R"({"deployment":"p/none","kind":"slow"})", "not_found deployment"},
      {R"({"deployment":"p/gpt"})", "invalid_request kind"},
      {R"({"deployment":"p/gpt","kind":"explode"})", "invalid_request kind"},
      {R"({"deployment":"p/gpt","kind":"status","status":200})", "invalid_request status"},
      {R"({"deployment":"p/gpt","kind":"slow","delay":"11m"})", "invalid_request delay"},
      {R"({"deployment":"p/gpt","kind":"slow","share":2})", "invalid_request share"},
      {R"({"deployment":"p/gpt","kind":"slow","for":"61m"})", "invalid_request for"},
      {R"({"deployment":"p/gpt","kind":"slow","until":"1h"})", "invalid_request until"},
  };
  for (const auto& [body, expected] : cases) EXPECT_EQ(ask("PUT", "/faults", body, &injections_), expected) << body;
  EXPECT_TRUE(injections_.all(now()).empty());
}

TEST_F(ApiTest, WhatIsHeldAndInjectedIsInTheAuditLog) {
  with_roster();
  ask("PUT", "/deployments/p%2Fgpt/hold", R"({"hold":"drained"})");
  ask("PUT", "/deployments/p%2Fgpt/hold", R"({"hold":"shut"})");
  ask("DELETE", "/faults", "", &injections_);
  auto lines = *directory_.audit({});
  ASSERT_EQ(lines.size(), 2U) << "what was not done is not in the log";
  EXPECT_NE(
      lines[1].find(
          R"("what":"PUT /deployments/{name}/hold","about":"p/gpt","before":{"hold":"none"},"after":{"hold":"drained"},"from":"192.0.2.1")"),
      std::string::npos)
      << lines[1];
  EXPECT_NE(lines[0].find(R"("who":"master","role":"master","what":"DELETE /faults")"), std::string::npos) << lines[0];
}

TEST_F(ApiTest, WithoutADirectoryThereAreNoKeys) {
  EXPECT_EQ(ask("GET", "/keys"), "overloaded ");
}

// "GET /faults" of each operation in the document.
std::set<std::string> documented() {
  std::set<std::string> found;
  json::Reader reader;
  auto cursor = reader.scan_copy(openapi());
  EXPECT_TRUE(cursor);
  json::each_member(*cursor, [&](std::string_view member) {
    if (member != "paths") return;
    json::each_member(*cursor, [&](std::string_view key) {
      const std::string path(key);
      json::each_member(*cursor, [&](std::string_view method) {
        std::string upper;
        for (char c : method) upper += static_cast<char>(c - 'a' + 'A');
        found.insert(upper + " " + path);
      });
    });
  });
  EXPECT_TRUE(cursor->finish());
  return found;
}

TEST(OpenApi, DescribesExactlyTheOperationsThereAre) {
  std::set<std::string> there;
  for (const auto& operation : operations())
    there.insert(std::string(operation.method) + " " + std::string(operation.path));
  EXPECT_EQ(documented(), there);
}

}  // namespace
}  // namespace sluice::admin::api_test
