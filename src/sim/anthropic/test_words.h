// What the tests of the Messages API share.
//
// Thread rule: as the peer it sends with.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/anthropic/thoughts.h"
#include "sim/test_fixtures.h"
#include "sim/test_peer.h"

namespace sluice::sim::anthropic {

inline constexpr std::string_view kOld = "anthropic-version: 2023-06-01\r\n";
inline constexpr std::string_view kNew = "anthropic-version: 2026-10-21\r\n";

inline Seen ask(TestSim& sim, std::string_view body, std::string_view script = "{}", std::string_view headers = kOld) {
  return sim.call("POST", "/v1/messages", body, "x-sim: " + std::string(script) + "\r\n" + std::string(headers));
}

inline std::string error_of(const Seen& seen) {
  boost::json::error_code bad;
  auto body = boost::json::parse(seen.body, bad);
  if (bad || !body.is_object()) return "no JSON: " + seen.body;
  const boost::json::object& object = body.get_object();
  if (object.contains("message")) return std::string(object.at("message").as_string());
  if (!object.contains("error")) return "no error: " + seen.body;
  return std::string(object.at("error").at("message").as_string());
}

// The answer that the events of a stream add up to, as a client does it.
inline boost::json::value added_up(const std::vector<std::string>& events) {
  boost::json::object message;
  boost::json::array content;
  std::string arguments;
  for (const std::string& text : events) {
    auto event = boost::json::parse(text).as_object();
    auto type = event.at("type").as_string();
    if (type == "message_start") message = event.at("message").as_object();
    if (type == "content_block_start") {
      content.push_back(event.at("content_block"));
      arguments.clear();
    }
    if (type == "content_block_delta") {
      auto& block = content.back().as_object();
      for (const auto& [key, value] : event.at("delta").as_object()) {
        std::string added(value.as_string());
        if (key == "partial_json") arguments += added;
        if (key == "text" || key == "thinking") {
          block[key] = std::string(block.at(key).as_string()) + added;
        } else if (key == "signature") {
          block[key] = added;
        }
      }
    }
    if (type == "content_block_stop" && content.back().at("type") == "tool_use") {
      content.back().as_object()["input"] = boost::json::parse(arguments.empty() ? "{}" : arguments);
    }
    if (type != "message_delta") continue;
    for (const auto& [key, value] : event.at("delta").as_object()) message[key] = value;
    if (event.contains("usage")) message["usage"] = event.at("usage");
  }
  message["content"] = content;
  return message;
}

// A recorded request as it would be after a conversation with a simulator: with reasoning this one signed.
inline void sign_thoughts(boost::json::value& value) {
  if (value.is_array()) {
    for (auto& item : value.get_array()) sign_thoughts(item);
  }
  auto* object = value.if_object();
  if (!object) return;
  if (object->contains("thinking") && object->contains("signature")) {
    (*object)["signature"] = signature_of(std::string_view(object->at("thinking").as_string()));
  }
  if (object->contains("data") && object->at("type") == "redacted_thinking")
    (*object)["data"] = redacted_data("hidden");
  for (auto& member : *object) sign_thoughts(member.value());
}

inline Seen replay(TestSim& sim, const boost::json::object& request) {
  std::string headers;
  for (const auto& [name, value] : request.at("headers").as_object()) {
    headers += std::string(name) + ": " + std::string(value.as_string()) + "\r\n";
  }
  return sim.call(std::string(request.at("method").as_string()), std::string(request.at("path").as_string()),
                  boost::json::serialize(request.at("body")), headers);
}

}  // namespace sluice::sim::anthropic
