// Requests as readers of other dialects make them, and what is sent of them.
//
// Thread rule: one thread. Lifetime: a Sent owns its texts.
#pragma once

#include <gtest/gtest.h>

#include "dialect/anthropic/fixture_test.h"

namespace sluice::dialect::anthropic::testing {

using chat::CacheMark;
using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::Turn;

// A request as a reader of another dialect makes it.
inline chat::Request asked(std::vector<Turn> turns) {
  chat::Request request;
  request.turns = std::move(turns);
  request.give(Field::kMessages, "messages");
  return request;
}
inline Part text(std::string_view raw, CacheMark cache = CacheMark::kNone) {
  return {.kind = PartKind::kText, .text = {raw}, .cache = cache};
}
inline Turn turn(Role role, std::vector<Part> parts) {
  return {.role = role, .parts = std::move(parts), .name = {}};
}
inline Turn user(std::string_view raw) {
  return turn(Role::kUser, {text(raw)});
}
inline Part call(std::string_view id, std::string_view name = "f") {
  return {.kind = PartKind::kCall, .id = {id}, .name = {name}, .arguments = R"({"n":12345678901234567890})"};
}
inline Part result(std::string_view id, std::vector<Part> content) {
  return {.kind = PartKind::kResult, .id = {id}, .content = std::move(content)};
}
inline chat::Tool tool(std::string_view name, std::string_view schema = {}) {
  return {.name = {name}, .description = {}, .schema = schema};
}

inline constexpr std::string_view kToday = "claude-sonnet-5";
inline constexpr std::string_view kMiddle = "claude-haiku-4-5-20251001";

// What went out, parsed.
struct Sent {
  explicit Sent(chat::Request request, std::string_view model = kToday, Target target = {},
                Host host = Host::kAnthropic) {
    target.provider = "anthropic";
    target.model = model;
    result = client_of(host).write_chat(request, target);
    if (!result) return;
    EXPECT_EQ(parser.parse(result->body).get(body), simdjson::SUCCESS) << result->body;
  }
  std::string at(const char* pointer) {
    dom::element found;
    return !result || body.at_pointer(pointer).get(found) ? "" : sorted(found);
  }
  bool has(const char* pointer) { return !at(pointer).empty(); }
  std::vector<std::string> lost() const {
    std::vector<std::string> paths;
    for (const auto& left : result->lost) paths.push_back(left.path);
    return paths;
  }
  std::string refused() const { return result ? "" : result.error().param; }

  Result<Outgoing> result;
  dom::parser parser;
  dom::element body;
};

using Names = std::vector<std::string>;

}  // namespace sluice::dialect::anthropic::testing
