// An API of a model provider, as the simulator speaks it.
//
// All that differs from one API to the next goes through here: which paths are its own, where the key stands, what a
// request asks, what the provider refuses, and how answers, events and errors are spelled. How an answer is delivered
// (late, broken off, compressed) is the same for all.
//
// Nothing here is shared with the gateway's own readers and writers of these APIs: what one gets wrong the other is to
// notice.
//
// Thread rule: any thread; an Api has no state. Lifetime: for ever.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"
#include "json/cursor.h"
#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/place.h"
#include "sim/script.h"
#include "sim/shape.h"
#include "sim/signature.h"

namespace sluice::sim {

class Stored;

class Api {
 public:
  Api() = default;
  virtual ~Api() = default;
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // The place a request is for; kUnknown for a path that is not of this API.
  virtual Place place_of(const http::RequestHead& head) const = 0;

  // The key that is sent where this API has it (of a signed request: the id of the key); empty: none.
  virtual std::string key_of(const http::RequestHead& head, const Place& place) const = 0;

  // Why a simulator that wants this key does not let a request in; `body` is as received. Unless an API knows more than
  // keys, key_of() is to be the key.
  virtual std::optional<Answer> denied(const http::RequestHead& head, const Place& place, std::string_view body,
                                       std::string_view key) const;

  // Why the provider would not even read the body: the method, a header or a parameter that is wrong or missing.
  virtual std::optional<Answer> unserved(const http::RequestHead& head, const Place& place) const = 0;

  // The endpoint takes a JSON body. Of the others only forms have one.
  virtual bool takes_json(const Place& place) const = 0;

  // Reads what a JSON body asks, leniently: a wrong type reads as "not there". The cursor stands before all of it and
  // may be broken afterwards.
  virtual void read(std::string_view body, json::Cursor& cursor, Ask& ask) const = 0;

  // What the provider refuses in a JSON body, read by read() and standing ahead.
  virtual std::optional<Problem> check(json::Cursor body, const Ask& ask) const = 0;

  // The answer to what is asked.
  virtual Answer answer(const Ask& ask, const Script& script, const Signature& signature, Stored& stored) const = 0;

  // A refusal in the provider's shape. Without a problem: what the provider says with a status.
  virtual Answer refuse(int status, const Problem* problem) const = 0;

  // The error a script puts into the middle of a stream, as it stands on the wire; without one the provider's own.
  virtual std::string error_event(const Script& script) const = 0;
};

// The key of "Authorization: Bearer KEY"; empty: none.
std::string bearer_of(const http::RequestHead& head);

// All of them. Of a path that belongs to none OpenAI's is asked.
std::span<const Api* const> apis();

// The place of a request; its api is never null.
Place place_of(const http::RequestHead& head);

}  // namespace sluice::sim
