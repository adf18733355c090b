#include "dialect/gemini/logprobs.h"

#include <vector>

namespace sluice::dialect::gemini {

namespace {

struct Token {
  json::Escaped text;
  std::string_view logprob;
};

// Both shapes: token and logProbability, or token and logprob.
Token take_token(json::Cursor& cursor, std::string_view logprob_key, std::vector<Token>* others) {
  Token token;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "token") {
      token.text = json::take_string(cursor).value_or(json::Escaped{});
    } else if (key == logprob_key && cursor.kind() == json::Kind::kNumber) {
      token.logprob = cursor.skip();
    } else if (key == "top_logprobs" && others != nullptr) {
      json::each_element(cursor, [&](std::size_t) { others->push_back(take_token(cursor, logprob_key, nullptr)); });
    }
  });
  if (token.logprob.empty()) token.logprob = "0";
  return token;
}

void write_chat_token(const Token& token, json::Writer& json) {
  json.key("token").text(token.text);
  json.key("logprob").raw(token.logprob);
  json.key("bytes").begin_array();
  for (const char c : json::plain(token.text)) json.number(std::uint64_t{static_cast<unsigned char>(c)});
  json.end_array();
}

void write_token(const Token& token, json::Writer& json) {
  json.begin_object().key("token").text(token.text).key("logProbability").raw(token.logprob).end_object();
}

using Tops = std::vector<std::vector<Token>>;

Tops take_tops(json::Cursor& cursor) {
  Tops tops;
  json::each_element(cursor, [&](std::size_t) {
    std::vector<Token>& top = tops.emplace_back();
    json::each_member(cursor, [&](std::string_view key) {
      if (key != "candidates") return;
      json::each_element(cursor, [&](std::size_t) { top.push_back(take_token(cursor, "logProbability", nullptr)); });
    });
  });
  return tops;
}

}  // namespace

std::string to_chat_logprobs(json::Cursor& cursor) {
  std::vector<Token> chosen;
  Tops tops;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "chosenCandidates") {
      json::each_element(cursor, [&](std::size_t) { chosen.push_back(take_token(cursor, "logProbability", nullptr)); });
    } else if (key == "topCandidates") {
      tops = take_tops(cursor);
    }
  });
  std::string out;
  json::Writer json(out);
  json.begin_object().key("content").begin_array();
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    json.begin_object();
    write_chat_token(chosen[i], json);
    json.key("top_logprobs").begin_array();
    for (const Token& top : i < tops.size() ? tops[i] : std::vector<Token>{}) {
      json.begin_object();
      write_chat_token(top, json);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().key("refusal").null().end_object();
  return out;
}

void write_logprobs_result(json::Cursor& cursor, json::Writer& json) {
  std::vector<Token> chosen;
  Tops tops;
  json::each_member(cursor, [&](std::string_view key) {
    if (key != "content") return;
    json::each_element(cursor,
                       [&](std::size_t) { chosen.push_back(take_token(cursor, "logprob", &tops.emplace_back())); });
  });
  json.begin_object().key("chosenCandidates").begin_array();
  for (const Token& token : chosen) write_token(token, json);
  json.end_array().key("topCandidates").begin_array();
  for (const auto& top : tops) {
    json.begin_object().key("candidates").begin_array();
    for (const Token& token : top) write_token(token, json);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

}  // namespace sluice::dialect::gemini
