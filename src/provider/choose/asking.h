// What one request asks of a route: the facts that decide which of its deployments it may go to.
//
// Thread rule: plain values. Lifetime: what it points to belongs to the request and to the snapshot it began with.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "dialect/endpoint.h"
#include "dialect/needs.h"
#include "http/message.h"

namespace sluice::provider {

class Moves;

struct Asking {
  std::string_view model;                       // as asked for
  const dialect::Endpoint* endpoint = nullptr;  // null: whatever the provider has (passthrough)
  bool stream = false;
  dialect::Needs needs;
  std::uint64_t prompt_tokens = 0;  // estimated
  std::uint64_t session = 0;        // a hash of what names or begins the conversation; 0: not known
  bool session_named = false;       // by the client
  std::string_view team, user;      // of the key: the values of the tags of these names
  std::span<const std::pair<std::string, std::string>> tags;
  const http::Headers* headers = nullptr;
  // Regions the request may not leave (globs), wherever it falls back to: those of the route asked for. Empty: any.
  std::span<const std::string> residency;
  Moves* moves = nullptr;  // where conversations moved to; null: not remembered
};

}  // namespace sluice::provider
