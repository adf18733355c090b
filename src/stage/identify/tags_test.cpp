#include "stage/identify/tags.h"

#include "dialect/openai/endpoint.h"
#include "exchange/scene_test.h"
#include "exchange/tag_rules.h"

namespace sluice::stage::tags_test {
namespace {

// A request of a caller whose key has a tag and a team.
class Tagged {
 public:
  Tagged() {
    caller_.tags = {{"feature", "search"}};
    caller_.team = "storefront";
    scene_.x.caller = &caller_;
  }
  void set_user(std::string user) { caller_.user = std::move(user); }
  void send(std::string_view field, std::string_view value) { scene_.request.mutable_head().headers.add(field, value); }
  void ask(std::string body) {
    scene_.x.body = std::move(body);
    const auto size = scene_.x.body.size();
    scene_.x.body.reserve(size + 64);
    auto asked = dialect::read_asked(dialect::openai::facts(dialect::openai::Kind::kChat), {}, "application/json",
                                     scene_.x.body, scene_.reader);
    ASSERT_TRUE(asked) << asked.error().told;
    scene_.x.asked = *asked;
  }
  // "a=1 b=2"
  std::string tags() {
    auto found = tags_of(scene_.x);
    if (!found) return found.error().param + ": " + found.error().told;
    std::string all;
    for (const auto& [name, value] : *found) all += (all.empty() ? "" : " ") + name + "=" + value;
    return all;
  }
  std::size_t count() { return tags_of(scene_.x)->size(); }

 private:
  Caller caller_;
  Scene scene_;
};

TEST(Tags, AreThoseOfTheKey) {
  Tagged request;
  EXPECT_EQ(request.tags(), "feature=search");
}

TEST(Tags, ComeFromManyFields) {
  struct Case {
    std::string_view field, value, tags;
  };
  const Case kCases[] = {
      {"X-Sluice-User", " u1 ", "feature=search user=u1"},
      {"x-sluice-workflow", "night", "feature=search workflow=night"},
      {"x-sluice-environment", "prod", "environment=prod feature=search"},
      {"x-sluice-prompt", "greet", "feature=search prompt=greet"},
      {"x-sluice-prompt-version", "7", "feature=search prompt_version=7"},
      {"x-sluice-session", "s1", "feature=search session=s1"},
      {"x-sluice-tag-Customer", "acme", "customer=acme feature=search"},
      {"x-sluice-tags", "a=1, b=x%2Cy ,", "a=1 b=x,y feature=search"},
      {"x-litellm-end-user-id", "u1", "feature=search user=u1"},
      {"x-litellm-tags", "beta,tier:gold, x=1", "beta=true feature=search tier=gold x=1"},
      {"x-portkey-metadata", R"({"_user":"u1","_environment":"prod","n":3,"ok":true,"deep":{"x":1}})",
       "environment=prod feature=search n=3 ok=true user=u1"},
      {"cf-aig-metadata", R"({"plan":"pro"})", "feature=search plan=pro"},
      {"Helicone-Property-Plan", "pro", "feature=search plan=pro"},
      {"Helicone-User-Id", "u1", "feature=search user=u1"},
      {"Helicone-Session-Id", "s1", "feature=search session=s1"},
      {"x-bf-dim-region", "eu", "feature=search region=eu"},
      {"baggage", "tenant=acme;ttl=1, user=u%201", "feature=search tenant=acme user=u 1"},
      // What is for others and does not fit is left out.
      {"x-portkey-metadata", "no JSON", "feature=search"},
      {"x-portkey-metadata", R"({"bad name":"x","good":"y"})", "feature=search good=y"},
      {"cf-aig-metadata", "[1]", "feature=search"},
      {"baggage", "novalue,=x,a=%zz", "feature=search"},
  };
  for (const auto& one : kCases) {
    Tagged request;
    request.send(one.field, one.value);
    EXPECT_EQ(request.tags(), one.tags) << one.field << ": " << one.value;
  }
}

TEST(Tags, ComeFromTheBody) {
  Tagged request;
  request.ask(R"({"model":"m","user":"u\u0031","metadata":{"flow":"a","tags":["x","k:v"],"n":1.50}})");
  EXPECT_EQ(request.tags(), "feature=search flow=a k=v n=1.50 user=u1 x=true");
  request.ask(R"({"model":"m","metadata":{"user_id":"from-anthropic"}})");
  EXPECT_EQ(request.tags(), "feature=search user=from-anthropic");
  request.ask(R"({"model":"m","metadata":null,"user":7})");
  EXPECT_EQ(request.tags(), "feature=search");
}

TEST(Tags, TheFirstWinsAndTheKeyIsFirst) {
  Tagged request;
  request.send("x-portkey-metadata", R"({"user":"second","feature":"forged","team":"forged"})");
  request.send("x-sluice-user", "first");
  request.send("x-sluice-feature", "forged");
  request.send("x-sluice-team", "forged");
  request.send("baggage", "user=last");
  EXPECT_EQ(request.tags(), "feature=search user=first");
}

// Whoever the key says it is, no way of naming a user or a team says another one.
TEST(Tags, TheKeysUserAndTeamAreNotForTheRequestToSay) {
  for (const auto& [field, value] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"x-sluice-user", "bob"},
           {"x-sluice-team", "other"},
           {"x-sluice-tag-user", "bob"},
           {"x-sluice-tags", "user=bob,team=other"},
           {"x-litellm-end-user-id", "bob"},
           {"x-litellm-customer-id", "bob"},
           {"x-litellm-tags", "user:bob"},
           {"helicone-user-id", "bob"},
           {"helicone-property-user", "bob"},
           {"x-portkey-metadata", R"({"_user":"bob","team":"other"})"},
           {"cf-aig-metadata", R"({"user_id":"bob"})"},
           {"baggage", "user=bob"}}) {
    Tagged request;
    request.set_user("ann");
    request.send(field, value);
    EXPECT_EQ(request.tags(), "feature=search") << field << ": " << value;
  }
  Tagged request;
  request.set_user("ann");
  request.ask(R"({"model":"m","user":"bob","safety_identifier":"bob","metadata":{"user_id":"bob","team":"other"}})");
  EXPECT_EQ(request.tags(), "feature=search");
}

