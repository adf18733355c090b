// What an answer cost: its usage times the prices of its model, under the terms it was answered.
//
// Computed in 128-bit integers and rounded once, to the nano-dollar. What cannot be known is said to be unknown and
// why; it is never taken for free. Source of the rules: the providers' pages on prices, as docs/guide/prices.md tells
// them. Thread rule: pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "chat/learned.h"
#include "provider/catalogue/price.h"

namespace sluice::provider {

// As the answer names them; empty where it does not. Words that are not the usual ones must have a factor.
struct Terms {
  std::string_view service_tier;  // "flex", "priority", "batch"
  std::string_view speed;         // "fast"
  std::string_view geo;           // "us"
  WallTime when;                  // for prices that change with time
};
// A word for terms that are paid as usual.
bool is_usual_term(std::string_view word);
// Views into `learned`.
Terms terms_of(const chat::Learned& learned, WallTime when);

struct CostLine {
  Item item;
  std::uint64_t count = 0;
  Money price;   // for unit_of(item), before factors
  Money amount;  // with them; the amounts of all lines add up to the total
};

struct Cost {
  Money total;
  std::vector<CostLine> lines;  // of what was used, in the order of Item
};

// Why a cost is not known.
struct Unpriced {
  enum class Why : std::uint8_t {
    kNoPrice,  // nothing is known of the model
    kNoUsage,  // the answer did not say what it used
    kGoesOn,   // the answer is not finished: it goes on in the background
    kItem,     // it used something that has no price
    kTerms,    // it was answered on terms that have no price
    kTooMuch,  // the counts are none that a model reaches
  };
  Why why = Why::kNoPrice;
  Item item = Item::kInput;  // with kItem
};
std::string_view to_text(const Unpriced& unpriced);  // a constant: "no price of cache_write_1h"

std::expected<Cost, Unpriced> cost_of(const Price* price, const chat::Usage& usage, const Terms& terms);

}  // namespace sluice::provider
