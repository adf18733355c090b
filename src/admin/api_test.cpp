#include "admin/api.h"

#include <set>

#include "admin/openapi.h"
#include "exchange/scene_test.h"
#include "json/escaped.h"

namespace sluice::admin {
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
    Api api({routes_, recent_, injections});
    auto status = scene.run(api);
    if (status) return scene.out.bytes;
    auto about = status.error().kind == FaultKind::kMethodNotAllowed ? status.error().code : status.error().param;
    return std::string(name(status.error().kind)) + " " + about;
  }

  provider::Routes routes_;
  stage::Recent recent_{10};
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
  EXPECT_EQ(ask("GET", "/exchanges"), R"({"exchanges":[]})");
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
  EXPECT_EQ(ask("GET", "/exchanges?limit=1"), R"({"exchanges":[)" + one + "]}");
}

TEST_F(ApiTest, InjectsFaultsOnlyWhereThatIsConfigured) {
  for (std::string_view method : {"GET", "PUT", "DELETE"})
    EXPECT_EQ(ask(method, "/faults", R"({"deployment":"p/gpt","kind":"slow"})"), "forbidden ") << method;
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
}  // namespace sluice::admin
