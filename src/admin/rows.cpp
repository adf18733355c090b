#include "admin/rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "admin/ask.h"
#include "admin/terms.h"
#include "base/text.h"
#include "base/time_text.h"
#include "dialect/catalogue.h"
#include "exchange/caller.h"
#include "exchange/tag_rules.h"
#include "net/address_rules.h"
#include "quota/zone.h"

namespace sluice::admin {

namespace {

constexpr std::size_t kMostItems = 1'000;
constexpr std::size_t kMostPairs = 64;
constexpr std::size_t kNameLength = 100;
constexpr std::size_t kModelLength = 256;
constexpr std::size_t kTextLength = 1'000;

constexpr std::string_view kKeyFields[] = {"name",   "team",      "user",       "role",   "priority",
                                           "models", "endpoints", "ip_ranges",  "tags",   "limits",
                                           "budget", "metadata",  "expires_at", "blocked"};
constexpr std::string_view kTeamFields[] = {"name",   "models", "aliases",  "tags",   "limits",
                                            "budget", "weight", "metadata", "blocked"};
constexpr std::string_view kUserFields[] = {"name",   "email",  "role",     "teams",
                                            "limits", "budget", "metadata", "blocked"};
constexpr std::string_view kOrganisationFields[] = {"name", "limits", "budget", "metadata"};
constexpr std::string_view kPriorities[] = {"high", "normal", "low"};
constexpr std::span<const std::string_view> kGrantedRoles = std::span(kRoleNames).first(5);

// Leaves `into` as it is where the member is not there.
template <class T, class Read>
Status take(const Members& body, std::string_view name, T& into, Read read) {
  if (!body.has(name)) return {};
  if (body.is_null(name)) {
    into = T{};
    return {};
  }
  auto value = read();
  if (!value) return fail_from(value);
  into = std::move(*value);
  return {};
}

Status take_name(const Members& body, std::string& into) {
  if (!body.has("name")) return {};
  auto name = body.line("name", kNameLength);
  if (!name) return fail_from(name);
  if (name->front() == ' ' || name->back() == ' ') return body.wrong("name", "begins or ends with a space");
  into = std::move(*name);
  return {};
}

Status take_line(const Members& body, std::string_view name, std::string& into, std::size_t most = kNameLength) {
  return take(body, name, into, [&] { return body.line(name, most); });
}
Status take_lines(const Members& body, std::string_view name, store::Texts& into, std::size_t most_characters) {
  return take(body, name, into, [&] { return body.lines(name, kMostItems, most_characters); });
}
Status take_pairs(const Members& body, std::string_view name, store::Pairs& into) {
  return take(body, name, into, [&] { return body.pairs(name, kMostPairs, kTextLength); });
}
// As for tags that callers send, or rows would have what no request may.
Status take_tags(const Members& body, store::Pairs& into) {
  if (auto taken = take_pairs(body, "tags", into); !taken) return taken;
  if (!body.has("tags")) return {};
  if (into.size() > kMostFixedTags) return body.wrong("tags", fmt::format("has more than {} members", kMostFixedTags));
  for (const auto& [name, value] : into) {
    if (!is_tag_name(name)) {
      return body.wrong("tags", fmt::format("names a tag '{}'; names are 1 to {} of {}", printable(name, 80),
                                            kLongestTagName, kTagNameCharacters));
    }
    if (!is_tag_value(value))
      return body.wrong("tags", fmt::format("gives '{}' more than {} bytes", name, kLongestTagValue));
  }
  return {};
}
Status take_aliases(const Members& body, store::Pairs& into) {
  if (auto taken = take_pairs(body, "aliases", into); !taken) return taken;
  for (const auto& [name, model] : body.has("aliases") ? into : store::Pairs()) {
    if (model.empty()) return body.wrong("aliases", fmt::format("leads '{}' to no model", printable(name)));
    if (model == name) return body.wrong("aliases", fmt::format("leads '{}' to itself", printable(name)));
  }
  return {};
}
// One '@' between a name and a host, and nothing that would end an address in a header field.
bool is_email(std::string_view text) {
  constexpr std::string_view kNever = " ()<>[],;:\\\"";
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at > 64 || text.find_first_of(kNever) != std::string_view::npos)
    return false;
  const auto host = text.substr(at + 1);
  return !host.empty() && host.find('@') == std::string_view::npos && !host.starts_with('.') && !host.ends_with('.') &&
         host.find("..") == std::string_view::npos;
}
Status take_email(const Members& body, std::string& into) {
  constexpr std::size_t kMost = 254;  // RFC 5321, 4.5.3.1.3
  if (auto taken = take_line(body, "email", into, kMost); !taken) return taken;
  if (!body.has("email") || into.empty() || is_email(into)) return {};
  return body.wrong("email", "must be an address such as ann@example.com");
}
Status take_word(const Members& body, std::string_view name, std::span<const std::string_view> words,
                 std::string_view otherwise, std::string& into) {
  auto taken = take(body, name, into, [&] { return body.word(name, words); });
  if (into.empty()) into = otherwise;
  return taken;
}

std::string json_of(const store::Pairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    out += out.empty() ? '{' : ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
  }
  return out.empty() ? "{}" : out + '}';
}

