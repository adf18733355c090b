#include "stage/identify/tags.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "exchange/fixed_tag.h"
#include "exchange/tag_rules.h"
#include "http/url.h"
#include "json/escaped.h"
#include "json/reader.h"
#include "json/text.h"

namespace sluice::stage {

namespace {

// Fields with a tag's value.
struct Named {
  std::string_view field;
  std::string_view tag;
};
constexpr Named kOwn[] = {
    {"x-sluice-feature", "feature"},   {"x-sluice-user", "user"},
    {"x-sluice-workflow", "workflow"}, {"x-sluice-environment", "environment"},
    {"x-sluice-prompt", "prompt"},     {"x-sluice-prompt-version", "prompt_version"},
    {"x-sluice-session", "session"},   {"x-sluice-team", "team"},
};
constexpr Named kForeign[] = {
    {"x-litellm-end-user-id", "user"}, {"x-litellm-customer-id", "user"},       {"helicone-user-id", "user"},
    {"helicone-prompt-id", "prompt"},  {"helicone-session-id", "session"},      {"cf-aig-session-id", "session"},
    {"x-session-id", "session"},       {"x-claude-code-session-id", "session"},
};
// Fields whose name ends in a tag's.
constexpr std::string_view kOwnPrefix = "x-sluice-tag-";
constexpr std::string_view kForeignPrefixes[] = {"helicone-property-", "x-bf-dim-"};
// Fields with a JSON object of tags.
constexpr std::string_view kObjects[] = {"x-portkey-metadata", "cf-aig-metadata"};
// What Portkey keeps for itself.
constexpr Named kReserved[] = {
    {"_user", "user"}, {"_prompt", "prompt"}, {"_environment", "environment"}, {"_organisation", "organisation"}};

// What all of the others' begin with; most fields of most requests do not.
bool may_be_foreign(std::string_view field) {
  auto begins = [&](std::string_view prefix) { return iequals(field.substr(0, prefix.size()), prefix); };
  return begins("x-") || begins("cf-") || begins("helicone-");
}

Failure refuse(std::string_view field, std::string_view why) {
  return fail(Fault{.kind = FaultKind::kInvalidRequest,
                    .told = fmt::format("The field {} {}.", field, why),
                    .param = std::string(field),
                    .code = "invalid_tag"});
}

class Collector {
 public:
  explicit Collector(const Exchange& x) : x_(x) {
    for (const auto& [name, value] : x.caller->tags) tags_.emplace_back(name, value);
  }

  Result<store::Tags> collect() {
    const auto& headers = x_.request.head().headers;
    for (const auto& [name, value] : headers) {
      if (auto taken = take_own(name, value); !taken) return fail_from(taken);
    }
    for (const auto& [name, value] : headers) take_foreign(name, value);
    take_body();
    for (const auto& [name, value] : headers) {  // a list may come in several fields
      if (iequals(name, "baggage")) take_list(value, ';');
    }
    std::ranges::sort(tags_);
    return std::move(tags_);
  }

 private:
  // What the key says of its holder is not for the request to say, nor what it lacks.
  bool is_fixed(std::string_view name) const { return name == kUntagged || !fixed_tag(*x_.caller, name).empty(); }
  bool is_taken(std::string_view name) const {
    return is_fixed(name) || std::ranges::any_of(tags_, [&](const auto& tag) { return tag.first == name; });
  }

  Status take_own(std::string_view field, std::string_view value) {
    constexpr std::string_view kPrefix = "x-sluice-";
    if (field.size() <= kPrefix.size() || !iequals(field.substr(0, kPrefix.size()), kPrefix)) return {};
    if (iequals(field, "x-sluice-tags")) return take_own_list(field, value);
    const auto* named = std::ranges::find_if(kOwn, [&](const Named& one) { return iequals(one.field, field); });
    if (named != std::end(kOwn)) return add_own(field, std::string(named->tag), value);
    if (!iequals(field.substr(0, kOwnPrefix.size()), kOwnPrefix)) return {};
    return add_own(field, lower(field.substr(kOwnPrefix.size())), value);
  }

  // "feature=search,customer=acme", values percent-coded where they hold a comma.
  Status take_own_list(std::string_view field, std::string_view list) {
    for (auto item : split(list, ',')) {
      item = trim(item);
      if (item.empty()) continue;
      const auto equals = item.find('=');
      if (equals == std::string_view::npos) return refuse(field, "is a list of name=value, parted by commas");
      auto value = http::percent_decode(trim(item.substr(equals + 1)));
      if (!value) return refuse(field, "holds a value that is not percent-coded correctly");
      if (auto added = add_own(field, std::string(trim(item.substr(0, equals))), *value); !added) return added;
    }
    return {};
  }

