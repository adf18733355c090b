#include "dialect/responses/annotation.h"

#include <gtest/gtest.h>

#include "json/reader.h"

namespace sluice::dialect::responses {
namespace {

std::string written(const chat::Citation& citation) {
  json::Reader reader;
  return annotation_of(citation, {.from = 1, .to = 9}, reader);
}

TEST(Annotation, OfThisApiStaysAsItIs) {
  const std::string own = R"({"type":"url_citation","start_index":7,"end_index":24,"url":"https://a","title":"A"})";
  EXPECT_EQ(written({.url = {"https://a"}, .title = {"A"}, .quote = {}, .raw = own}), own);
}

TEST(Annotation, OfChatsHasItsMembersOneLevelHigher) {
  const std::string_view chats =
      R"({"type":"url_citation","url_citation":{"start_index":7,"end_index":24,"url":"https://a","title":"A"}})";
  EXPECT_EQ(written({.url = {"https://a"}, .title = {"A"}, .quote = {}, .raw = chats}),
            R"({"type":"url_citation","start_index":7,"end_index":24,"url":"https://a","title":"A"})");
}

TEST(Annotation, OfOthersIsMade) {
  EXPECT_EQ(written({.url = {"https://a"}, .title = {"A"}, .quote = {}, .raw = R"({"type":"web_search_result"})"}),
            R"({"type":"url_citation","start_index":1,"end_index":9,"url":"https://a","title":"A"})");
}

}  // namespace
}  // namespace sluice::dialect::responses
