#include "stage/models/models.h"

#include "exchange/scene_test.h"

namespace sluice::stage::models_test {
namespace {

class ModelsTest : public ::testing::Test {
 protected:
  ModelsTest() {
    routes_.add(make_provider("openai"));
    for (auto name : {"fast", "smart", "team/*"}) {
      auto route = std::make_unique<provider::Route>();
      route->name = name;
      routes_.add(std::move(route));
    }
  }
  std::string page(const Caller& caller, std::string model = "") {
    Scene scene;
    scene.x.caller = &caller;
    scene.x.model_in_path = std::move(model);
    Models stage(routes_);
    auto status = scene.run(stage);
    if (!status) return std::string(name(status.error().kind));
    EXPECT_EQ(scene.out.head.headers.get("content-type"), "application/json");
    return scene.out.bytes;
  }
  static std::string one(std::string_view name) {
    return R"({"id":")" + std::string(name) + R"(","object":"model","created":0,"owned_by":"sluice"})";
  }
  static std::string list(std::string_view models) {
    return R"({"object":"list","data":[)" + std::string(models) + "]}";
  }

  provider::Routes routes_;
};

TEST_F(ModelsTest, ListsWhatCanBeAskedByName) {
  EXPECT_EQ(page(Caller{.name = "all"}), list(one("fast") + "," + one("smart")));
}

TEST_F(ModelsTest, ListsOnlyWhatTheCallerMayUse) {
  EXPECT_EQ(page(Caller{.name = "some", .models = {"fast"}}), list(one("fast")));
  EXPECT_EQ(page(Caller{.name = "none", .models = {"nothing"}}), list(""));
}

TEST_F(ModelsTest, ListsNamesOfTheKeyThatAWildcardServes) {
  EXPECT_EQ(page(Caller{.name = "some", .models = {"team/a", "openai/gpt-4o", "fast"}}),
            list(one("fast") + "," + one("team/a") + "," + one("openai/gpt-4o")));
}

TEST_F(ModelsTest, ShowsOneModel) {
  EXPECT_EQ(page(Caller{.name = "all"}, "fast"), one("fast"));
  EXPECT_EQ(page(Caller{.name = "all"}, "openai/gpt-4o"), one("openai/gpt-4o"));
}

TEST_F(ModelsTest, UnknownAndForbiddenModelsLookTheSame) {
  EXPECT_EQ(page(Caller{.name = "all"}, "no-such"), "not_found");
  EXPECT_EQ(page(Caller{.name = "some", .models = {"smart"}}, "fast"), "not_found");
}

TEST_F(ModelsTest, NamesAreEscaped) {
  EXPECT_EQ(page(Caller{.name = "all"}, "team/\"x"),
            R"({"id":"team/\"x","object":"model","created":0,"owned_by":"sluice"})");
}

}  // namespace
}  // namespace sluice::stage::models_test
