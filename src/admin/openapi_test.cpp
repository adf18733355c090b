#include "admin/openapi.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "admin/rows.h"
#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::admin::openapi_test {
namespace {

// The document's schemas by name: the fields of each, with those of the schemas it is made of.
std::map<std::string, std::set<std::string>> fields_of_schemas() {
  std::map<std::string, std::set<std::string>> fields, parts;
  json::Reader reader;
  auto cursor = reader.scan_copy(openapi());
  auto schema = [&](std::string_view name) {
    const std::string key(name);
    json::each_member(*cursor, [&](std::string_view detail) {
      if (detail == "properties")
        json::each_member(*cursor, [&](std::string_view field) { fields[key].insert(std::string(field)); });
      if (detail != "allOf") return;
      json::each_element(*cursor, [&](std::size_t) {
        json::each_member(*cursor, [&](std::string_view) {
          auto reference = json::plain(json::take_string(*cursor).value());
          parts[key].insert(reference.substr(reference.rfind('/') + 1));
        });
      });
    });
  };
  json::each_member(*cursor, [&](std::string_view member) {
    if (member != "components") return;
    json::each_member(*cursor, [&](std::string_view part) {
      if (part == "schemas") json::each_member(*cursor, schema);
    });
  });
  EXPECT_TRUE(cursor->finish());
  for (const auto& [name, of] : parts) {
    for (const auto& part : of) fields[name].insert(fields[part].begin(), fields[part].end());
  }
  return fields;
}

// What the document says of bodies is what is read: field for field.
TEST(OpenApi, NamesTheFieldsOfBodies) {
  auto schemas = fields_of_schemas();
  auto set = [](std::span<const std::string_view> names) { return std::set<std::string>(names.begin(), names.end()); };
  EXPECT_EQ(schemas["NewKey"], set(key_fields()));
  EXPECT_EQ(schemas["NewTeam"], set(team_fields()));
  EXPECT_EQ(schemas["NewUser"], set(user_fields()));
  for (const auto& [change, fields] :
       {std::pair("KeyChange", key_fields()), {"TeamChange", team_fields()}, {"UserChange", user_fields()}})
    EXPECT_EQ(schemas[change], set(fields.subspan(1))) << change;
  EXPECT_TRUE(std::ranges::includes(schemas["Key"], schemas["NewKey"]));
}

}  // namespace
}  // namespace sluice::admin::openapi_test
