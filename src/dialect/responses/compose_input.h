// The conversation of a request, written as `instructions` and the items of `input`.
//
// Thread rule: one thread. Lifetime: all members of Composing outlive it.
#pragma once

#include "base/result.h"
#include "chat/request.h"
#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::responses {

// What the parts of a request are written with.
struct Composing {
  chat::Request& request;
  const Target& target;
  Outgoing& out;
  json::Reader& reader;
  bool own;  // the client speaks this API: what is raw can be written as it is
};

// The members `instructions` and `input`.
Status write_input(const Composing& with, json::Writer& json);

}  // namespace sluice::dialect::responses
