#include "http/multipart.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::http::multipart_test {
namespace {

constexpr std::string_view kBody =
    "--b1\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
    "--b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n"
    "RIFF\r\n--b\r\n--b11\r\ndata\r\n--b1--\r\n";

std::string told(const Fault& fault) {
  return fault.told;
}

std::string refusal(std::string_view body) {
  auto form = parse_form("b1", body);
  return form ? "" : told(form.error());
}

std::string part(std::string_view headers) {
  return "--b1\r\n" + std::string(headers) + "\r\n\r\nx\r\n--b1--";
}

TEST(FormBoundary, ReadsTokensAndQuotedStrings) {
  EXPECT_EQ(*form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(*form_boundary("multipart/form-data; charset=utf-8; Boundary=\"a b:c\" ; x=y"), "a b:c");
  EXPECT_EQ(*form_boundary("multipart/form-data;boundary=----formdata-undici-012345678901;"),
            "----formdata-undici-012345678901");
}

TEST(FormBoundary, RefusesMissingDoubledAndStrangeOnes) {
  for (std::string_view type :
       {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary", "multipart/form-data; boundary=a\x01", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=\"a\"b",
        "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x"}) {
    auto boundary = form_boundary(type);
    ASSERT_FALSE(boundary) << type;
    EXPECT_EQ(boundary.error().kind, FaultKind::kInvalidRequest);
    EXPECT_EQ(boundary.error().param, "content-type");
  }
}

TEST(ParseForm, FindsPartsAndIgnoresBoundariesThatOnlyBeginLikeOurs) {
  auto form = parse_form("b1", kBody);
  ASSERT_TRUE(form) << told(form.error());
  ASSERT_EQ(form->parts.size(), 2u);
  EXPECT_EQ(form->begin, 0u);
  EXPECT_EQ(form->parts[0].name, "model");
  EXPECT_FALSE(form->parts[0].is_file);
  EXPECT_EQ(kBody.substr(form->parts[0].begin, form->parts[0].end - form->parts[0].begin), "whisper-1");
  EXPECT_EQ(form->parts[1].name, "file");
  EXPECT_TRUE(form->parts[1].is_file);
  EXPECT_EQ(kBody.substr(form->parts[1].begin, form->parts[1].end - form->parts[1].begin),
            "RIFF\r\n--b\r\n--b11\r\ndata");
}

TEST(ParseForm, ReadsAPreambleBlanksAfterTheBoundaryAndEmptyValues) {
  const std::string body = "hello\r\n--b1 \t\r\ncontent-disposition:form-data;name=a\r\n\r\n\r\n--b1--trailer";
  auto form = parse_form("b1", body);
  ASSERT_TRUE(form) << told(form.error());
  EXPECT_EQ(form->begin, 7u);
  ASSERT_EQ(form->parts.size(), 1u);
  EXPECT_EQ(form->parts[0].name, "a");
  EXPECT_EQ(form->parts[0].begin, form->parts[0].end);
}

TEST(ParseForm, AcceptsAFormWithoutParts) {
  auto form = parse_form("b1", "--b1--\r\n");
  ASSERT_TRUE(form);
  EXPECT_TRUE(form->parts.empty());
}

TEST(ParseForm, UnescapesNames) {
  auto name = [](std::string_view headers) { return parse_form("b1", part(headers))->parts[0].name; };
  EXPECT_EQ(name("Content-Disposition: form-data; name=\"a\\\"b\\\\c\""), "a\"b\\c");
  EXPECT_EQ(name("Content-Disposition: form-data; name=\"a%22b%0D%0A%41\""), "a\"b\r\n%41");
}

TEST(ParseForm, RefusesEveryCutOfABody) {
  for (std::size_t size = 0; size < kBody.size() - 2; ++size) {
    EXPECT_NE(refusal(kBody.substr(0, size)), "") << size;
  }
}

TEST(ParseForm, RefusesPartsThatAreNotWrittenAsTheyMust) {
  EXPECT_EQ(refusal(part("X: y")), "A part of the form has no Content-Disposition.");
  EXPECT_EQ(refusal(part("Content-Disposition: form-data")), "A part of the form has no name.");
  EXPECT_EQ(refusal(part("Content-Disposition: attachment; name=a")),
            "A part of the form has a Content-Disposition that is not form-data.");
  EXPECT_EQ(refusal(part("Content-Disposition: form-data; name=a; name=b")), "A part of the form has two names.");
  EXPECT_EQ(refusal(part("Content-Disposition: form-data; name=\"a")),
            "A part of the form has a broken Content-Disposition.");
  EXPECT_EQ(refusal(part("Content-Disposition form-data")), "A part of the form has a header without a colon.");
  EXPECT_EQ(refusal("--b1\r\nno headers here\r\n--b1--"), "A part of the form has no empty line after its headers.");
  EXPECT_EQ(refusal("--b1\r\n--b1--"), "A part of the form has no headers.");
  EXPECT_EQ(refusal("--b2--"), "The boundary that the Content-Type names is not in the form.");
  EXPECT_EQ(refusal(part("Content-Disposition: form-data; name=a\r\nX: " + std::string(kMaxPartHeaderBytes, 'x'))),
            "The headers of a part of the form are too large.");
}

TEST(ParseForm, RefusesTooManyParts) {
  std::string body;
  for (std::size_t i = 0; i <= kMaxFormParts; ++i) {
    body += "--b1\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  }
  EXPECT_EQ(refusal(body + "--b1--"), "The form has too many parts.");
}

}  // namespace
}  // namespace sluice::http::multipart_test
