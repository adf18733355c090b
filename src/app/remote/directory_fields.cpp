#include "app/remote/directory_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "json/writer.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

using Texts = DirectoryFields::Texts;

void add_text(json::Writer& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.key(name).text(text);
}
void add_raw(json::Writer& json, std::string_view name, const std::string& value) {
  if (!value.empty()) json.key(name).raw(value);
}
void add_texts(json::Writer& json, std::string_view name, const Texts& texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (const auto& text : texts) json.text(text);
  json.end_array();
}
void add_pairs(json::Writer& json, std::string_view name, const Texts& texts) {
  if (texts.empty()) return;
  std::string object;
  for (const auto& text : texts) {
    auto equals = text.find('=');  // it is there: the option was checked
    object += object.empty() ? '{' : ',';
    append_json_string(object, std::string_view(text).substr(0, equals));
    object += ':';
    append_json_string(object, std::string_view(text).substr(equals + 1));
  }
  json.key(name).raw(object + '}');
}

bool says_limits(const DirectoryFields& fields) {
  return !fields.rpm.empty() || !fields.tpm.empty() || !fields.concurrency.empty();
}

void add_limits(json::Writer& json, const DirectoryFields& fields) {
  if (!says_limits(fields)) return;
  json.key("limits").begin_object();
  add_raw(json, "rpm", fields.rpm);
  add_raw(json, "tpm", fields.tpm);
  add_raw(json, "concurrency", fields.concurrency);
  json.end_object();
}

void add_budget(json::Writer& json, const DirectoryFields& fields) {
  if (!fields.budget.empty()) json.key("budget").raw(fields.budget);
  if (!fields.budget.empty() || fields.usd.empty()) return;
  json.key("budget").begin_object().key("usd").text(fields.usd);
  add_text(json, "window", fields.window);
  add_text(json, "unpriced", fields.unpriced);
  json.end_object();
}

// ---- what is there already

void keep_limits(const boost::json::object& shown, DirectoryFields& fields) {
  if (!says_limits(fields)) return;
  const auto& limits = sim::inner_in(shown, "limits");
  auto keep = [&](std::string_view name, std::string& into) {
    const auto* number = sim::number_in(limits, name);
    if (number && into.empty()) into = boost::json::serialize(*number);
  };
  keep("rpm", fields.rpm);
  keep("tpm", fields.tpm);
  keep("concurrency", fields.concurrency);
}

void keep_pairs(const boost::json::object& pairs, Texts& texts) {
  if (texts.empty()) return;
  Texts all;
  all.reserve(pairs.size() + texts.size());
  for (const auto& [name, value] : pairs) {
    const auto begin = std::string(name) + '=';
    const bool said = std::ranges::any_of(texts, [&](const std::string& text) { return text.starts_with(begin); });
    if (!said) all.push_back(begin + std::string(sim::text_of(&value)));
  }
  std::ranges::move(texts, std::back_inserter(all));
  texts = std::move(all);
}

// "24h" and "1440m" are one.
bool is_same_window(std::string_view one, std::string_view other) {
  const auto first = parse_duration_ms(one), second = parse_duration_ms(other);
  return first && second ? *first == *second : one == other;
}

boost::json::array budgets_in(const boost::json::object& shown) {
  if (const auto* list = sim::array_in(shown, "budget")) return *list;
  if (const auto* one = sim::object_in(shown, "budget")) return {*one};
  return {};
}

Status keep_budgets(const boost::json::object& shown, DirectoryFields& fields) {
  if (fields.usd.empty()) return {};
  auto budgets = budgets_in(shown);
  boost::json::object* meant = nullptr;
  for (auto& budget : budgets) {
    auto* object = budget.if_object();
    if (!object || (!fields.window.empty() && !is_same_window(sim::text_in(*object, "window"), fields.window)))
      continue;
    if (meant) {
      return fail(FaultKind::kInvalidRequest,
                  fields.window.empty() ? "there are several budgets: say with --window which one is meant"
                                        : "there are several budgets of this window, in several time zones: change "
                                          "them through the API, which takes the list");
    }
    meant = object;
  }
  if (!meant) meant = &budgets.emplace_back(boost::json::object()).as_object();
  (*meant)["usd"] = fields.usd;
  if (!meant->contains("window") && !fields.window.empty()) (*meant)["window"] = fields.window;
  if (!fields.unpriced.empty()) (*meant)["unpriced"] = fields.unpriced;
  fields.budget = boost::json::serialize(budgets);
  return {};
}

}  // namespace

std::string body_of(const DirectoryFields& fields) {
  std::string body;
  json::Writer json(body);
  json.begin_object();
  add_text(json, "name", fields.name);
  add_text(json, "team", fields.team);
  add_text(json, "user", fields.user);
  add_text(json, "role", fields.role);
  add_text(json, "priority", fields.priority);
  add_text(json, "email", fields.email);
  add_text(json, "expires_at", fields.expires_at);
  add_texts(json, "models", fields.models);
  add_texts(json, "endpoints", fields.endpoints);
  add_texts(json, "ip_ranges", fields.ip_ranges);
  add_texts(json, "teams", fields.teams);
  add_pairs(json, "tags", fields.tags);
  add_pairs(json, "aliases", fields.aliases);
  add_raw(json, "weight", fields.weight);
  add_limits(json, fields);
  add_budget(json, fields);
  json.end_object();
  return body;
}

bool says_parts(const DirectoryFields& fields) {
  return says_limits(fields) || !fields.usd.empty() || !fields.tags.empty() || !fields.aliases.empty();
}

Status add_other_parts(std::string_view shown, DirectoryFields& fields) {
  auto parsed = sim::parsed(shown);
  if (!parsed || !parsed->is_object()) return fail(FaultKind::kInvalidRequest, "the gateway's answer is not JSON");
  const auto& object = parsed->get_object();
  keep_limits(object, fields);
  keep_pairs(sim::inner_in(object, "tags"), fields.tags);
  keep_pairs(sim::inner_in(object, "aliases"), fields.aliases);
  return keep_budgets(object, fields);
}

}  // namespace sluice::app
