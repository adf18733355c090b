#include "stage/dispatch/media.h"

#include <algorithm>

#include "dialect/bedrock/bedrock.h"
#include "exchange/scene_test.h"

namespace sluice::stage::media_test {
namespace {

using chat::Media;
using chat::Part;
using chat::PartKind;

Part medium(PartKind kind, std::string_view url, std::string_view place = {}) {
  return {.kind = kind, .media = {.form = Media::Form::kUrl, .data = {url}, .place = place}};
}

class MediaTest : public ::testing::Test {
 protected:
  std::vector<Linked> linked() {
    return linked_media(request_, dialect::bedrock::client(), {.provider = "aws", .model = "m"});
  }
  void say(std::vector<Part> parts) { request_.turns.push_back({.parts = std::move(parts)}); }

  Scene scene_;
  provider::Target target_;
  Try try_{target_, scene_.x.cancel};
  chat::Request request_;
};

TEST_F(MediaTest, FindsWhatTheProviderDoesNotTakeByItsUrl) {
  Part result{.kind = PartKind::kResult};
  result.content = {medium(PartKind::kImage, "https:\\/\\/a.test\\/1")};
  say({medium(PartKind::kImage, "http://a.test/2"),
       medium(PartKind::kDocument, "HTTPS://a.test/3"),
       result,
       medium(PartKind::kImage, "s3://b/c.png"),
       medium(PartKind::kImage, "ftp://a.test/4"),
       medium(PartKind::kVideo, "https://a.test/5"),
       {.kind = PartKind::kImage, .media = {.data = {"AAAA"}}}});
  std::vector<std::string> urls;
  for (const auto& one : linked()) urls.push_back(one.url);
  EXPECT_EQ(urls, (std::vector<std::string>{"http://a.test/2", "HTTPS://a.test/3", "https://a.test/1"}));
  EXPECT_TRUE(linked_media(request_, dialect::openai::client(), {.provider = "o", .model = "m"}).size() == 1);
}

TEST_F(MediaTest, PutsBytesInThePlaceOfUrls) {
  say({medium(PartKind::kImage, "http://a.test/1"), medium(PartKind::kDocument, "http://a.test/2"),
       medium(PartKind::kDocument, "http://a.test/1")});
  scene_.x.fetched["http://a.test/1"] = {"image/png", "AAAA"};
  scene_.x.fetched["http://a.test/2"] = {"application/pdf", "BBBBBBBB"};
  auto found = linked();
  EXPECT_EQ(size_of(scene_.x, found), 16U);
  ASSERT_TRUE(put_in(scene_.x, found));
  const auto& parts = request_.turns[0].parts;
  EXPECT_EQ(parts[0].media.form, Media::Form::kInline);
  EXPECT_EQ(parts[0].media.type.raw, "image/png");
  EXPECT_EQ(parts[0].media.data.raw, "AAAA");
  EXPECT_EQ(parts[1].kind, PartKind::kDocument);
  EXPECT_EQ(parts[1].media.type.raw, "application/pdf");
  EXPECT_EQ(parts[2].kind, PartKind::kImage);
  EXPECT_TRUE(linked().empty());
}

TEST_F(MediaTest, APdfIsNoImage) {
  say({medium(PartKind::kImage, "http://a.test/1", "messages[0].content[0]")});
  scene_.x.fetched["http://a.test/1"] = {"application/pdf", "AAAA"};
  auto put = put_in(scene_.x, linked());
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().told, "'messages[0].content[0]' has an address where a PDF is and no image.");
  EXPECT_EQ(put.error().param, "messages[0].content[0]");
  EXPECT_EQ(put.error().code, "invalid_image_url");
}

TEST_F(MediaTest, AFailureNamesThePartAndHidesItsReason) {
  net::FetchRules rules;
  say({medium(PartKind::kDocument, "http://127.0.0.1/a.pdf", "input[1].content[2]")});
  auto found = linked();
  auto fetched = scene_.run(fetch_media(scene_.x, try_, rules, found));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, FaultKind::kInvalidRequest);
  EXPECT_EQ(
      fetched.error().told,
      "'input[1].content[2]' has an address that cannot be reached: its host is not known, does not answer, or is "
      "not public.");
  EXPECT_EQ(fetched.error().detail, "Cannot connect to 127.0.0.1:80: its address is not public.");
  EXPECT_EQ(fetched.error().param, "input[1].content[2]");
  EXPECT_EQ(fetched.error().code, "invalid_file_url");
}

TEST_F(MediaTest, WhatTheExchangeHasIsNotFetchedAgain) {
  say({medium(PartKind::kImage, "http://127.0.0.1/a")});
  scene_.x.fetched["http://127.0.0.1/a"] = {"image/png", "AAAA"};
  net::FetchRules rules;
  auto found = linked();
  EXPECT_TRUE(scene_.run(fetch_media(scene_.x, try_, rules, found)));
}

TEST_F(MediaTest, UrlsHaveALimit) {
  std::vector<std::string> urls;
  for (int i = 0; i < 65; ++i) urls.push_back("http://127.0.0.1/" + std::to_string(i));
  std::vector<Part> parts;
  for (const auto& url : urls) parts.push_back(medium(PartKind::kImage, url, "p"));
  say(parts);
  net::FetchRules rules;
  auto found = linked();
  auto fetched = scene_.run(fetch_media(scene_.x, try_, rules, found));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().told, "'p' is more than may be fetched for a request, 64 URLs.");
}

TEST_F(MediaTest, AClientThatLeftEndsIt) {
  say({medium(PartKind::kImage, "http://192.0.2.1/a")});
  net::FetchRules rules;
  auto found = linked();
  scene_.x.cancel.cancel(Fault{.kind = FaultKind::kClientGone});
  auto fetched = scene_.run(fetch_media(scene_.x, try_, rules, found));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, FaultKind::kClientGone);
}

}  // namespace
}  // namespace sluice::stage::media_test
