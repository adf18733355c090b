#include "dialect/gemini/fixture_test.h"
#include "dialect/gemini/gemini.h"
#include "dialect/gemini/write.h"

namespace sluice::dialect::gemini::write_media_test {
namespace {

using chat::Part;
using chat::PartKind;

// The only part of a user's message of another dialect's client.
std::string sent(Part part) {
  chat::Request request;
  request.give(chat::Field::kMessages, "messages");
  request.turns.push_back({.role = chat::Role::kUser, .parts = {std::move(part)}, .name = {}});
  auto out = client().write_chat(request, {.provider = "google", .model = "gemini-3.8-flash", .quirks = {}});
  EXPECT_TRUE(out) << out.error().told;
  return out ? out->body : "";
}

TEST(GeminiMedia, ImagesAreOfTheTypeThatTheirBytesTell) {
  const auto image = [](std::string_view type, std::string_view data) {
    return sent({.kind = PartKind::kImage, .media = {.type = {type}, .data = {data}}});
  };
  EXPECT_TRUE(image("image/png", "/9j/4AAQ").contains(R"({"mimeType":"image/jpeg","data":"/9j/4AAQ"})"));
  EXPECT_TRUE(image("image/jpeg", "iVBORw0KGgoAAA").contains(R"("mimeType":"image/png")"));
  EXPECT_TRUE(image("image/jpg", "AAAA").contains(R"("mimeType":"image/jpeg")"));
  EXPECT_TRUE(image("image/heic", "AAAA").contains(R"("mimeType":"image/heic")"));
  const std::string document =
      sent({.kind = PartKind::kDocument, .media = {.type = {"text/plain"}, .data = {"R0lGOD"}}});
  EXPECT_TRUE(document.contains(R"("mimeType":"text/plain")"));
}

}  // namespace
}  // namespace sluice::dialect::gemini::write_media_test
