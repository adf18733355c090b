// Answers that are kept, and the endpoints that read, delete and cancel them.
//
// Thread rule: any thread. Source: the provider's reference.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/stored.h"

namespace sluice::sim {

// An id the provider makes: PREFIX_ANSWER for answers, PREFIX_ANSWER_ITEM for items.
std::string made_id(std::string_view prefix, std::string_view answer);
std::string made_id(std::string_view prefix, std::string_view answer, std::string_view item);

// The id of the answer an item belongs to, by the item's id; empty: it is none of ours.
std::string owner_of(std::string_view item_id);

// An item that is kept, among those it came with.
struct KeptItem {
  boost::json::array items;
  std::size_t at = 0;

  const boost::json::object& item() const { return items[at].as_object(); }
};
std::optional<KeptItem> find_item(const Stored& stored, std::string_view id);

// The input of a request as it is kept: a list of items, each with an id.
boost::json::array kept_input(const boost::json::object& body, std::string_view answer);

// GET, DELETE and cancel of an answer, and its input items.
Answer stored_response(const Place& place, Stored& stored);
Answer stored_items(const Place& place, const Stored& stored);

}  // namespace sluice::sim
