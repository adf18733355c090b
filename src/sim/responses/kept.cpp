#include "sim/responses/kept.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "http/url.h"
#include "sim/dom.h"
#include "sim/responses/errors.h"
#include "sim/responses/items.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

std::size_t position_of(const bj::array& items, std::string_view id) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].is_object() && text_in(items[i].get_object(), "id") == id) return i;
  }
  return items.size();
}

bj::array items_of(std::string_view json) {
  auto value = parsed(json);
  return value && value->is_array() ? std::move(value->get_array()) : bj::array();
}

bj::object answer_of(std::string_view json) {
  auto value = parsed(json);
  return value && value->is_object() ? std::move(value->get_object()) : bj::object();
}

std::string_view input_prefix(std::string_view type) {
  if (type == "message") return "msg";
  if (type == "reasoning") return "rs";
  if (type == "function_call") return "fc";
  return type == "custom_tool_call" ? "ctc" : "item";
}

Answer refused(int status, std::string message, std::string_view param = "", std::string_view code = "") {
  return refuse_with(status, response_error(told(std::move(message), param, code)));
}

// A parameter of a query; empty: not there.
std::string parameter(std::string_view query, std::string_view name) {
  for (auto piece : split(query, '&')) {
    auto equals = std::min(piece.find('='), piece.size());
    if (piece.substr(0, equals) != name) continue;
    return http::percent_decode(piece.substr(std::min(equals + 1, piece.size()))).value_or("");
  }
  return {};
}

std::optional<Answer> bad_id(const Place& place) {
  if (!is_plain(place.id) || !place.id.starts_with("resp")) {
    return refused(400, fmt::format("Invalid 'response_id': '{}'. Expected an ID that begins with 'resp'.", place.id),
                   "response_id", "invalid_value");
  }
  return std::nullopt;
}

Answer not_found(const Place& place) {
  return refused(404, fmt::format("Response with id '{}' not found.", place.id));
}

bj::object page(bj::array items, bool more) {
  bj::value first;
  bj::value last;
  if (!items.empty()) {
    first = items.front().at("id");
    last = items.back().at("id");
  }
  return {{"object", "list"}, {"data", std::move(items)}, {"first_id", first}, {"last_id", last}, {"has_more", more}};
}

}  // namespace

std::string made_id(std::string_view prefix, std::string_view answer) {
  std::string id = fmt::format("{}_{}", prefix, answer);
  std::ranges::replace(id, '.', '-');  // an instance's name may have dots, an id has none
  return id;
}

std::string made_id(std::string_view prefix, std::string_view answer, std::string_view item) {
  return fmt::format("{}_{}", made_id(prefix, answer), item);
}

std::string owner_of(std::string_view item_id) {
  auto first = item_id.find('_');
  auto last = item_id.rfind('_');
  if (first == std::string_view::npos || first == last) return {};
  return "resp" + std::string(item_id.substr(first, last - first));
}

std::optional<KeptItem> find_item(const Stored& stored, std::string_view id) {
  auto entry = stored.find(owner_of(id));
  if (!entry) return std::nullopt;
  KeptItem found{list_in(answer_of(entry->answer), "output")};
  found.at = position_of(found.items, id);
  if (found.at < found.items.size()) return found;
  found.items = items_of(entry->input);
  found.at = position_of(found.items, id);
  if (found.at == found.items.size()) return std::nullopt;
  return found;
}

bj::array kept_input(const bj::object& body, std::string_view answer) {
  bj::array items;
  const bj::value* input = find_in(body, "input");
  if (input && input->is_string()) {
    items.push_back(bj::object{{"role", "user"}, {"content", input->get_string()}});
  } else {
    // One that is not checked may hold anything.
    for (const bj::value& item : list_in(body, "input")) {
      if (item.is_object()) items.push_back(item);
    }
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    bj::object& item = items[i].get_object();
    auto type = type_of(item);
    if (type == "item_reference") continue;
    if (type == "message") {
      bool said = text_in(item, "role") == "assistant";
      if (const bj::value* content = find_in(item, "content"); content && content->is_string()) {
        bj::object part{{"type", said ? "output_text" : "input_text"}, {"text", content->get_string()}};
        if (said) part["annotations"] = bj::array();
        item["content"] = bj::array({std::move(part)});
      }
      item["type"] = "message";
      item["status"] = "completed";
    }
    if (!find_in(item, "id")) item["id"] = made_id(input_prefix(type_of(item)), answer, fmt::format("in{}", i));
  }
  return items;
}

Answer stored_response(const Place& place, Stored& stored) {
  if (auto bad = bad_id(place)) return std::move(*bad);
  auto entry = stored.find(place.id);
  if (!entry) return not_found(place);
  if (place.action == "DELETE") {
    stored.remove(place.id);
    return whole({boost::json::serialize(bj::object{{"id", place.id}, {"object", "response"}, {"deleted", true}})});
  }
  bool background = flag_in(answer_of(entry->answer), "background");
  if (place.action == "cancel" && !background) return refused(400, "Cannot cancel a synchronous response.");
  if (parameter(place.query, "stream") == "true") {
    return refused(400,
                   "This response cannot be streamed because it was not created with background=true and stream=true.",
                   "stream");
  }
  return whole({entry->answer});
}

Answer stored_items(const Place& place, const Stored& stored) {
  if (auto bad = bad_id(place)) return std::move(*bad);
  auto entry = stored.find(place.id);
  if (!entry) return not_found(place);
  auto order = parameter(place.query, "order");
  if (!order.empty() && order != "asc" && order != "desc") {
    return refused(400, "Invalid value: '" + order + "'. Supported values are: 'asc' and 'desc'.", "order",
                   "invalid_value");
  }
  auto said = parameter(place.query, "limit");
  auto limit = said.empty() ? std::optional<std::size_t>(20) : to_number<std::size_t>(said);
  if (!limit || *limit < 1 || *limit > 100) {
    return refused(400, "Invalid 'limit': '" + said + "'. Expected an integer from 1 to 100.", "limit",
                   "invalid_value");
  }
  bj::array items = items_of(entry->input);
  if (order != "asc") std::ranges::reverse(items);
  std::size_t begin = 0;
  if (auto after = parameter(place.query, "after"); !after.empty()) {
    auto at = position_of(items, after);
    if (at == items.size()) return refused(404, "Item with id '" + after + "' not found.", "after");
    begin = at + 1;
  }
  auto end = std::min(items.size(), begin + *limit);
  bj::array data(items.begin() + static_cast<std::ptrdiff_t>(begin), items.begin() + static_cast<std::ptrdiff_t>(end));
  bool more = end < items.size();
  return whole({boost::json::serialize(page(std::move(data), more))});
}

}  // namespace sluice::sim
