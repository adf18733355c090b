#include "sim/responses/items.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "sim/dom.h"
#include "sim/responses/errors.h"
#include "sim/responses/parts.h"
#include "sim/responses/shapes.h"
#include "sim/shape_words.h"
#include "sim/vouch.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

// What the ids of the model's own items begin with.
struct Prefix {
  std::string_view type;
  std::string_view begin;
};
constexpr Prefix kPrefixes[] = {
    {"message", "msg"}, {"reasoning", "rs"}, {"function_call", "fc"}, {"custom_tool_call", "ctc"}};

bool says_type(const bj::object& item) {
  return find_in(item, "type") != nullptr;
}

std::optional<Problem> check_shape(json::Cursor& cursor, const bj::object& item) {
  if (says_type(item) && text_in(item, "type") != "message") {
    constexpr Shape kTyped{.type = Type::kTagged, .tag = "type"};
    Shape typed = kTyped;
    typed.variants = kResponsesItems;
    return check(cursor, typed);
  }
  bool reference = !says_type(item) && item.contains("id") && !item.contains("role") && !item.contains("content");
  return check(cursor, reference ? kResponsesReference : kResponsesMessage);
}

// "Expected an ID that begins with 'msg'."
Problem bad_id(std::size_t index, std::string_view id, std::string_view expected) {
  auto path = at_item(index, "id");
  return told(fmt::format("Invalid '{}': '{}'. Expected an ID that {}.", path, id, expected), path, "invalid_value");
}

std::optional<Problem> check_id(const bj::object& item, std::size_t index) {
  auto id = text_in(item, "id");
  if (id.empty()) return std::nullopt;
  if (!is_plain(id)) {
    return bad_id(index, id,
                  "contains letters, numbers, underscores, or dashes, but this value contained additional characters");
  }
  const Prefix* prefix = std::ranges::find(kPrefixes, type_of(item), &Prefix::type);
  if (prefix == std::end(kPrefixes) || id.starts_with(prefix->begin)) return std::nullopt;
  return bad_id(index, id, fmt::format("begins with '{}'", prefix->begin));
}

std::optional<Problem> check_call(const bj::object& item, std::size_t index) {
  bool custom = type_of(item) == "custom_tool_call";
  if (!custom && type_of(item) != "function_call") return std::nullopt;
  auto name = text_in(item, "name");
  if (!is_plain(name)) return bad_name(at_item(index, "name"));
  std::string_view field = custom ? "input" : "arguments";
  auto call = text_in(item, "call_id");
  if (!is_altered(kCallPrefix, call, name, text_in(item, field))) return std::nullopt;
  auto path = at_item(index, field);
  return told(fmt::format("Invalid '{}': the call '{}' was made with another name or other {}. A call must be sent "
                          "back as it was made.",
                          path, call, field),
              path, "invalid_value");
}

std::optional<Problem> check_signature(const bj::object& item, std::size_t index, std::string_view organization) {
  auto sealed = text_in(item, "encrypted_content");
  if (type_of(item) != "reasoning") return std::nullopt;
  if (sealed.empty() && text_in(item, "id").empty()) return missing(at_item(index, "id"));
  if (sealed.empty()) return std::nullopt;
  if (sealed == sealed_reasoning(organization, summary_of(item))) return std::nullopt;
  auto id = text_in(item, "id");
  std::string which = id.empty() ? fmt::format("{}...{}", sealed.substr(0, 4),
                                               sealed.substr(sealed.size() - std::min<std::size_t>(sealed.size(), 4)))
                                 : fmt::format("for item {}", id);
  return told(fmt::format("The encrypted content {} could not be verified. Reason: Encrypted content could not be "
                          "decrypted or parsed.",
                          which),
              "", "invalid_encrypted_content");
}

}  // namespace

std::string at_item(std::size_t index, std::string_view field) {
  return fmt::format("input[{}]{}{}", index, field.empty() ? "" : ".", field);
}

std::string sealed_reasoning(std::string_view organization, std::string_view summary) {
  return vouch(fmt::format("responses reasoning {}", organization), summary);
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string_view type_of(const bj::object& item) {
  auto type = text_in(item, "type");
  if (!type.empty()) return type;
  return item.contains("role") ? "message" : "item_reference";
}

std::string summary_of(const bj::object& reasoning) {
  std::string text;
  for (const bj::value& part : list_in(reasoning, "summary")) {
    if (!text.empty()) text += '\n';
    if (part.is_object()) text += text_in(part.get_object(), "text");
  }
  return text;
}

bool made_by_model(const bj::object& item) {
  auto type = type_of(item);
  if (type == "message") return text_in(item, "role") == "assistant";
  return type == "reasoning" || type == "item_reference" || type == "program" || type.ends_with("_call") ||
         type.starts_with("mcp_list") || type.starts_with("mcp_approval_request");
}

std::optional<Problem> check_items(json::Cursor body, const bj::object& parsed) {
  const bj::value* input = find_in(parsed, "input");
  if (!input || !input->is_array()) return std::nullopt;
  body.enter_object();
  while (auto key = body.next_key()) {
    if (*key == "input") break;
    body.skip();
  }
  body.enter_array();
  const bj::array& items = input->get_array();
  for (std::size_t i = 0; body.next_element() && i < items.size(); ++i) {
    auto problem = check_shape(body, items[i].as_object());
    if (!problem) continue;
    problem->path = at_item(i, problem->path);
    return problem;
  }
  return std::nullopt;
}

std::optional<Problem> check_item(const bj::object& item, std::size_t index, const Ask& ask) {
  if (auto problem = check_id(item, index)) return problem;
  if (auto problem = check_call(item, index)) return problem;
  if (auto problem = check_signature(item, index, ask.place.organization)) return problem;
  std::string_view field = item.contains("content") ? "content" : "output";
  return check_parts(list_in(item, field), at_item(index, field), ask.model);
}

}  // namespace sluice::sim