// What is kept already is not asked again: a system without its zones must not lose its budgets.
Status check_budgets(const std::vector<quota::BudgetTerms>& budgets) {
  for (const auto& budget : budgets) {
    if (!quota::Zone::load(budget.window.zone)) {
      return invalid("budget.zone", fmt::format("'budget.zone' must be a time zone of this system such as UTC or "
                                                "Europe/Berlin; found '{}'.",
                                                printable(budget.window.zone, 60)));
    }
    if (budget.strict && !budget.hard)
      return invalid("budget.strict", "'budget.strict' is for hard budgets; this one refuses nothing.");
  }
  return {};
}

template <class Row>
Status take_terms(const Members& body, Row& row) {
  if (body.has("limits")) {
    auto limits = read_limits(body);
    if (!limits) return fail_from(limits);
    row.limits = to_json(*limits);
  }
  if (body.has("budget")) {
    auto budgets = read_budgets(body);
    if (!budgets) return fail_from(budgets);
    if (auto fine = check_budgets(*budgets); !fine) return fine;
    row.budget = to_json(*budgets);
  }
  store::Pairs metadata;
  if (auto taken = take_pairs(body, "metadata", metadata); !taken) return taken;
  if (body.has("metadata")) row.metadata = metadata.empty() ? "" : json_of(metadata);
  return {};
}

// What keys, teams and users have.
template <class Row>
Status take_common(const Members& body, Row& row) {
  if (auto taken = take_name(body, row.name); !taken) return taken;
  if (auto taken = take_terms(body, row); !taken) return taken;
  return take(body, "blocked", row.blocked, [&] { return body.flag("blocked"); });
}

Status check_operations(const Members& body, const store::Texts& operations) {
  const auto& known = operation_names();
  for (const auto& operation : operations) {
    if (std::ranges::find(known, operation) != known.end()) continue;
    auto near = nearest(std::string_view(operation).substr(0, 60), known);
    return body.wrong("endpoints", fmt::format("holds '{}', which is none; {}", printable(operation),
                                               near.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                                            : fmt::format("did you mean '{}'?", near)));
  }
  return {};
}

Status check_networks(const Members& body, const store::Texts& networks) {
  for (const auto& network : networks) {
    if (net::parse_network(network)) continue;
    return body.wrong("ip_ranges", fmt::format("holds '{}'; expected networks such as 10.1.2.0/24 or fd00::/8, with no "
                                               "bit set behind their prefix",
                                               printable(network)));
  }
  return {};
}

void text_or_null(json::Writer& json, std::string_view key, std::string_view text) {
  if (text.empty()) {
    json.key(key).null();
  } else {
    json.key(key).text(text);
  }
}
void raw_or_null(json::Writer& json, std::string_view key, std::string_view value) {
  json.key(key).raw(value.empty() ? "null" : value);
}
void time_or_null(json::Writer& json, std::string_view key, std::int64_t us) {
  text_or_null(json, key, us == 0 ? std::string() : time_text(us));
}
void list(json::Writer& json, std::string_view key, const store::Texts& texts) {
  json.key(key).begin_array();
  for (const auto& text : texts) json.text(text);
  json.end_array();
}

template <class Row>
void write_common(json::Writer& json, const Row& row) {
  raw_or_null(json, "limits", row.limits);
  raw_or_null(json, "budget", row.budget);
  json.key("metadata").raw(row.metadata.empty() ? "{}" : std::string_view(row.metadata));
  time_or_null(json, "created_at", row.created_us);
  json.key("blocked").boolean(row.blocked);
}

std::string_view name(Origin origin) {
  return origin == Origin::kFile ? "file" : "api";
}

}  // namespace

std::span<const std::string_view> key_fields() {
  return kKeyFields;
}
std::span<const std::string_view> team_fields() {
  return kTeamFields;
}
std::span<const std::string_view> user_fields() {
  return kUserFields;
}
std::span<const std::string_view> organisation_fields() {
  return kOrganisationFields;
}

