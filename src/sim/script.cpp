#include "sim/script.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <span>

#include "base/text.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

constexpr std::int64_t kLongestWaitMs = 86'400'000;
constexpr std::int64_t kLargestText = 256 << 20;
constexpr std::int64_t kLargestCount = 1'000'000'000;
constexpr std::int64_t kMostEvents = 1'000'000;

Failure wrong(std::string_view field, std::string_view expected) {
  return fail(FaultKind::kInvalidRequest,
              "The script's field '" + std::string(field) + "' must be " + std::string(expected) + ".");
}

// A way to read one value into a script; `field` is for the message.
using Read = Status (*)(Script&, const bj::value&, std::string_view field);

Result<std::int64_t> whole(const bj::value& value, std::string_view field, std::int64_t most) {
  if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > most) {
    return wrong(field, "a whole number from 0 to " + std::to_string(most));
  }
  return value.get_int64();
}

template <auto Member>
Status read_ms(Script& script, const bj::value& value, std::string_view field) {
  auto number = whole(value, field, kLongestWaitMs);
  if (!number) return fail_from(number);
  script.*Member = Ms(*number);
  return {};
}

template <auto Member, std::int64_t most = kLargestCount>
Status read_count(Script& script, const bj::value& value, std::string_view field) {
  auto number = whole(value, field, most);
  if (!number) return fail_from(number);
  script.*Member = static_cast<std::size_t>(*number);
  return {};
}

template <auto Member>
Status read_text(Script& script, const bj::value& value, std::string_view field) {
  if (!value.is_string()) return wrong(field, "a string");
  script.*Member = std::string(value.get_string());
  return {};
}

template <auto Member>
Status read_bool(Script& script, const bj::value& value, std::string_view field) {
  if (!value.is_bool()) return wrong(field, "true or false");
  script.*Member = value.get_bool();
  return {};
}

// The position of a word in `words`; the enums of script.h are in the order of their words.
Result<std::size_t> word(const bj::value& value, std::string_view field, std::span<const std::string_view> words) {
  std::string known;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (value.is_string() && std::string_view(value.get_string()) == words[i]) return i;
    known += (i == 0 ? "'" : i + 1 == words.size() ? " or '" : ", '") + std::string(words[i]) + "'";
  }
  return wrong(field, known);
}

constexpr std::array<std::string_view, 4> kToolStyles{"fragments", "whole", "with_finish", "together"};
constexpr std::array<std::string_view, 3> kUsageStyles{"separate", "finish", "always"};
constexpr std::array<std::string_view, 2> kGzipStyles{"whole", "event"};
constexpr std::array<std::string_view, 3> kBreakPlaces{"accept", "head", "body"};
constexpr std::array<std::string_view, 4> kBreakWays{"close", "reset", "hang", "end"};

Status read_size(Script& script, const bj::value& value, std::string_view field) {
  auto number = whole(value, field, kLargestText);
  if (!number) return fail_from(number);
  script.text = std::string(static_cast<std::size_t>(*number), 'x');
  return {};
}

Status read_tool_calls(Script& script, const bj::value& value, std::string_view field) {
  constexpr std::string_view kExpected = "a list of {\"name\": string, \"arguments\": string or object}";
  if (!value.is_array()) return wrong(field, kExpected);
  script.tool_calls.clear();
  for (const bj::value& item : value.get_array()) {
    const bj::object* object = item.if_object();
    const bj::value* name = object ? object->if_contains("name") : nullptr;
    const bj::value* arguments = object ? object->if_contains("arguments") : nullptr;
    if (!name || !name->is_string() || object->size() > (arguments ? 2U : 1U)) return wrong(field, kExpected);
    if (arguments && !arguments->is_string() && !arguments->is_object()) return wrong(field, kExpected);
    std::string text = !arguments               ? "{}"
                       : arguments->is_string() ? std::string(arguments->get_string())
                                                : bj::serialize(*arguments);
    script.tool_calls.push_back({.name = std::string(name->get_string()), .arguments = std::move(text)});
  }
  return {};
}

