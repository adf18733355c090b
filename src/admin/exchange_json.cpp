#include "admin/exchange_json.h"

#include "admin/params.h"
#include "base/money.h"
#include "base/text.h"
#include "base/time_text.h"
#include "store/record.h"
#include "store/sums.h"

namespace sluice::admin {

namespace {

using stage::Story;

void text_or_null(json::Writer& json, std::string_view key, std::string_view text) {
  if (text.empty()) {
    json.key(key).null();
  } else {
    json.key(key).text(text);
  }
}

template <class T>
void number_or_null(json::Writer& json, std::string_view key, const std::optional<T>& number) {
  if (number) {
    json.key(key).number(static_cast<std::int64_t>(*number));
  } else {
    json.key(key).null();
  }
}

// Of an attempt: nothing where it is not known.
void write_cost(json::Writer& json, const std::optional<std::int64_t>& nanos) {
  if (nanos) {
    json.key("cost_usd").text(to_text(Money{*nanos}));
  } else {
    json.key("cost_usd").null();
  }
}

void write_usage(json::Writer& json, const store::UsageRow& usage) {
  json.key("usage");
  if (usage.source.empty()) {
    json.null();
    return;
  }
  json.begin_object();
  store::each_field(usage, [&](int, const char* name, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, std::string>) {
      json.key("source").text(member);
    } else if constexpr (std::is_same_v<Member, std::int64_t>) {
      json.key(name).number(member);
    } else {
      number_or_null(json, name, member);
    }
  });
  json.end_object();
}

// `story`: of the same try; null: it is not remembered, and neither is whether it ended.
void write_try(json::Writer& json, const store::ExchangeRow& x, const store::AttemptRow& tried,
               const Story::Try* story) {
  const bool abandoned = tried.fault.empty() && story != nullptr && !story->ended;
  json.begin_object();
  json.key("deployment").text(tried.deployment);
  text_or_null(json, "provider", tried.provider);
  text_or_null(json, "model_routed", tried.model_routed);
  text_or_null(json, "model_served", tried.model_served);
  text_or_null(json, "keys", story ? std::string_view(story->keys) : std::string_view());
  json.key("why").text(tried.why);
  json.key("began_us").number(tried.began_us - x.arrived_us);
  number_or_null(json, "paused_us", story ? std::optional(story->paused_us) : std::nullopt);
  json.key("queued_us").number(tried.queued_us);
  json.key("duration_us").number(tried.duration_us);
  json.key("status").number(tried.status);
  json.key("outcome").text(!tried.fault.empty() ? std::string_view(tried.fault) : abandoned ? "abandoned" : "served");
  text_or_null(json, "failure", tried.failure);
  text_or_null(json, "error", tried.error);
  text_or_null(json, "finish_reason", tried.finish_reason);
  text_or_null(json, "provider_request_id", tried.provider_request_id);
  write_usage(json, tried.usage);
  write_cost(json, tried.cost_nanos);
  // As in sums: a cost that became known later stands for it.
  json.key("held_usd").text(to_text(Money{tried.cost_nanos ? 0 : tried.held_nanos}));
  text_or_null(json, "price_version", tried.price_version);
  text_or_null(json, "service_tier", tried.service_tier);
  json.end_object();
}

// "0.25" of all that is known; whether something is not.
void write_costs(json::Writer& json, const store::ExchangeRow& row) {
  std::int64_t nanos = 0, unknown = 0;
  for (const auto& share : store::shares_of(row)) {
    if (share.dimension != "all") continue;
    nanos = share.sum.cost_nanos;
    unknown = share.sum.cost_unknown;
  }
  json.key("cost_usd").text(to_text(Money{nanos}));
  json.key("cost_unknown").number(unknown);
}

void write_head(json::Writer& json, const store::ExchangeRow& row) {
  json.key("request_id").text(row.id);
  json.key("arrived").text(timestamp(row.arrived_us));
  json.key("operation").text(row.operation);
  text_or_null(json, "key", row.key);
  text_or_null(json, "team", row.team);
  text_or_null(json, "user", row.user);
  json.key("tags").begin_object();
  for (const auto& [name, value] : row.tags) {
    std::string quoted;
    append_json_string(quoted, name);
    json.key(std::string_view(quoted).substr(1, quoted.size() - 2)).text(value);
  }
  json.end_object();
  text_or_null(json, "client_request_id", row.client_request_id);
  text_or_null(json, "dialect", row.dialect);
  text_or_null(json, "route", row.route);
  text_or_null(json, "model_asked", row.model_asked);
  text_or_null(json, "model_served", row.model_served);
  text_or_null(json, "deployment", row.deployment);
  text_or_null(json, "provider", row.provider);
  json.key("stream").boolean(row.stream);
  json.key("status").number(row.status);
  json.key("outcome").text(row.client_left ? "client_gone" : row.fault.empty() ? "ok" : "error");
  text_or_null(json, "fault", row.fault);
  text_or_null(json, "error", row.error);
  text_or_null(json, "finish_reason", row.finish_reason);
  json.key("duration_us").number(row.duration_us);
  json.key("upstream_us").number(row.upstream_us);
  number_or_null(json, "first_content_us", row.ttft_us);
  write_costs(json, row);
}

void write_choice(json::Writer& json, const Story* story) {
  if (story == nullptr) {
    json.key("candidates").null().key("excluded").null().key("gave_up").null();
    return;
  }
  json.key("candidates").begin_array();
  for (const auto& candidate : story->candidates) json.text(candidate);
  json.end_array();
  json.key("excluded").begin_array();
  for (const auto& excluded : story->excluded) {
    json.begin_object();
    json.key("deployment").text(excluded.deployment);
    json.key("reason").text(excluded.reason);
    json.end_object();
  }
  json.end_array();
  text_or_null(json, "gave_up", story->gave_up);
}

}  // namespace

