#include "app/callers.h"

#include "app/config_fixture_test.h"

namespace sluice::app {
namespace {

// Whoever lists keys sees none that could be guessed from what is shown.
TEST(Callers, AtMostAQuarterOfAKeyIsShown) {
  for (const auto& [key, shown] :
       std::initializer_list<std::pair<std::string, std::string>>{{"abcd1234", "…"},
                                                                  {"abcd1234efg", "…"},
                                                                  {"abcd1234efgh", "abc…"},
                                                                  {"abcd1234efgh5678", "abcd…"},
                                                                  {"sk-0123456789abcdef0123456789", "sk-012…"}}) {
    const auto config = valid(with_openai("keys: [{ name: web, key: '" + key + "' }]\n"));
    EXPECT_EQ(callers_of(config, Secret("master-key-1234")).keys.front().row.prefix, shown) << key;
  }
}

TEST(Callers, TagsOfKeysAreThoseThatRequestsMayHave) {
  auto with_tags = [](const std::string& tags) {
    return with_openai("keys: [{ name: web, key: abcd1234efgh, tags: { " + tags + " } }]\n");
  };
  valid(with_tags("feature: search, a.b/c: x"));
  expect_problem(with_tags("'bad name': x"), 2, "keys[0].tags.bad name", "is no name of a tag");
  expect_problem(with_tags("long: " + std::string(257, 'y')), 2, "keys[0].tags.long", "more than 256 bytes");
  std::string many;
  for (int i = 0; i < 13; ++i) many += "t" + std::to_string(i) + ": x, ";
  expect_problem(with_tags(many), 2, "keys[0].tags", "more than 12 tags");
}

}  // namespace
}  // namespace sluice::app
