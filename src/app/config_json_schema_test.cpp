// check: allow regex because the patterns are those of the schema, and short
// What the printed schema says of itself: an editor checks a file by it, and fills in its defaults.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <string>

#include "app/config.h"
#include "sim/dom.h"

namespace sluice::app::config_json_schema_test {
namespace {

using boost::json::object;
using boost::json::value;

std::string_view type_name(const value& one) {
  switch (one.kind()) {
    case boost::json::kind::string:
      return "string";
    case boost::json::kind::bool_:
      return "boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return "integer";
    case boost::json::kind::object:
      return "object";
    case boost::json::kind::array:
      return "array";
    default:
      return "null";
  }
}

bool is_of_type(const value& wanted, const value& one) {
  auto is = [&](const value& name) {
    const std::string_view text = name.as_string();
    return text == type_name(one) || (text == "number" && type_name(one) == "integer");
  };
  return wanted.is_array() ? std::ranges::any_of(wanted.as_array(), is) : is(wanted);
}

bool is_in_range(const object& schema, const value& one) {
  if (!one.is_int64()) return true;
  const auto* least = schema.if_contains("minimum");
  const auto* most = schema.if_contains("maximum");
  return (!least || one.as_int64() >= least->as_int64()) && (!most || one.as_int64() <= most->as_int64());
}

bool has_pattern(const object& schema, const value& one) {
  const auto* pattern = schema.if_contains("pattern");
  if (!pattern || !one.is_string()) return true;
  return std::regex_search(std::string(one.as_string()), std::regex(std::string(pattern->as_string())));
}

// The keywords that the schema uses for single values.
bool fits(const object& schema, const value& one) {
  if (const auto* type = schema.if_contains("type"); type && !is_of_type(*type, one)) return false;
  if (const auto* only = schema.if_contains("const"); only && *only != one) return false;
  if (const auto* list = schema.if_contains("enum");
      list && std::ranges::find(list->as_array(), one) == list->as_array().end())
    return false;
  if (!is_in_range(schema, one) || !has_pattern(schema, one)) return false;
  const auto* any = schema.if_contains("anyOf");
  return !any || std::ranges::any_of(any->as_array(), [&](const value& part) { return fits(part.as_object(), one); });
}

struct Walk {
  int defaults = 0;
  std::string misfits;

  void visit(const value& node, const std::string& path) {
    if (const auto* list = node.if_array()) {
      for (const auto& item : *list) visit(item, path);
    }
    const auto* map = node.if_object();
    if (!map) return;
    if (const auto* standard = map->if_contains("default"); standard && map->contains("description")) {
      ++defaults;
      if (!fits(*map, *standard)) misfits += path + ": " + boost::json::serialize(*standard) + "\n";
    }
    for (const auto& [key, below] : *map) visit(below, path + "/" + std::string(key));
  }
};

const object& schema() {
  static const value kSchema = *sim::parsed(json_schema());
  return kSchema.as_object();
}

// A property of the schema by its path: "cors.max_age".
const object& property(std::initializer_list<std::string_view> path) {
  const object* at = &schema();
  for (auto name : path) at = &at->at("properties").as_object().at(name).as_object();
  return *at;
}

TEST(JsonSchema, EveryDefaultIsAValueOfItsKey) {
  Walk walk;
  walk.visit(schema(), "");
  EXPECT_GT(walk.defaults, 100);
  EXPECT_EQ(walk.misfits, "");
}

TEST(JsonSchema, ValuesThatTheReaderTakesFit) {
  for (auto text : {"90d", "250ms", "0", "${file:/run/patience}", "${PATIENCE:-2s}"}) {
    EXPECT_TRUE(fits(property({"ledger", "retention"}), text)) << text;
  }
  for (const value& one : {value(true), value(false), value("true"), value("${DRILLS}"), value("${DRILLS:-false}")}) {
    EXPECT_TRUE(fits(property({"drill", "enabled"}), one)) << boost::json::serialize(one);
  }
  EXPECT_TRUE(fits(property({"threads"}), "${file:/run/threads}"));
  EXPECT_TRUE(fits(property({"limits", "body"}), "64MiB"));
}

TEST(JsonSchema, ValuesThatTheReaderRefusesDoNot) {
  EXPECT_FALSE(fits(property({"ledger", "retention"}), "90 days"));
  EXPECT_FALSE(fits(property({"drill", "enabled"}), "yes"));
  EXPECT_FALSE(fits(property({"threads"}), -1));
  EXPECT_FALSE(fits(property({"log", "level"}), "loud"));
}

}  // namespace
}  // namespace sluice::app::config_json_schema_test
