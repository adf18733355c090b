#include "admin/exchanges.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"
#include "json/writer.h"

namespace sluice::admin {

namespace {

using stage::Story;

constexpr std::size_t kUsually = 100;
constexpr std::size_t kMost = 1000;

std::string timestamp(WallTime time) {
  auto whole = std::chrono::floor<std::chrono::seconds>(time);
  auto ms = std::chrono::duration_cast<Ms>(time - whole).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), ms);
}

void text_or_null(json::Writer& json, std::string_view key, std::string_view text) {
  if (text.empty()) {
    json.key(key).null();
  } else {
    json.key(key).text(text);
  }
}

void write(json::Writer& json, const Story::Try& tried) {
  std::string_view outcome = !tried.fault.empty() ? tried.fault : tried.ended ? "served" : "abandoned";
  json.begin_object();
  json.key("deployment").text(tried.deployment);
  json.key("why").text(tried.why);
  json.key("began_us").number(tried.began_us);
  json.key("paused_us").number(tried.paused_us);
  json.key("queued_us").number(tried.queued_us);
  json.key("duration_us").number(tried.duration_us);
  json.key("status").number(std::int64_t{tried.status});
  json.key("outcome").text(outcome);
  text_or_null(json, "failure", tried.failure);
  text_or_null(json, "error", tried.error);
  json.end_object();
}

void write(json::Writer& json, const Story& story) {
  json.begin_object();
  json.key("request_id").text(story.id);
  json.key("arrived").text(timestamp(story.arrived));
  json.key("operation").text(story.operation);
  text_or_null(json, "key", story.key);
  text_or_null(json, "team", story.team);
  text_or_null(json, "route", story.route);
  text_or_null(json, "model_asked", story.model_asked);
  text_or_null(json, "model_served", story.model_served);
  text_or_null(json, "deployment", story.deployment);
  json.key("stream").boolean(story.stream);
  json.key("status").number(std::int64_t{story.status});
  json.key("outcome").text(story.outcome);
  text_or_null(json, "fault", story.fault);
  text_or_null(json, "error", story.error);
  json.key("duration_us").number(story.duration_us);
  json.key("upstream_us").number(story.upstream_us);
  json.key("first_content_us");
  if (story.first_content_us < 0) {
    json.null();
  } else {
    json.number(story.first_content_us);
  }
  json.key("candidates").begin_array();
  for (const auto& candidate : story.candidates) json.text(candidate);
  json.end_array();
  json.key("excluded").begin_array();
  for (const auto& excluded : story.excluded) {
    json.begin_object();
    json.key("deployment").text(excluded.deployment);
    json.key("reason").text(excluded.reason);
    json.end_object();
  }
  json.end_array();
  text_or_null(json, "gave_up", story.gave_up);
  json.key("tries").begin_array();
  for (const auto& tried : story.tries) write(json, tried);
  json.end_array();
  json.end_object();
}

}  // namespace

Result<std::string> list_exchanges(const Tools& tools, const Ask& ask) {
  std::size_t limit = kUsually;
  if (auto given = query_value(ask.query, "limit")) {
    auto parsed = to_number<std::size_t>(*given);
    if (!parsed || *parsed == 0 || *parsed > kMost)
      return invalid("limit", fmt::format("'limit' must be a number from 1 to {}.", kMost));
    limit = *parsed;
  }
  std::string out;
  json::Writer json(out);
  json.begin_object().key("exchanges").begin_array();
  for (const auto& story : tools.recent.newest(limit)) write(json, story);
  json.end_array().end_object();
  return out;
}

Result<std::string> get_exchange(const Tools& tools, const Ask& ask) {
  auto story = tools.recent.find(ask.parameter);
  if (!story) {
    return not_found("request_id",
                     fmt::format("Nothing is known of a request '{}': only the last {} that ended are kept "
                                 "(limits.recent), and one that is being served is not among them yet.",
                                 printable(ask.parameter), tools.recent.capacity()));
  }
  std::string out;
  json::Writer json(out);
  write(json, *story);
  return out;
}

}  // namespace sluice::admin
