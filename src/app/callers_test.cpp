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
                                                                  {"sk-0123456789abcdef0123456789", "sk-012…"},
                                                                  {"schlüssel-mit-umlauten-1", "…"}}) {
    const auto config = valid(with_openai("keys: [{ name: web, key: '" + key + "' }]\n"));
    EXPECT_EQ(callers_of(config, Secret("master-key-1234")).keys.front().row.prefix, shown) << key;
  }
}

}  // namespace
}  // namespace sluice::app
