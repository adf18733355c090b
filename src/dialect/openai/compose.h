// Chat requests written as chat/completions bodies for a provider, whatever API the client speaks.
//
// Source: the API's reference; what servers of the dialect want otherwise is dialect/quirks.h. Thread rule: pure.
#pragma once

#include "base/result.h"
#include "chat/request.h"
#include "dialect/dialect.h"
#include "json/reader.h"
#include "json/writer.h"

namespace sluice::dialect::openai {

// As Client::write_chat() of dialect/dialect.h.
Result<Outgoing> compose(chat::Request& request, const Target& target);

// What the parts of a body are written with. Lifetime: of one compose().
struct Composing {
  chat::Request& request;
  const Target& target;
  Outgoing& out;
  json::Reader& inside;  // for JSON that the request holds
  bool own;              // a client of this dialect has sent it

  void lose(std::string path, chat::Unplaced unplaced = chat::Unplaced::kDropped) const;
  Failure refuse(std::string_view path, std::string_view why) const;
};

// The member `messages` (compose_messages.cpp).
Status write_messages(const Composing& with, json::Writer& json);
// The members for sampling and all other settings (compose_settings.cpp).
Status write_settings(const Composing& with, json::Writer& json);

}  // namespace sluice::dialect::openai
