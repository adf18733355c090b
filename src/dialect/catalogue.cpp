#include "dialect/catalogue.h"

#include <algorithm>
#include <vector>

#include "dialect/offer.h"

// The list of dialects; a program that has one more names a list of its own.
#ifndef SLUICE_DIALECTS
#define SLUICE_DIALECTS "dialect/dialects.def"
#endif

namespace sluice::dialect {

#define DIALECT(name)       \
  namespace name {          \
  const Dialect& dialect(); \
  }
#include SLUICE_DIALECTS
#undef DIALECT

namespace {

struct Query {
  std::string_view method;
  std::string_view query;
};

bool holds_pair(std::string_view query, std::string_view pair) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    if (query.substr(0, end) == pair) return true;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return false;
}

// Google Cloud's paths name a project and a place before the publisher of the model; who answers is for the route.
std::string_view without_project(std::string_view path) {
  constexpr std::string_view kProject = "/projects/", kPublishers = "/publishers/";
  if (!path.starts_with(kProject)) return path;
  const auto at = path.find(kPublishers);
  return at == std::string_view::npos ? path : path.substr(at);
}

bool try_versions(const Server& server, const Query& asked, std::string_view path, Found& found) {
  for (std::string_view version : server.versions()) {
    if (!path.starts_with(version)) continue;
    const std::string_view below = without_project(path.substr(version.size()));
    for (const Endpoint& endpoint : server.endpoints()) {
      const auto match = match_path(endpoint.path, below);
      if (!match || (!endpoint.query.empty() && !holds_pair(asked.query, endpoint.query))) continue;
      found.allowed = endpoint.method;
      found.server = &server;
      if (endpoint.method != asked.method) continue;
      found.endpoint = &endpoint;
      found.match = *match;
      return true;
    }
  }
  return false;
}

// Whether a path is below that of an endpoint, or the same up to the name of a model.
bool begins_as_one_of(const Server& server, std::string_view path) {
  for (std::string_view version : server.versions()) {
    if (!path.starts_with(version)) continue;
    const std::string_view below = without_project(path.substr(version.size()));
    for (const Endpoint& endpoint : server.endpoints()) {
      const auto fixed = endpoint.path.substr(0, endpoint.path.find('{'));
      if (below.starts_with(fixed) && (fixed.ends_with('/') || below.substr(fixed.size()).starts_with('/')))
        return true;
    }
  }
  return false;
}

// What the dialects offer, all together.
struct Offers {
  void add(const Dialect& dialect) {
    if (dialect.server) servers.push_back(dialect.server);
    clients.insert(clients.end(), dialect.clients.begin(), dialect.clients.end());
  }

  std::vector<const Server*> servers;
  std::vector<const Client*> clients;
};

Offers collect() {
  Offers offers;
#define DIALECT(name) offers.add(name::dialect());
#include SLUICE_DIALECTS
#undef DIALECT
  return offers;
}

const Offers& all() {
  static const Offers kAll = collect();
  return kAll;
}

}  // namespace

std::span<const Server* const> servers() {
  return all().servers;
}

std::span<const Client* const> clients() {
  return all().clients;
}

const Server& server_of(const Endpoint& endpoint) {
  return **std::ranges::find(servers(), endpoint.dialect, &Server::name);
}

const Client* find_client(std::string_view name) {
  const auto found = std::ranges::find(clients(), name, &Client::name);
  return found == clients().end() ? nullptr : *found;
}

Found find_endpoint(std::string_view method, std::string_view path, std::string_view query,
                    std::span<const Server* const> among) {
  Found found;
  const Query asked{method, query};
  for (const Server* server : among) {
    if (try_versions(*server, asked, path, found)) return found;
    const std::string_view base = server->sdk_base();
    const bool is_below = path.starts_with(base) && path.substr(base.size()).starts_with('/');
    if (is_below && try_versions(*server, asked, path.substr(base.size()), found)) {
      found.sdk_base = base;
      return found;
    }
  }
  return found;
}

const Server* server_of_fields(const http::Headers& headers) {
  const auto found = std::ranges::find_if(servers(), [&](const Server* server) {
    return std::ranges::any_of(server->telling_fields(), [&](std::string_view name) { return headers.has(name); });
  });
  return found == servers().end() ? nullptr : *found;
}

const Server* server_of_path(std::string_view path) {
  if (const auto found = find_endpoint("POST", path, {}, servers()); found.server) return found.server;
  for (const Server* server : servers()) {
    if (path.starts_with(server->sdk_base()) && path.substr(server->sdk_base().size()).starts_with('/')) return server;
  }
  for (const Server* server : servers()) {
    if (begins_as_one_of(*server, path)) return server;
  }
  for (const Server* server : servers()) {
    const auto versions = server->versions();
    const bool own = std::ranges::any_of(versions, [&](std::string_view version) {
      return version.size() > 3 && path.starts_with(version);  // "/v1beta", but not "/v1", which many have
    });
    if (own) return server;
  }
  return nullptr;
}

}  // namespace sluice::dialect
