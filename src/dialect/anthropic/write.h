// The canonical form of a request, written for a provider of the Messages API.
//
// A request that was read from this API goes out as its body came, but for the model and for what stood in its messages
// and was taken apart (chat/seal.h). All others are made fit for the model that is asked.
//
// Source: the API's reference. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/request.h"
#include "dialect/anthropic/endpoint.h"
#include "dialect/anthropic/model.h"
#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::anthropic {

Result<Outgoing> write_chat(chat::Request& request, const Target& target, Host host);

// Whether a request was read from this API.
bool is_own(const chat::Request& request);

// What the writers of a request's members share.
struct Sending {
  Sending(chat::Request& asked, const Target& to, Host on)
      : request(asked), target(to), host(on), model(facts_of(to.model)) {}

  // Each loss is noted once.
  void lose(std::string path);
  // The first refusal is kept.
  void refuse(std::string_view param, std::string_view why);
  std::string_view path(chat::Field field) const { return request.path(field); }

  chat::Request& request;
  const Target& target;
  Host host;
  const ModelFacts& model;
  Outgoing out;
  std::vector<std::string> noted;  // paths of losses; few
  Status status;
};

// One message as it is sent: turns of one role that follow each other are one.
struct Message {
  chat::Role role = chat::Role::kUser;
  std::vector<chat::Part*> results;  // they stand first, in the order of the calls
  std::vector<chat::Part*> parts;
  bool was_system = false;  // kUser: `parts` begins with what a system turn said
};

struct Conversation {
  std::vector<chat::Part*> system;
  std::vector<Message> messages;
};

// Puts the request's parts in the order in which they are sent, drops empty ones, and refuses what the API would.
// Points into the request.
Conversation arrange(Sending& sending);
// At most 4 marks, the longer ones first: others are taken off the request.
void fit_cache_marks(Sending& sending, const Conversation& conversation);

void write_system(Sending& sending, const Conversation& conversation, json::Writer& json);
void write_messages(Sending& sending, const Conversation& conversation, json::Writer& json);
void write_tools(Sending& sending, const Conversation& conversation, json::Writer& json);

// How the model is to think, decided before anything is written: other settings depend on it.
struct Thinking {
  bool on = false;
  bool off = false;  // thinking: disabled
  std::uint64_t budget = 0;
  std::string_view effort;
  std::string_view display;
};
std::uint64_t output_limit(Sending& sending);
Thinking plan_thinking(Sending& sending, const Conversation& conversation, std::uint64_t max_tokens);
void write_settings(Sending& sending, const Thinking& thinking, json::Writer& json);

// The body of a request of this API again.
Result<Outgoing> write_own(chat::Request& request, const Target& target, Host host);

}  // namespace sluice::dialect::anthropic
