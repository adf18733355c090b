#include "dialect/text_document.h"

#include <gtest/gtest.h>

namespace sluice::dialect::text_document_test {
namespace {

using chat::Media;
using chat::PartKind;

Media file(std::string_view type, std::string_view data) {
  return {.type = {type}, .data = {data}};
}

TEST(TextDocument, IsToldByItsType) {
  EXPECT_EQ(decoded_text(file("text/csv", "YSwiYiI=")), R"(a,\"b\")");
  EXPECT_EQ(decoded_text(file("Text/Plain; charset=utf-8", "SGk=")), "Hi");
  EXPECT_EQ(decoded_text(file("application/json", "e30=")), "{}");
  EXPECT_EQ(decoded_text(file("application/pdf", "SGk=")), std::nullopt);
  EXPECT_EQ(decoded_text(file("", "SGk=")), std::nullopt);
  EXPECT_EQ(decoded_text(file("text/plain", "?")), std::nullopt);
  EXPECT_EQ(decoded_text({.form = Media::Form::kUrl, .type = {"text/plain"}, .data = {"SGk="}}), std::nullopt);
}

TEST(TextDocument, APdfIsToldByItsTypeOrItsBytes) {
  EXPECT_TRUE(is_pdf(file("application/PDF", "")));
  EXPECT_TRUE(is_pdf(file("", "JVBERi0x")));
  EXPECT_TRUE(is_pdf(file("application/octet-stream", "JVBERi0x")));
  EXPECT_FALSE(is_pdf(file("", "SGk=")));
  EXPECT_FALSE(is_pdf(file("text/plain", "JVBERi0x")));
}

TEST(TextDocument, IsDecodedInMessagesAndInResults) {
  chat::Request request;
  request.turns.resize(1);
  request.turns[0].parts = {
      {.kind = PartKind::kDocument, .media = file("text/plain", "SGk=")},
      {.kind = PartKind::kImage, .media = file("text/plain", "SGk=")},
      {.kind = PartKind::kResult, .content = {{.kind = PartKind::kDocument, .media = file("text/plain", "SG8=")}}}};
  decode_texts(request);
  const auto& parts = request.turns[0].parts;
  EXPECT_EQ(parts[0].media.form, Media::Form::kText);
  EXPECT_EQ(parts[0].media.data.raw, "Hi");
  EXPECT_EQ(parts[1].media.form, Media::Form::kInline);
  EXPECT_EQ(parts[2].content[0].media.data.raw, "Ho");
}

}  // namespace
}  // namespace sluice::dialect::text_document_test
