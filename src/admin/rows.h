// Keys, teams, users and the organisation as the administrator's API reads and writes them.
//
// Thread rule: pure. Faults are kInvalidRequest and name the member. No answer holds a key or the hash of one.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "admin/members.h"
#include "exchange/caller.h"
#include "json/writer.h"
#include "store/directory.h"

namespace sluice::admin {

// Who a row is of: the configuration, which the API does not change, or the API.
enum class Origin : std::uint8_t { kFile, kApi };

// What a body may hold; the first one is given only when the row is made.
std::span<const std::string_view> key_fields();
std::span<const std::string_view> team_fields();
std::span<const std::string_view> user_fields();
std::span<const std::string_view> organisation_fields();

// Puts what the body holds into the row; null takes a field back to what it is without being given.
Status read(const Members& body, store::KeyRow& row);
Status read(const Members& body, store::TeamRow& row);
Status read(const Members& body, store::UserRow& row);
Status read(const Members& body, store::OrganisationRow& row);

void write(json::Writer& json, const store::KeyRow& row, Origin origin, Role effective);
void write(json::Writer& json, const store::TeamRow& row, Origin origin);
void write(json::Writer& json, const store::UserRow& row, Origin origin);
void write(json::Writer& json, const store::OrganisationRow& row, Origin origin);  // origin: of limits and budget

template <class Row>
std::string to_json(const Row& row, Origin origin) {
  std::string out;
  json::Writer json(out);
  write(json, row, origin);
  return out;
}

// The operations a key may be good for: those of all dialects and "passthrough".
const std::vector<std::string_view>& operation_names();

}  // namespace sluice::admin
