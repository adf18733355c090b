// What the items of an input may be: each by itself.
//
// Thread rule: pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/cursor.h"
#include "sim/ask.h"
#include "sim/shape.h"

namespace sluice::sim {

// What the ids of calls begin with.
inline constexpr std::string_view kCallPrefix = "call_";
// What seals the reasoning with this summary for an organization, and for no other.
std::string sealed_reasoning(std::string_view organization, std::string_view summary);

// Checks the input of the body ahead against the shapes of its items.
std::optional<Problem> check_items(json::Cursor body, const boost::json::object& parsed);

// The rules an item of the right shape is held to: its ids, what its parts point to, its signature.
std::optional<Problem> check_item(const boost::json::object& item, std::size_t index, const Ask& ask);

// The type of an item; "message" and "item_reference" need not say it.
std::string_view type_of(const boost::json::object& item);

// The text of a reasoning's summary, its parts on lines of their own.
std::string summary_of(const boost::json::object& reasoning);

// The model made it, so that reasoning may stand before it.
bool made_by_model(const boost::json::object& item);

// A letter, digit, underscore or dash: what ids and names are made of.
bool is_plain(std::string_view text);

// "input[3].field"
std::string at_item(std::size_t index, std::string_view field = "");

}  // namespace sluice::sim
