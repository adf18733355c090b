// Rows for tests: every field has a value of its own.
//
// Thread rule: pure.
#pragma once

#include <fmt/format.h>

#include "store/row.h"

namespace sluice::store {

// Fills what has no value yet with one that names its place.
struct Filler {
  std::int64_t seed = 0;

  void operator()(int number, const char*, std::int64_t& member) { member = seed * 1000 + number; }
  void operator()(int, const char*, bool& member) { member = true; }
  void operator()(int number, const char*, std::optional<std::int64_t>& member) { member = seed * 1000 + number; }
  void operator()(int, const char* name, std::string& member) { member = fmt::format("{} {}", name, seed); }
  void operator()(int, const char*, Tags& member) { member = {{"feature", "search"}, {"sé\"bag", "\n{}"}}; }
};

inline ExchangeRow full_row(std::int64_t seed, int attempts = 2) {
  ExchangeRow row;
  each_field(row, Filler{seed});
  row.id = fmt::format("req_{:024x}", seed);
  for (int i = 0; i < attempts; ++i) each_field(row.attempts.emplace_back(), Filler{seed * 10 + i});
  return row;
}

// A plain success at one deployment.
inline ExchangeRow small_row(std::int64_t number, std::int64_t arrived_us) {
  ExchangeRow row;
  row.id = fmt::format("req_{:024x}", number);
  row.arrived_us = arrived_us;
  row.duration_us = 10;
  row.key = "web";
  row.team = "shop";
  row.route = "fast";
  row.operation = "chat";
  row.status = 200;
  AttemptRow attempt;
  attempt.deployment = "openai/gpt";
  attempt.provider = "openai";
  attempt.model_routed = "gpt";
  attempt.status = 200;
  attempt.usage = {.source = "provider", .input = 100, .output = 10};
  attempt.cost_nanos = 1'000;
  row.attempts.push_back(attempt);
  return row;
}

// Of rows that are there as long.
inline std::vector<ExchangeView> views_of(std::span<const ExchangeRow> rows) {
  std::vector<ExchangeView> views;
  for (const auto& row : rows) views.push_back(row_as<ExchangeView>(row));
  return views;
}

}  // namespace sluice::store
