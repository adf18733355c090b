#include "sim/responses/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "sim/dom.h"
#include "sim/responses/items.h"
#include "sim/responses/kept.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

struct CallKind {
  std::string_view call;
  std::string_view result;
  std::string_view words;
  std::string_view link = "call_id";  // the field of the result that names the call
};
constexpr CallKind kCallKinds[] = {
    {"function_call", "function_call_output", "function call"},
    {"custom_tool_call", "custom_tool_call_output", "custom tool call"},
    {"computer_call", "computer_call_output", "computer call"},
    {"local_shell_call", "local_shell_call_output", "local shell call", "id"},
    {"shell_call", "shell_call_output", "shell call"},
    {"apply_patch_call", "apply_patch_call_output", "apply patch call"},
    {"program", "program_output", "program"},
};

struct Call {
  const CallKind* kind;
  std::string_view id;
  std::string_view name;
  bool open;
};

std::optional<Problem> settle(std::vector<Call>& calls, const CallKind& kind, const bj::object& result, Seen seen) {
  auto id = text_in(result, kind.link);
  auto name = text_in(result, "name");
  auto meant = [&](const Call& call) {
    return call.kind == &kind && (id.empty() ? !name.empty() && call.name == name : call.id == id);
  };
  auto call = std::ranges::find_if(calls, [&](const Call& one) { return one.open && meant(one); });
  if (call != calls.end()) {
    call->open = false;
    return std::nullopt;
  }
  if (std::ranges::any_of(calls, meant)) {
    return told(fmt::format("Duplicate tool output found for {} {}.", kind.words, id), "input");
  }
  if (seen == Seen::kPart) return std::nullopt;
  return told(fmt::format("No tool call found for {} output with call_id {}.", kind.words, id), "input");
}

std::optional<Problem> check_calls(const bj::array& items, Seen seen) {
  std::vector<Call> calls;
  for (const bj::value& value : items) {
    const bj::object& item = value.as_object();
    auto type = type_of(item);
    if (auto kind = std::ranges::find(kCallKinds, type, &CallKind::call); kind != std::end(kCallKinds)) {
      bool open = !flag_in(item, "async");
      calls.push_back({kind, text_in(item, "call_id"), text_in(item, "name"), open});
    } else if (auto made = std::ranges::find(kCallKinds, type, &CallKind::result); made != std::end(kCallKinds)) {
      if (auto problem = settle(calls, *made, item, seen)) return problem;
    }
  }
  auto open = std::ranges::find_if(calls, &Call::open);
  if (open == calls.end()) return std::nullopt;
  return told(fmt::format("No tool output found for {} {}.", open->kind->words, open->id), "input");
}

Problem without_following(std::string_view id) {
  return told(fmt::format("Item '{}' of type 'reasoning' was provided without its required following item.", id),
              "input");
}

std::optional<Problem> check_following(const bj::array& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bj::object& item = items[i].as_object();
    if (type_of(item) != "reasoning") continue;
    auto id = text_in(item, "id");
    if (i + 1 == items.size()) return without_following(id);
    const bj::object& next = items[i + 1].as_object();
    bool others = find_in(next, "id") && !owner_of(id).empty() && owner_of(id) != owner_of(text_in(next, "id"));
    if (!made_by_model(next) || others) return without_following(id);
  }
  return std::nullopt;
}

std::optional<Problem> check_ids(const bj::array& items) {
  std::set<std::string_view> seen;
  for (const bj::value& value : items) {
    const bj::object& item = value.as_object();
    auto id = text_in(item, "id");
    if (id.empty() || type_of(item) == "local_shell_call_output" || seen.insert(id).second) continue;
    return told(
        fmt::format("Duplicate item found with id {}. Remove duplicate items from your input and try again.", id),
        "input");
  }
  return std::nullopt;
}

Refusal item_not_found(std::string_view id) {
  return {404, told(fmt::format("Item with id '{}' not found. Items are not persisted when `store` is set to false. "
                                "Try again with `store` set to true, or remove this item from your input.",
                                id),
                    "input")};
}

// What was asked and answered before, oldest first.
std::optional<Refusal> recall_before(std::string_view id, const Stored& stored, bj::array& items) {
  std::vector<Stored::Entry> entries;
  std::string next(id);
  while (!next.empty()) {
    auto entry = stored.find(next);
    if (!entry) {
      return Refusal{400, told(fmt::format("Previous response with id '{}' not found.", next), "previous_response_id",
                               "previous_response_not_found")};
    }
    auto answer = parsed(entry->answer);
    next = answer ? std::string(text_in(answer->as_object(), "previous_response_id")) : "";
    entries.push_back(std::move(*entry));
  }
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    auto input = parsed(entry->input);
    auto answer = parsed(entry->answer);
    if (!input || !answer) continue;
    for (const bj::value& item : input->as_array()) {
      auto kept =
          find_item(stored, type_of(item.as_object()) == "item_reference" ? text_in(item.as_object(), "id") : "");
      items.push_back(kept ? bj::value(kept->item()) : item);
    }
    for (const bj::value& item : list_in(answer->as_object(), "output")) items.push_back(item);
  }
  return std::nullopt;
}

