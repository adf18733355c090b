#include "dialect/openai/compose_content.h"

#include <gtest/gtest.h>

#include "dialect/openai/chat_reader.h"
#include "dialect/openai/fixture_test.h"
#include "dialect/openai/openai.h"

namespace sluice::dialect::openai::compose_content_test {
namespace {

using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::Role;

Part document(Media media) {
  return {.kind = PartKind::kDocument, .media = media};
}
Part pdf(std::string_view name) {
  return document({.type = {"application/pdf"}, .data = {"JVBERi0x"}, .name = {name}, .detail = {}, .context = {}});
}
Part file(std::string_view type, std::string_view data, std::string_view name = {}) {
  return document({.type = {type}, .data = {data}, .name = {name}, .detail = {}, .context = {}});
}

// What is sent of a user's message that another dialect's client wrote.
class OpenAiContent : public ::testing::Test {
 protected:
  void say(Role role, std::vector<Part> parts) {
    request_.turns.push_back({.role = role, .parts = std::move(parts), .name = {}});
  }
  // At a JSON pointer of what is written; why nothing is.
  std::string sent(std::string_view pointer) {
    lost_.clear();
    auto out = compose(request_, target_);
    if (!out) return out.error().told;
    for (const auto& lost : out->lost) lost_ += lost.path + ";";
    return testing::at(out->body, pointer);
  }
  std::string sent(Part part) {
    request_ = {};
    say(Role::kUser, {std::move(part)});
    return sent("/messages/0/content/0");
  }
  // The same of a client of this dialect.
  std::string sent_own(std::string body, std::string_view pointer) {
    body = testing::padded(std::move(body));
    json::Reader reader;
    auto request = read_chat(body, reader);
    if (!request) return request.error().told;
    request_ = std::move(*request);
    return sent(pointer);
  }

  chat::Request request_;
  Target target_{.provider = "p", .model = "m"};
  std::string lost_;
};

TEST_F(OpenAiContent, FilesHaveTheEndingOfTheirType) {
  const std::string begin = R"({"file":{"file_data":"data:application/pdf;base64,JVBERi0x","filename":")";
  const std::string end = R"("},"type":"file"})";
  EXPECT_EQ(sent(pdf("Q3 report")), begin + "Q3 report.pdf" + end);
  EXPECT_EQ(sent(pdf("Q3.pdf")), begin + "Q3.pdf" + end);
  EXPECT_EQ(sent(pdf("")), begin + "document.pdf" + end);
  const std::string own =
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0x","filename":"Q3"}}]}]})";
  EXPECT_EQ(sent_own(own, "/messages/0/content/0/file/filename"), R"("Q3")");
}

TEST_F(OpenAiContent, FilesThatAreTextsAreWrittenAsTexts) {
  EXPECT_EQ(sent(file("text/csv", "YSwiYiI=", "Q3")), R"({"text":"Q3\n\na,\"b\"","type":"text"})");
  EXPECT_EQ(lost_, "document;");
  for (const auto* type : {"text/plain", "Text/Markdown; charset=utf-8", "text/html", "application/json"}) {
    EXPECT_EQ(sent(file(type, "SGk=")), R"({"text":"Hi","type":"text"})") << type;
  }
  EXPECT_EQ(sent(file("text/plain", "SGk=", "document.pdf")), R"({"text":"document.pdf\n\nHi","type":"text"})");
}

TEST_F(OpenAiContent, WhatIsNoPdfAndNoTextIsRefused) {
  const std::string why = "' has a document that is no PDF and no text, which is not supported by provider 'p'";
  EXPECT_TRUE(
      sent(file("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "UEs=")).contains(why));
  EXPECT_TRUE(sent(file("application/msword", "0M8=")).contains(why));
  EXPECT_TRUE(sent(file("text/plain", "?")).contains(why));
  EXPECT_EQ(sent(file("application/octet-stream", "JVBERi0x")),
            R"({"file":{"file_data":"data:application/pdf;base64,JVBERi0x","filename":"document.pdf"},"type":"file"})");
}

TEST_F(OpenAiContent, TextsThatToolsGiveAreInTheirMessages) {
  say(Role::kAssistant, {{.kind = PartKind::kCall, .id = {"1"}, .name = {"f"}, .arguments = "{}"}});
  say(Role::kTool, {{.kind = PartKind::kResult, .id = {"1"}, .content = {file("text/csv", "YSxi", "table")}}});
  EXPECT_EQ(sent("/messages/1/content"), R"([{"text":"table\n\na,b","type":"text"}])");
  EXPECT_EQ(sent("/messages/2"), "");
}

TEST_F(OpenAiContent, FilesOfItsOwnClientsStayAsTheyAre) {
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"data:text/csv;base64,YSxi","filename":"a.csv"}}]}]})";
  EXPECT_EQ(sent_own(body, "/messages/0/content/0/file"),
            R"({"file_data":"data:text/csv;base64,YSxi","filename":"a.csv"})");
}

TEST_F(OpenAiContent, MistralHasAPartOfItsOwnForPdfs) {
  target_.quirks = {.unknown_fields = false};
  EXPECT_EQ(sent(pdf("")), R"({"document_url":"data:application/pdf;base64,JVBERi0x","type":"document_url"})");
  EXPECT_EQ(sent(pdf("Q3")),
            R"({"document_name":"Q3","document_url":"data:application/pdf;base64,JVBERi0x","type":"document_url"})");
  EXPECT_EQ(sent(document({.form = Media::Form::kUrl, .data = {"https://a/b.pdf"}})),
            R"({"document_url":"https://a/b.pdf","type":"document_url"})");
  EXPECT_TRUE(sent(document({.form = Media::Form::kFile, .data = {"file-1"}})).contains("that its provider keeps"));
  EXPECT_TRUE(sent(file("application/msword", "0M8=")).contains("is no PDF and no text"));
  const Part by_address = document({.form = Media::Form::kUrl, .data = {"https://a/b.pdf"}});
  EXPECT_TRUE(client().takes_url(by_address, target_));
  EXPECT_FALSE(client().takes_url(by_address, {.provider = "p", .model = "m"}));
}

TEST_F(OpenAiContent, TellsThatNoDocumentIsCited) {
  Part cited = pdf("Q3.pdf");
  cited.citations = R"({"enabled":false})";
  sent(cited);
  EXPECT_EQ(lost_, "");
  cited.citations = R"({ "enabled" : true })";
  sent(cited);
  EXPECT_EQ(lost_, "document.citations;");
  cited.media = {.form = Media::Form::kText, .data = {"Hi"}};
  sent(cited);
  EXPECT_EQ(lost_, "document.citations;document;");
}

}  // namespace
}  // namespace sluice::dialect::openai::compose_content_test
