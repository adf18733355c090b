// What a request can cost at most: the bounds of what it uses times the dearest prices that may apply.
//
// Source of the rules: docs/guide/budgets.md, which tells what is assumed where a body does not bound it. Thread rule:
// pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dialect/demand.h"
#include "provider/catalogue/catalogue.h"

namespace sluice::provider {

struct Bounds {
  std::uint64_t input = 0;   // tokens
  std::uint64_t output = 0;  // of all answers
  std::uint64_t requests = 1;
  std::uint64_t searches = 0;
  std::uint64_t file_searches = 0;
  std::uint64_t tool_calls = 0;
  bool has_images = false, has_audio = false;
  bool writes_cache = false, writes_cache_1h = false;
};

// Of a call of this operation to a model of this name. `window` and `max_output` are the model's; 0: not known.
// Nothing: it has no bound.
struct ModelLimits {
  std::uint64_t window = 0;
  std::uint64_t max_output = 0;
  bool open_ended = false;
  bool any_model = false;  // the name says nothing of the model behind it
};
std::optional<Bounds> bounds_of(const dialect::Endpoint& endpoint, const dialect::Demand& demand,
                                std::string_view model, ModelLimits limits);

// What a request asks for at this provider: OpenAI and Azure take a tier that is not named for "auto".
dialect::AskedTerms terms_at(std::string_view catalogue_name, dialect::AskedTerms asked);

// The first of the terms that has no price, so that an answer on them has none either. Nothing: all have one.
std::optional<std::string> unpriced_term(const Price& price, const dialect::AskedTerms& asked);

// At the dearest of the terms that the price knows and the request leaves open, and of the tiers that so much input or
// less is in. Nothing: something that may be charged has no price.
std::optional<Money> worst_case(const Price& price, const Bounds& bounds, const dialect::AskedTerms& terms,
                                WallTime when);
// What the tools of a request may be charged by and has no price. Nothing: all has one.
std::optional<Item> unpriced_call(const Rates& rates, const Bounds& bounds);
// How many tokens of output so much money pays, everything else paid before; nothing: output has no price.
std::optional<std::uint64_t> output_for(const Price& price, Bounds bounds, const dialect::AskedTerms& terms,
                                        WallTime when, Money money);

// The same with a price of each call of a tool that it has none of: the other's, else nothing at all.
Price with_calls_of(Price price, const Price& other);

// The dearest price there is of each thing, for models of which nothing is known.
Price dearest(const Catalogue& catalogue);
ModelLimits largest(const Catalogue& catalogue);

}  // namespace sluice::provider