const std::vector<std::string_view>& operation_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names{"passthrough"};
    for (const auto* server : dialect::servers()) {
      names.reserve(names.size() + server->endpoints().size());
      for (const auto& endpoint : server->endpoints()) names.push_back(endpoint.name);
    }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
  }();
  return kNames;
}

Status read(const Members& body, store::KeyRow& row) {
  Status taken = take_common(body, row);
  if (taken && row.name.starts_with("key_")) return body.wrong("name", "begins with 'key_', as ids of keys do");
  if (taken && body.has("name") && row.name == kMasterName)
    return body.wrong("name", "is 'master', which the master key is called");
  if (taken) taken = take_line(body, "team", row.team);
  if (taken) taken = take_line(body, "user", row.user);
  if (taken) taken = take_word(body, "role", kGrantedRoles, "member", row.role);
  if (taken) taken = take_word(body, "priority", kPriorities, "normal", row.priority);
  if (taken) taken = take_lines(body, "models", row.models, kModelLength);
  if (taken) taken = take_lines(body, "endpoints", row.operations, kNameLength);
  if (taken) taken = check_operations(body, row.operations);
  if (taken) taken = take_lines(body, "ip_ranges", row.networks, kNameLength);
  if (taken) taken = check_networks(body, row.networks);
  if (taken) taken = take_tags(body, row.tags);
  if (taken) taken = take(body, "expires_at", row.expires_us, [&] { return body.time("expires_at"); });
  return taken;
}

Status read(const Members& body, store::TeamRow& row) {
  Status taken = take_common(body, row);
  if (taken) taken = take_lines(body, "models", row.models, kModelLength);
  if (taken) taken = take_aliases(body, row.aliases);
  if (taken) taken = take_tags(body, row.tags);
  if (!taken || !body.has("weight")) return taken;
  if (body.is_null("weight")) {
    row.weight = 1;
    return {};
  }
  auto weight = body.number("weight", 1, 1, 1'000);
  if (!weight) return fail_from(weight);
  row.weight = *weight;
  return {};
}

Status read(const Members& body, store::UserRow& row) {
  Status taken = take_common(body, row);
  if (taken) taken = take_email(body, row.email);
  if (taken) taken = take_word(body, "role", kGrantedRoles, "member", row.role);
  if (taken) taken = take_lines(body, "teams", row.teams, kNameLength);
  return taken;
}

Status read(const Members& body, store::OrganisationRow& row) {
  Status taken = take_line(body, "name", row.name);
  return taken ? take_terms(body, row) : taken;
}

void write(json::Writer& json, const store::KeyRow& row, Origin origin, Role effective) {
  json.begin_object();
  json.key("id").text(row.id);
  json.key("name").text(row.name);
  json.key("prefix").text(row.prefix);
  json.key("origin").text(name(origin));
  text_or_null(json, "team", row.team);
  text_or_null(json, "user", row.user);
  json.key("role").text(row.role);
  json.key("effective_role").text(name(effective));
  json.key("priority").text(row.priority);
  list(json, "models", row.models);
  list(json, "endpoints", row.operations);
  list(json, "ip_ranges", row.networks);
  json.key("tags").raw(json_of(row.tags));
  write_common(json, row);
  time_or_null(json, "expires_at", row.expires_us);
  time_or_null(json, "old_key_until", row.old_until_us);
  json.end_object();
}

void write(json::Writer& json, const store::TeamRow& row, Origin origin) {
  json.begin_object();
  json.key("name").text(row.name);
  json.key("origin").text(name(origin));
  list(json, "models", row.models);
  json.key("aliases").raw(json_of(row.aliases));
  json.key("tags").raw(json_of(row.tags));
  json.key("weight").number(row.weight);
  write_common(json, row);
  json.end_object();
}

void write(json::Writer& json, const store::UserRow& row, Origin origin) {
  json.begin_object();
  json.key("name").text(row.name);
  json.key("origin").text(name(origin));
  text_or_null(json, "email", row.email);
  json.key("role").text(row.role);
  list(json, "teams", row.teams);
  write_common(json, row);
  json.end_object();
}

void write(json::Writer& json, const store::OrganisationRow& row, Origin origin) {
  json.begin_object();
  text_or_null(json, "name", row.name);
  json.key("origin").text(name(origin));
  raw_or_null(json, "limits", row.limits);
  raw_or_null(json, "budget", row.budget);
  json.key("metadata").raw(row.metadata.empty() ? "{}" : std::string_view(row.metadata));
  time_or_null(json, "changed_at", row.changed_us);
  json.end_object();
}

}  // namespace sluice::admin
