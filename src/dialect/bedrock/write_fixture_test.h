// Requests as readers of other dialects make them, and what is sent of them.
//
// Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include "dialect/bedrock/fixture_test.h"
#include "dialect/bedrock/write.h"

namespace sluice::dialect::bedrock::testing {

using chat::CacheMark;
using chat::Effort;
using chat::Field;
using chat::Media;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;
using Mode = chat::ToolChoice::Mode;

inline constexpr std::string_view kOld = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
inline constexpr std::string_view kNew = "us.anthropic.claude-opus-4-8";

inline Part text(std::string_view said) {
  Part part;
  part.text = {said};
  return part;
}
inline Part call(std::string_view id, std::string_view name, std::string_view arguments = "{}") {
  Part part;
  part.kind = PartKind::kCall;
  part.id = {id};
  part.name = {name};
  part.arguments = arguments;
  return part;
}
inline Part result(std::string_view id, std::string_view said) {
  Part part;
  part.kind = PartKind::kResult;
  part.id = {id};
  part.content = {text(said)};
  return part;
}
inline Part medium(PartKind kind, Media::Form form, std::string_view type, std::string_view data,
                   std::string_view name = {}) {
  Part part;
  part.kind = kind;
  part.media = {.form = form, .type = {type}, .data = {data}, .name = {name}};
  return part;
}
inline Part reasoning(State::Kind kind, std::string_view said, std::string_view data) {
  Part part;
  part.kind = PartKind::kReasoning;
  part.text = {said};
  part.state = {.kind = kind, .data = {data}};
  return part;
}

// A request of a Chat client.
class BedrockWrite : public ::testing::Test {
 protected:
  BedrockWrite() { request_.give(Field::kMessages, "messages"); }

  void say(Role role, std::vector<Part> parts) {
    chat::Turn turn;
    turn.role = role;
    turn.parts = std::move(parts);
    request_.turns.push_back(std::move(turn));
  }
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
