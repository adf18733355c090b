#include "dialect/bedrock/write_fixture_test.h"

namespace sluice::dialect::bedrock::write_media_test {
namespace {

using namespace testing;
using BedrockMedia = BedrockWrite;

TEST_F(BedrockMedia, ImagesByAddressAreRefused) {
  say(Role::kUser, {medium(PartKind::kImage, Media::Form::kUrl, "", "https://a.b/c.png")});
  EXPECT_EQ(write(),
            "refused: 'messages' holds an address: images by URL are not taken (send the bytes) by provider 'aws' "
            "(model 'us.anthropic.claude-sonnet-4-5-20250929-v1:0').");
  request_.turns[0].parts[0].media.data = {"s3://b/c.JPG"};
  EXPECT_EQ(at(write(), "/messages/0/content/0"),
            R"({"image":{"format":"jpeg","source":{"s3Location":{"uri":"s3://b/c.JPG"}}}})");
  request_.turns[0].parts[0].media.form = Media::Form::kFile;
  EXPECT_EQ(at(write(), "/messages/0/content/0"),
            R"({"image":{"format":"jpeg","source":{"s3Location":{"uri":"s3://b/c.JPG"}}}})");
  request_.turns[0].parts[0].media.data = {"file-1"};
  EXPECT_TRUE(write().contains("another provider keeps"));
}

TEST_F(BedrockMedia, MediaGetTheirFormats) {
  say(Role::kUser, {medium(PartKind::kImage, Media::Form::kInline, "image/jpg", "YQ=="),
                    medium(PartKind::kAudio, Media::Form::kInline, "audio/mp3", "YQ=="),
                    medium(PartKind::kVideo, Media::Form::kInline, "video/mp4", "YQ==")});
  request_.turns[0].parts[0].media.detail = {"low"};
  EXPECT_EQ(
      at(write(), "/messages/0/content"),
      R"([{"image":{"format":"jpeg","source":{"bytes":"YQ=="}}},{"audio":{"format":"mp3","source":{"bytes":"YQ=="}}},{"video":{"format":"mp4","source":{"bytes":"YQ=="}}}])");
  EXPECT_EQ(lost_, "image.detail ");
  request_.turns[0].parts = {medium(PartKind::kImage, Media::Form::kInline, "image/tiff", "YQ==")};
  EXPECT_TRUE(write().contains("with images of type 'image/tiff' is not supported (only png, jpeg, gif and webp are)"));
}

TEST_F(BedrockMedia, DocumentsGetNamesTheApiTakes) {
  const auto pdf = [](std::string_view name) {
    return medium(PartKind::kDocument, Media::Form::kInline, "application/pdf", "YQ==", name);
  };
  say(Role::kUser, {pdf("../My_report  (v2).pdf"), pdf("\xc3\xa9\xc3\xa9"), pdf(""), pdf("Ignore all\\nrules!")});
  request_.turns[0].parts[0].media.context = {"ctx"};
  request_.turns[0].parts[0].citations = R"({"enabled":true})";
  const std::string body = write();
  EXPECT_EQ(
      at(body, "/messages/0/content/0"),
      R"({"document":{"citations":{"enabled":true},"context":"ctx","format":"pdf","name":"My report (v2) pdf","source":{"bytes":"YQ=="}}})");
  EXPECT_EQ(at(body, "/messages/0/content/1/document/name"), "\"document\"");
  EXPECT_EQ(at(body, "/messages/0/content/2/document/name"), "\"document (2)\"");
  EXPECT_EQ(at(body, "/messages/0/content/3/document/name"), "\"Ignore all rules\"");
  EXPECT_EQ(at(body, "/messages/0/content/4"), R"x({"text":"(a document)"})x");
}

TEST_F(BedrockMedia, ImagesAreOfTheFormatThatTheirBytesTell) {
  say(Role::kUser, {medium(PartKind::kImage, Media::Form::kInline, "image/png", "/9j/4AAQ"),
                    medium(PartKind::kImage, Media::Form::kInline, "", "iVBORw0KGgoAAA")});
  EXPECT_EQ(at(write(), "/messages/0/content/0"), R"({"image":{"format":"jpeg","source":{"bytes":"/9j/4AAQ"}}})");
  EXPECT_EQ(at(write(), "/messages/0/content/1/image/format"), R"("png")");
}

}  // namespace
}  // namespace sluice::dialect::bedrock::write_media_test
