// Canonical requests as Cohere's chat gets them.
//
// Source: POST /v2/chat of the API's reference. Deterministic: the same turns give the same bytes, whatever follows
// them. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::cohere {

Result<Outgoing> write_chat(chat::Request& request, const Target& target);

// The data of the kPlain state that ends a tool_plan, which is not the model's thinking.
inline constexpr std::string_view kToolPlan = "tool_plan";

// What the writers of a request's members share.
struct Sending {
  // The first refusal is kept.
  void refuse(std::string_view param, std::string_view why);
  void lose(std::string_view path, chat::Unplaced unplaced = chat::Unplaced::kDropped);
  // The client's own name of a field.
  std::string path(chat::Field field) const { return std::string(request.path(field)); }

  chat::Request& request;
  const Target& target;
  std::vector<chat::Request::Lost> lost = {};
  Status status = {};
};

// Appends "messages".
void write_messages(Sending& sending, json::Writer& json);

}  // namespace sluice::dialect::cohere
