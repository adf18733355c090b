#include "dialect/openai/compose_content.h"

#include <gtest/gtest.h>

#include "dialect/openai/chat_reader.h"
#include "dialect/openai/fixture_test.h"
#include "dialect/openai/openai.h"

namespace sluice::dialect::openai {
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

}  // namespace
}  // namespace sluice::dialect::openai
