// The configuration's keys as tables: name, type, range, meaning and the member each one fills.
//
// The one source of what a file may hold: the reader checks and fills by these tables, nearest-name suggestions come
// from them, and json_schema() prints them. Defaults are the members' own initial values.
//
// Thread rule: constants.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "app/config.h"

namespace sluice::app {

enum class FieldType {
  kText,      // std::string
  kSecret,    // Secret; never empty, never shown
  kNumber,    // std::uint32_t
  kCount,     // std::uint64_t
  kPercent,   // std::optional<std::uint32_t>
  kDuration,  // Ms
  kSize,      // std::uint64_t, bytes
  kMoney,     // std::optional<Money>, not negative; in quotes, so that no tool makes a binary fraction of it
  kChoice,    // std::string, one of `choices`
  kSwitch,    // bool, true for the second of two `choices`
  kAddress,   // Address
  kUrl,       // std::string, no slash at its end
  kProxy,     // Secret; it may hold a password
  kTexts,     // std::vector<std::string>; a single text stands for a list of one
  kHosts,     // kTexts; hosts that may be fetched from
  kNetworks,  // kTexts; networks of addresses
  kOrigins,   // kTexts; origins of web pages
  kTextMap,   // std::map<std::string, std::string>; values are never shown
  kSection,   // a map with known keys
  kNamed,     // a map from names of the user's choice to sections
  kList,      // a list of sections
};

struct Section;

struct Field {
  std::string_view name;
  FieldType type = FieldType::kText;
  std::string_view about;
  // The member within the struct that the field's section fills. Null with kNamed and kList, which have `add`.
  void* (*at)(void* owner) = nullptr;
  // Appends an item to the owner and returns it.
  void* (*add)(void* owner, std::string name) = nullptr;
  std::int64_t least = 0;  // kNumber, kCount; kDuration in milliseconds; kSize in bytes; kMoney in dollars
  std::int64_t most = 0;
  std::span<const std::string_view> choices{};
  const Section* section = nullptr;
  bool required = false;
};

struct Section {
  std::string_view about;
  std::span<const Field> fields;
  std::string_view shorthand{};  // the field that a value which is not a map stands for
  bool alone = false;            // where a list of it is expected, one may stand without the list

  const Field* find(std::string_view name) const;
};

// The whole file; its owner is a Config.
const Section& config_section();

// The value a member has now, as one would write it; empty when it has none or is a secret.
std::string current_text(const Field& field, void* owner);
// "from 1 to 100", "from 1ms to 24h"
std::string range_text(const Field& field);

}  // namespace sluice::app
