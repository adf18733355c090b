// Requests as readers of other dialects make them, and what is sent of them.
//
// Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include "dialect/bedrock/fixture_test.h"
#include "dialect/bedrock/write.h"
#include "dialect/parts_test.h"

namespace sluice::dialect::bedrock::testing {

using chat::CacheMark;
using chat::Effort;
using chat::Field;
using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;
using fixtures::call;
using fixtures::medium;
using fixtures::reasoning;
using fixtures::result;
using fixtures::text;
using Mode = chat::ToolChoice::Mode;

inline constexpr std::string_view kOld = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
inline constexpr std::string_view kNew = "us.anthropic.claude-opus-4-8";

// A request of a Chat client.
class BedrockWrite : public ::testing::Test {
 protected:
  BedrockWrite() { request_.give(Field::kMessages, "messages"); }

  void say(Role role, std::vector<Part> parts) { request_.turns.push_back(fixtures::turn(role, std::move(parts))); }
  void tool(std::string_view name, std::string_view schema = {}) {
    request_.tools.push_back({.name = {name}, .schema = schema});
    request_.give(Field::kTools, "tools");
  }
  void choose(Mode mode, std::vector<chat::Escaped> names = {}) {
    request_.tool_choice = {.mode = mode, .names = std::move(names)};
    request_.give(Field::kToolChoice, "tool_choice");
  }
  void reason(Effort effort) {
    request_.reasoning.effort = effort;
    request_.give(Field::kReasoning, "reasoning_effort");
  }

  std::string write(std::string_view model = kOld) {
    lost_.clear();
    auto written = write_chat(request_, {.provider = "aws", .model = model});
    if (!written) return "refused: " + written.error().told;
    for (const auto& lost : written->lost) lost_ += lost.path + " ";
    renamed_ = written->renamed;
    return written->body;
  }

  chat::Request request_;
  std::string lost_;
  chat::Renamed renamed_;
};

}  // namespace sluice::dialect::bedrock::testing
