// What a command says of a key, team, user or the organisation, as the administrator's API takes it.
//
// Thread rule: plain values and pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::app {

// Empty: nothing is said.
struct DirectoryFields {
  using Texts = std::vector<std::string>;

  std::string name;
  std::string team, user, role, priority, email, expires_at, usd, window, unpriced, rpm, tpm, concurrency, weight;
  Texts models, endpoints, ip_ranges, teams;
  Texts tags, aliases;  // "NAME=VALUE"
  std::string budget;   // JSON; it stands for the three words about one budget
};

// Only what is said. Numbers go as they were written; the gateway says what is wrong with them.
std::string body_of(const DirectoryFields& fields);

// The API replaces a field as a whole, a command says parts of four of them: limits, the budget, tags and aliases.
bool says_parts(const DirectoryFields& fields);
// Adds the other parts, from the object as the API shows it. One budget is changed: that of the window which is said,
// or the only one there is; else one is added. Faults: kInvalidRequest: it is no such object, or nobody can tell which
// budget is meant.
Status add_other_parts(std::string_view shown, DirectoryFields& fields);

}  // namespace sluice::app