  Status add_own(std::string_view field, std::string name, std::string_view value) {
    value = trim(value);
    if (!is_tag_name(name)) {
      return refuse(field, fmt::format("names a tag '{}'; names are 1 to {} of {}", printable(name, 80),
                                       kLongestTagName, kTagNameCharacters));
    }
    if (!is_tag_value(value)) {
      return refuse(field, fmt::format("holds control characters or more than {} bytes", kLongestTagValue));
    }
    if (is_taken(name)) return {};
    if (tags_.size() >= kMostTags) return refuse(field, fmt::format("is one tag too many; {} are possible", kMostTags));
    tags_.emplace_back(std::move(name), value);
    return {};
  }

  void add(std::string_view name, std::string_view value) {
    value = trim(value);
    if (!is_tag_name(name) || !is_tag_value(value) || value.empty() || is_taken(name) || tags_.size() >= kMostTags)
      return;
    tags_.emplace_back(name, value);
  }

  void take_foreign(std::string_view field, std::string_view value) {
    if (!may_be_foreign(field)) return;
    for (const auto& one : kForeign) {
      if (iequals(field, one.field)) return add(one.tag, value);
    }
    for (auto prefix : kForeignPrefixes) {
      if (iequals(field.substr(0, prefix.size()), prefix)) return add(lower(field.substr(prefix.size())), value);
    }
    for (auto object : kObjects) {
      if (iequals(field, object)) return take_object(value);
    }
    if (iequals(field, "x-litellm-tags")) take_list(value, '\0');
  }

  // "a=1,b=2;property" (baggage), or also "a:1,b" (LiteLLM): a word alone is a tag that is there.
  void take_list(std::string_view list, char properties) {
    for (auto item : split(list, ',')) {
      if (properties != '\0') item = item.substr(0, item.find(properties));
      item = trim(item);
      const auto parts = properties != '\0' ? item.find('=') : item.find_first_of("=:");
      const auto name = trim(item.substr(0, parts));
      if (parts == std::string_view::npos) {
        if (properties == '\0') add(name, "true");
      } else if (auto value = http::percent_decode(trim(item.substr(parts + 1)))) {
        add(name, *value);
      }
    }
  }

  // A flat object: texts, numbers and truth values; the texts of an array are tags that are there.
  void take_object(std::string_view text) {
    auto cursor = x_.tools.reader.scan_copy(text);
    if (!cursor || !cursor->enter_object()) return;
    while (auto key = cursor->next_key()) {
      std::string name(*key);
      for (const auto& reserved : kReserved) {
        if (name == reserved.field) name = reserved.tag;
      }
      if (name == "user_id") name = "user";  // Anthropic
      take_value(*cursor, name);
    }
  }

  void take_value(json::Cursor& cursor, const std::string& name) {
    const auto kind = cursor.kind();
    if (name == "tags" && kind == json::Kind::kArray) {
      json::each_element(cursor, [&](std::size_t) { take_value(cursor, ""); });
      return;
    }
    const auto raw = cursor.skip();
    if (kind == json::Kind::kString) {
      auto plain = json::unescape(raw.substr(1, raw.size() - 2));
      if (plain && name.empty()) return take_list(*plain, '\0');
      if (plain) add(name, *plain);
    } else if (kind == json::Kind::kNumber || kind == json::Kind::kTrue || kind == json::Kind::kFalse) {
      add(name, raw);
    }
  }

  void take_body() {
    const std::string_view body(x_.body);
    auto text = [&](const dialect::Range& range) { return body.substr(range.begin, range.end - range.begin); };
    if (x_.asked.metadata) take_object(text(*x_.asked.metadata));
    if (!x_.asked.user) return;
    const auto raw = text(*x_.asked.user);
    if (raw.size() < 2 || raw.front() != '"') return;
    if (auto plain = json::unescape(raw.substr(1, raw.size() - 2))) add("user", *plain);
  }

  const Exchange& x_;
  store::Tags tags_;
};

}  // namespace

Result<store::Tags> tags_of(const Exchange& x) {
  return Collector(x).collect();
}

}  // namespace sluice::stage