Status read_tool_style(Script& script, const bj::value& value, std::string_view field) {
  auto at = word(value, field, kToolStyles);
  if (!at) return fail_from(at);
  script.tool_style = static_cast<ToolStyle>(*at);
  return {};
}

Status read_usage(Script& script, const bj::value& value, std::string_view field) {
  if (!value.is_null() && !value.is_object()) return wrong(field, "an object or null");
  script.usage_report = value.is_null() ? UsageReport::kNone : UsageReport::kGiven;
  script.usage = bj::serialize(value);
  return {};
}

Status read_usage_style(Script& script, const bj::value& value, std::string_view field) {
  auto at = word(value, field, kUsageStyles);
  if (!at) return fail_from(at);
  script.usage_style = static_cast<UsageStyle>(*at);
  return {};
}

Status read_status(Script& script, const bj::value& value, std::string_view field) {
  auto number = whole(value, field, 999);
  if (!number || *number < 200) return wrong(field, "a status from 200 to 999");
  script.status = static_cast<int>(*number);
  return {};
}

bool fits_in_head(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Status read_headers(Script& script, const bj::value& value, std::string_view field) {
  constexpr std::string_view kExpected = "an object of strings, or of lists of strings, without line ends";
  if (!value.is_object()) return wrong(field, kExpected);
  script.headers.clear();
  for (const auto& [name, said] : value.get_object()) {
    bj::array values = said.is_array() ? said.get_array() : bj::array{said};
    if (name.empty() || !fits_in_head(name)) return wrong(field, kExpected);
    for (const bj::value& one : values) {
      if (!one.is_string() || !fits_in_head(one.get_string())) return wrong(field, kExpected);
      script.headers.emplace_back(name, one.get_string());
    }
  }
  return {};
}

Status read_error(Script& script, const bj::value& value, std::string_view field) {
  if (!value.is_object() && !value.is_string()) return wrong(field, "an object or a string");
  script.error_is_object = value.is_object();
  script.error_is_enveloped = value.is_object() && value.get_object().contains("error");
  script.error = value.is_object() ? bj::serialize(value) : std::string(value.get_string());
  return {};
}

Status read_content_type(Script& script, const bj::value& value, std::string_view field) {
  if (!value.is_string() || !fits_in_head(value.get_string())) return wrong(field, "a string without line ends");
  script.content_type = std::string(value.get_string());
  return {};
}

Status read_break(Script& script, const bj::value& value, std::string_view field) {
  const bj::object* object = value.if_object();
  if (!object) return wrong(field, "an object");
  Break made;
  for (const auto& [name, said] : *object) {
    std::string path = std::string(field) + "." + std::string(name);
    if (name == "at") {
      auto at = word(said, path, kBreakPlaces);
      if (!at) return fail_from(at);
      made.at = static_cast<BreakAt>(*at);
    } else if (name == "how") {
      auto how = word(said, path, kBreakWays);
      if (!how) return fail_from(how);
      made.how = static_cast<BreakHow>(*how);
    } else if (name == "after") {
      auto after = whole(said, path, kLargestCount);
      if (!after) return fail_from(after);
      made.after = static_cast<std::size_t>(*after);
    } else {
      return wrong(field, "an object with 'at', 'after' and 'how'");
    }
  }
  script.broken = made;
  return {};
}

Status read_gzip(Script& script, const bj::value& value, std::string_view field) {
  auto at = word(value, field, kGzipStyles);
  if (!at) return fail_from(at);
  script.gzip = *at == 0 ? GzipStyle::kWhole : GzipStyle::kEvent;
  return {};
}

Status read_reject(Script& script, const bj::value& value, std::string_view field) {
  if (!value.is_array()) return wrong(field, "a list of field names");
  script.reject.clear();
  for (const bj::value& name : value.get_array()) {
    if (!name.is_string()) return wrong(field, "a list of field names");
    script.reject.emplace_back(name.get_string());
  }
  return {};
}

struct Entry {
  std::string_view name;
  Read read;
};
constexpr Entry kFields[] = {
    {"delay_ms", read_ms<&Script::delay>},
    {"event_delay_ms", read_ms<&Script::event_delay>},
    {"events", read_count<&Script::events, kMostEvents>},
    {"text", read_text<&Script::text>},
    {"size", read_size},
    {"nonce", read_text<&Script::nonce>},
    {"reasoning", read_text<&Script::reasoning>},
    {"redacted", read_text<&Script::redacted>},
    {"tool_calls", read_tool_calls},
    {"tool_style", read_tool_style},
    {"finish_reason", read_text<&Script::finish_reason>},
    {"usage", read_usage},
    {"usage_style", read_usage_style},
    {"status", read_status},
    {"headers", read_headers},
    {"error", read_error},
    {"error_after", read_count<&Script::error_after>},
    {"body", read_text<&Script::body>},
    {"content_type", read_content_type},
    {"sse", read_text<&Script::sse>},
    {"chunk", read_count<&Script::chunk>},
    {"chunk_delay_ms", read_ms<&Script::chunk_delay>},
    {"split", read_count<&Script::split>},
    {"break", read_break},
    {"gzip", read_gzip},
    {"content_length", read_count<&Script::content_length>},
    {"silence", read_ms<&Script::silence>},
    {"reject", read_reject},
    {"no_done", read_bool<&Script::no_done>},
    {"strict", read_bool<&Script::strict>},
    {"times", read_count<&Script::times>},
};

Status read_script(Script& script, const bj::value& value);

// The scripts of a sequence start from the fields beside it.
Status read_sequence(Script& script, const bj::value& value) {
  if (!value.is_array() || value.get_array().empty()) return wrong("sequence", "a list of scripts, at least one");
  std::vector<Script> made;
  for (const bj::value& item : value.get_array()) {
    if (item.is_object() && item.get_object().contains("sequence")) {
      return wrong("sequence", "a list of scripts without a sequence of their own");
    }
    auto done = read_script(made.emplace_back(script), item);
    if (!done) return done;
  }
  script.sequence = std::move(made);
  return {};
}

Status read_script(Script& script, const bj::value& value) {
  if (!value.is_object()) return fail(FaultKind::kInvalidRequest, "A script is a JSON object.");
  for (const auto& [name, said] : value.get_object()) {
    if (name == "sequence") continue;  // last: its scripts start from the other fields
    const Entry* entry = std::ranges::find(kFields, std::string_view(name), &Entry::name);
    if (entry == std::end(kFields)) {
      return fail(FaultKind::kInvalidRequest, "A script has no field '" + printable(name) + "'.");
    }
    auto done = entry->read(script, said, entry->name);
    if (!done) return done;
  }
  const bj::value* sequence = value.get_object().if_contains("sequence");
  return sequence ? read_sequence(script, *sequence) : Status{};
}

Result<bj::value> parse(std::string_view json) {
  bj::error_code error;
  bj::value value = bj::parse(json, error);
  if (error) return fail(FaultKind::kInvalidRequest, "The script is not JSON: " + error.message() + ".");
  return value;
}

}  // namespace

Result<Script> parse_script(std::string_view json) {
  auto value = parse(json);
  if (!value) return fail_from(value);
  Script script;
  auto done = read_script(script, *value);
  if (!done) return fail(std::move(done.error()));
  return script;
}

Result<Placement> parse_placement(std::string_view json) {
  auto value = parse(json);
  if (!value) return fail_from(value);
  Placement placement;
  if (!value->is_object()) return fail(FaultKind::kInvalidRequest, "A placement is a JSON object.");
  for (const auto& [name, said] : value->get_object()) {
    if (name == "script") {
      auto done = read_script(placement.script, said);
      if (!done) return fail(std::move(done.error()));
    } else if ((name == "path" || name == "model") && said.is_string()) {
      (name == "path" ? placement.path : placement.model) = std::string(said.get_string());
    } else {
      return fail(FaultKind::kInvalidRequest, "A placement has 'path', 'model' (strings) and 'script' (an object).");
    }
  }
  return placement;
}

}  // namespace sluice::sim