store::ExchangeRow row_of(const Story& story) {
  if (auto row = store::from_record(story.record)) return std::move(*row);
  store::ExchangeRow row;
  row.id = story.id;
  row.arrived_us = to_us(story.arrived);
  row.duration_us = story.duration_us;
  row.upstream_us = story.upstream_us;
  if (story.first_content_us >= 0) row.ttft_us = story.first_content_us;
  row.operation = story.operation;
  row.key = story.key;
  row.team = story.team;
  row.route = story.route;
  row.model_asked = story.model_asked;
  row.model_served = story.model_served;
  row.deployment = story.deployment;
  row.status = story.status;
  row.fault = story.fault;
  row.error = story.error;
  row.stream = story.stream;
  row.client_left = story.outcome == "client_gone";
  row.attempts.reserve(story.tries.size());
  for (const auto& tried : story.tries) {
    auto& attempt = row.attempts.emplace_back();
    attempt.began_us = row.arrived_us + tried.began_us;
    attempt.duration_us = tried.duration_us;
    attempt.deployment = tried.deployment;
    attempt.status = tried.status;
    attempt.fault = tried.fault;
    attempt.error = tried.error;
    attempt.why = tried.why;
    attempt.queued_us = tried.queued_us;
    attempt.failure = tried.failure;
  }
  return row;
}

void write_exchange(json::Writer& json, const Told& told) {
  const auto* story = told.story ? &*told.story : nullptr;
  json.begin_object();
  write_head(json, told.row);
  write_choice(json, story);
  json.key("tries").begin_array();
  for (std::size_t i = 0; i < told.row.attempts.size(); ++i) {
    const bool remembered = story != nullptr && i < story->tries.size();
    write_try(json, told.row, told.row.attempts[i], remembered ? &story->tries[i] : nullptr);
  }
  json.end_array();
  json.end_object();
}

}  // namespace sluice::admin
