#include "dialect/anthropic/closed_schema.h"

#include <gtest/gtest.h>

namespace sluice::dialect::anthropic::closed_schema_test {
namespace {

TEST(AnthropicClosedSchema, ClosesEveryObjectThatSaysNothingAboutIt) {
  EXPECT_EQ(closed_schema(R"({"type":"object","properties":{"a":{"type":"string"}}})"),
            R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false})");
  EXPECT_EQ(closed_schema(R"({"properties":{"a":{"type":["object","null"],"properties":{}}},"required":["a"]})"),
            R"({"properties":{"a":{"type":["object","null"],"properties":{},"additionalProperties":false}},)"
            R"("required":["a"],"additionalProperties":false})");
  EXPECT_EQ(
      closed_schema(R"({"anyOf":[{"type":"object"},{"items":{"type":"object"}}],"$defs":{"d":{"type":"object"}}})"),
      R"({"anyOf":[{"type":"object","additionalProperties":false},{"items":{"type":"object",)"
      R"("additionalProperties":false}}],"$defs":{"d":{"type":"object","additionalProperties":false}}})");
}

TEST(AnthropicClosedSchema, LeavesTheRestAsItIs) {
  for (std::string_view same : {R"({"type":"object","additionalProperties":true})",
                                R"({"type":"string","enum":["object"],"description":"\u00e9"})",
                                R"({"additionalProperties":{"type":"object"},"properties":{}})", "true", "1.50", "[1]",
                                "{", "", R"({"default":{"type":"object"},"const":{"properties":{}}})"})
    EXPECT_EQ(closed_schema(same), same);
}

TEST(AnthropicClosedSchema, PropertiesMayHaveTheNamesOfKeywords) {
  EXPECT_EQ(
      closed_schema(R"({"type":"object","properties":{"type":{"type":"string"},"properties":{"type":"object"}}})"),
      R"({"type":"object","properties":{"type":{"type":"string"},"properties":{"type":"object",)"
      R"("additionalProperties":false}},"additionalProperties":false})");
}

TEST(AnthropicClosedSchema, DepthHasAnEnd) {
  std::string deep;
  for (int i = 0; i < 500; ++i) deep += R"({"items":)";
  deep += R"({"type":"object"})" + std::string(500, '}');
  EXPECT_EQ(closed_schema(deep), deep);
}

}  // namespace
}  // namespace sluice::dialect::anthropic::closed_schema_test
