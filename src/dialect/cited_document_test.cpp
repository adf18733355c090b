#include "dialect/cited_document.h"

#include <gtest/gtest.h>

namespace sluice::dialect::cited_document_test {
namespace {

using chat::PartKind;

TEST(CitedDocument, IsOneThatIsToBeCited) {
  const auto wants = [](std::string_view citations, PartKind kind = PartKind::kDocument) {
    return wants_citations({.kind = kind, .citations = citations});
  };
  EXPECT_TRUE(wants(R"({ "enabled" : true })"));
  EXPECT_FALSE(wants(R"({"enabled":false})"));
  EXPECT_FALSE(wants("{}"));
  EXPECT_FALSE(wants("null"));
  EXPECT_FALSE(wants(""));
  EXPECT_FALSE(wants(R"({"enabled":true})", PartKind::kText));
}

}  // namespace
}  // namespace sluice::dialect::cited_document_test
