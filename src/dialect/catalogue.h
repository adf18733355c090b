// Every dialect there is: one line each in dialects.def. A new one is a folder that defines dialect() (offer.h) in a
// namespace of its name, and that line; nothing else has to know of it.
//
// Thread rule: constants.
#pragma once

#include <span>
#include <string_view>

#include "dialect/dialect.h"

namespace sluice::dialect {

// In the order in which a path is looked for.
std::span<const Server* const> servers();
std::span<const Client* const> clients();

const Server& server_of(const Endpoint& endpoint);  // the one whose table it is in
const Client* find_client(std::string_view name);   // null: none

// The endpoint that a request names. A path that is there, but not with this method, has no endpoint and `allowed` set.
struct Found {
  const Endpoint* endpoint = nullptr;
  const Server* server = nullptr;
  PathMatch match;            // views into `path`
  std::string_view sdk_base;  // "/anthropic" where the path began with it
  std::string_view allowed;
};
Found find_endpoint(std::string_view method, std::string_view path, std::string_view query,
                    std::span<const Server* const> among);

// The dialect whose telling fields a request carries ("anthropic-version"), for paths that several have (/v1/models).
// Null: none of them.
const Server* server_of_fields(const http::Headers& headers);

// The dialect that a path is of, be there something or not: of its endpoints, its SDK's base path, the endpoints that
// it begins as ("/v1/messages/batches") or its version. Null: it is nobody's, or several dialects'.
const Server* server_of_path(std::string_view path);

}  // namespace sluice::dialect