bool is_same(const bj::object& sent, const bj::object& kept) {
  if (type_of(sent) != type_of(kept)) return false;
  if (find_in(sent, "id")) return text_in(sent, "id") == text_in(kept, "id");
  return text_in(sent, "call_id") == text_in(kept, "call_id");
}

// Reasoning that is kept: the same summary, and before what it was before.
std::optional<Refusal> check_reasoning(const History& history, std::size_t at, const KeptItem& kept) {
  const bj::object& item = history.items[at].as_object();
  if (summary_of(item) != summary_of(kept.item())) {
    auto path = at_item(at - history.before, "summary");
    return Refusal{400, told(fmt::format("Invalid '{}': the summary of item '{}' is not the one it was made with.",
                                         path, text_in(item, "id")),
                             path, "invalid_value")};
  }
  if (kept.at + 1 == kept.items.size()) return std::nullopt;
  bool follows =
      at + 1 < history.items.size() && is_same(history.items[at + 1].as_object(), kept.items[kept.at + 1].as_object());
  if (follows) return std::nullopt;
  return Refusal{400, without_following(text_in(item, "id"))};
}

bool has_reasoning(const History& history, std::size_t before, const bj::object& wanted) {
  for (std::size_t i = 0; i < before; ++i) {
    const bj::object& item = history.items[i].as_object();
    if (type_of(item) != "reasoning") continue;
    auto id = text_in(item, "id");
    if (id.empty() ? summary_of(item) == summary_of(wanted) : id == text_in(wanted, "id")) return true;
  }
  return false;
}

// What was made by reasoning needs it before it, when both are known by their ids.
std::optional<Refusal> check_made(const History& history, std::size_t at, const KeptItem& kept) {
  const bj::object& item = history.items[at].as_object();
  for (std::size_t i = 0; i < kept.at && made_by_model(item); ++i) {
    const bj::object& reasoning = kept.items[i].as_object();
    if (type_of(reasoning) != "reasoning" || has_reasoning(history, at, reasoning)) continue;
    if (owner_of(text_in(reasoning, "id")) != owner_of(text_in(item, "id"))) continue;
    return Refusal{400, told(fmt::format("Item '{}' of type '{}' was provided without its required 'reasoning' item: "
                                         "'{}'.",
                                         text_in(item, "id"), type_of(item), text_in(reasoning, "id")),
                             "input")};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> check_order(const bj::array& items, Seen seen) {
  if (auto problem = check_ids(items)) return problem;
  if (auto problem = check_following(items)) return problem;
  return check_calls(items, seen);
}

std::optional<Refusal> recall(const bj::object& body, const Stored& stored, History& history) {
  auto previous = text_in(body, "previous_response_id");
  if (auto refusal = recall_before(previous, stored, history.items)) return refusal;
  history.before = history.items.size();
  const bj::value* input = find_in(body, "input");
  if (input && input->is_string()) {
    history.items.push_back(bj::object{{"role", "user"}, {"content", input->get_string()}});
    return std::nullopt;
  }
  for (const bj::value& item : list_in(body, "input")) {
    if (!item.is_object()) continue;
    history.items.push_back(item);
    if (type_of(item.get_object()) != "item_reference") continue;
    auto id = text_in(item.get_object(), "id");
    auto kept = find_item(stored, id);
    if (!kept) return item_not_found(id);
    history.items.back() = kept->item();
  }
  return std::nullopt;
}

std::optional<Refusal> check_kept(const History& history, const Stored& stored) {
  for (std::size_t i = history.before; i < history.items.size(); ++i) {
    const bj::object& item = history.items[i].as_object();
    auto id = text_in(item, "id");
    bool reasoning = type_of(item) == "reasoning";
    auto kept = id.empty() ? std::nullopt : find_item(stored, id);
    if (!kept && reasoning && text_in(item, "encrypted_content").empty()) return item_not_found(id);
    if (!kept) continue;
    if (auto refusal = reasoning ? check_reasoning(history, i, *kept) : check_made(history, i, *kept)) return refusal;
  }
  return std::nullopt;
}

}  // namespace sluice::sim
