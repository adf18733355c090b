// Requests of chat/completions and of other dialects, and what is sent of them.
//
// Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include "chat/seal.h"
#include "dialect/openai/chat_reader.h"
#include "dialect/openai/compose.h"
#include "dialect/openai/fixture_test.h"

namespace sluice::dialect::openai {

using chat::Field;
using chat::Part;
using chat::PartKind;
using chat::Role;
using chat::State;

class OpenAiCompose : public ::testing::Test {
 protected:
  Outgoing composed(std::string body) {
    body_ = std::move(body);
    json::pad(body_);
    auto request = read_chat(body_, reader_);
    EXPECT_TRUE(request) << (request ? "" : request.error().told);
    if (!request) return {};
    request_ = std::move(*request);
    chat::unseal(request_, "p", chat::StateOf::kClientDialect);
    return composed();
  }
  // What is in request_, as from another dialect.
  Outgoing composed() {
    auto out = compose(request_, target_);
    EXPECT_TRUE(out) << (out ? "" : out.error().told);
    return out ? std::move(*out) : Outgoing{};
  }
  std::string body() { return composed().body; }
  std::string refusal() {
    auto out = compose(request_, target_);
    return out ? "none" : out.error().param + ": " + out.error().told;
  }
  static std::string lost(const Outgoing& out) {
    std::string paths;
    for (const auto& lost : out.lost) {
      if (lost.unplaced == chat::Unplaced::kDropped) paths += lost.path + ";";
    }
    return paths;
  }
  Part& add(Role role, PartKind kind, std::string_view text = {}) {
    chat::Turn& turn = request_.turns.emplace_back();
    turn.role = role;
    return add_part(kind, text);
  }
  Part& add_part(PartKind kind, std::string_view text = {}) {
    Part& part = request_.turns.back().parts.emplace_back();
    part.kind = kind;
    part.text = {text};
    return part;
  }
  Part& add_call(std::string_view id, std::string_view arguments = "{}") {
    Part& part = add_part(PartKind::kCall);
    part.id = {id};
    part.name = {"f"};
    part.arguments = arguments;
    return part;
  }
  Part& add_result(Role role, std::string_view id, std::string_view text) {
    Part& part = add(role, PartKind::kResult);
    part.id = {id};
    Part content;
    content.text = {text};
    if (!text.empty()) part.content.push_back(content);
    return part;
  }

  std::string body_;
  json::Reader reader_;
  chat::Request request_;
  Target target_{.provider = "p", .model = "m"};
};

}  // namespace sluice::dialect::openai