// What a request lacks is the gateway's to say, however a caller names it.
TEST(Tags, TheMarkOfWhatIsMissingIsNotForTheRequestToSay) {
  for (const auto& [field, value] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"x-sluice-tag-untagged", "no"},
           {"X-Sluice-Tag-Untagged", ""},
           {"x-sluice-tags", "untagged=no"},
           {"x-litellm-tags", "untagged"},
           {"helicone-property-untagged", "no"},
           {"x-bf-dim-untagged", "no"},
           {"x-portkey-metadata", R"({"untagged":"no","tags":["untagged=no"]})"},
           {"cf-aig-metadata", R"({"\u0075ntagged":"no"})"},
           {"baggage", "untagged=no"}}) {
    Tagged request;
    request.send(field, value);
    EXPECT_EQ(request.tags(), "feature=search") << field << ": " << value;
  }
  Tagged request;
  request.ask(R"({"model":"m","metadata":{"untagged":"no","tags":["untagged"]}})");
  EXPECT_EQ(request.tags(), "feature=search");
}

TEST(Tags, OwnFieldsThatAreWrongAreRefused) {
  struct Case {
    std::string field, value, told;
  };
  const Case kCases[] = {
      {"x-sluice-tags", "novalue", "x-sluice-tags: The field x-sluice-tags is a list of name=value, parted by commas."},
      {"x-sluice-tags", "a=%zz",
       "x-sluice-tags: The field x-sluice-tags holds a value that is not percent-coded correctly."},
      {"x-sluice-tags", "a b=1",
       "x-sluice-tags: The field x-sluice-tags names a tag 'a b'; names are 1 to 64 of A-Z a-z 0-9 _ - . / :."},
      {"x-sluice-user", std::string(257, 'x'),
       "x-sluice-user: The field x-sluice-user holds control characters or more than 256 bytes."},
  };
  for (const auto& one : kCases) {
    Tagged request;
    request.send(one.field, one.value);
    EXPECT_EQ(request.tags(), one.told);
  }
}

TEST(Tags, AreAtMostSoMany) {
  Tagged request;
  std::string many;
  for (int i = 0; i < 40; ++i) many += "t" + std::to_string(i) + "=1,";
  request.send("x-litellm-tags", many);
  EXPECT_EQ(request.count(), kMostTags);
  request.send("x-sluice-tags", many);
  EXPECT_EQ(request.tags(), "x-sluice-tags: The field x-sluice-tags is one tag too many; 32 are possible.");
}

}  // namespace
}  // namespace sluice::stage::tags_test
