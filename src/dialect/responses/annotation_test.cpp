#include "dialect/responses/annotation.h"

#include <gtest/gtest.h>

#include "json/reader.h"

namespace sluice::dialect::responses::annotation_test {
namespace {

std::string written(const chat::Citation& citation) {
  json::Reader reader;
  return annotation_of(citation, {.begin = 1, .end = 9}, reader);
}

TEST(Annotation, OfAnAddressIsMadeWithTheTextItIsOf) {
  EXPECT_EQ(written({.url = {"https://a"}, .title = {"A"}, .quote = {}, .raw = R"({"type":"web_search_result"})"}),
            R"({"type":"url_citation","start_index":1,"end_index":9,"url":"https://a","title":"A"})");
}

TEST(Annotation, OfAFileStaysAsItIs) {
  const std::string own = R"({"type":"file_citation","file_id":"f","filename":"a.pdf","index":4})";
  EXPECT_EQ(written({.url = {}, .title = {"a.pdf"}, .quote = {}, .raw = own}), own);
}

}  // namespace
}  // namespace sluice::dialect::responses::annotation_test
