#include "dialect/responses/compose_content.h"

#include <gtest/gtest.h>

#include "dialect/responses/endpoint.h"
#include "dialect/responses/fixture_test.h"
#include "dialect/responses/responses.h"

namespace sluice::dialect::responses::compose_content_test {
namespace {

using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::Role;

constexpr Target kTarget{.provider = "p", .model = "m"};

Part pdf(std::string_view name) {
  const Media media{.type = {"application/pdf"}, .data = {"JVBERi0x"}, .name = {name}, .detail = {}, .context = {}};
  return {.kind = PartKind::kDocument, .media = media};
}

// The only part of a user's message of another dialect's client.
Outgoing sent(Part part) {
  chat::Request request;
  request.give(chat::Field::kMessages, "messages");
  request.turns.push_back({.role = Role::kUser, .parts = {std::move(part)}, .name = {}});
  auto out = client().write_chat(request, kTarget);
  EXPECT_TRUE(out) << out.error().told;
  return out ? std::move(*out) : Outgoing{};
}

TEST(ResponsesContent, FilesHaveTheEndingOfTheirType) {
  const auto named = [](const Part& part) { return testing::at(sent(part).body, "/input/0/content/0/filename"); };
  EXPECT_EQ(named(pdf("Q3 report")), R"("Q3 report.pdf")");
  EXPECT_EQ(named(pdf("Q3.PDF")), R"("Q3.PDF")");
  Part table = pdf("Q3.5");
  table.media.type = {"text/csv"};
  EXPECT_EQ(named(table), R"("Q3.5.csv")");
}

TEST(ResponsesContent, FilesOfItsOwnClientsKeepTheirNames) {
  json::Reader reader;
  const std::string body = testing::padded(
      R"({"model":"m","input":[{"role":"user","content":[{"type":"input_file","filename":"Q3","file_data":"data:application/pdf;base64,JVBERi0x"}]}]})");
  auto request = server().read_chat(facts(Kind::kResponses), body, reader);
  ASSERT_TRUE(request) << request.error().told;
  auto out = client().write_chat(*request, kTarget);
  ASSERT_TRUE(out) << out.error().told;
  EXPECT_EQ(testing::at(out->body, "/input/0/content/0/filename"), R"("Q3")");
}

TEST(ResponsesContent, TellsThatNoDocumentIsCited) {
  const auto lost = [](const Part& part) {
    std::string paths;
    for (const auto& one : sent(part).lost) paths += one.path + ";";
    return paths;
  };
  Part cited = pdf("Q3.pdf");
  cited.citations = R"({"enabled":false})";
  EXPECT_EQ(lost(cited), "");
  cited.citations = R"({"enabled":true})";
  EXPECT_EQ(lost(cited), "document.citations;");
  cited.media.form = Media::Form::kText;
  EXPECT_EQ(lost(cited), "document.citations;");
  Part result{.kind = PartKind::kResult, .id = {"1"}, .content = {cited}};
  EXPECT_EQ(lost(result), "document.citations;");
}

}  // namespace
}  // namespace sluice::dialect::responses::compose_content_test
