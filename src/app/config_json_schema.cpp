#include <fmt/format.h>

#include <iterator>

#include "app/config.h"
#include "app/config_schema.h"

namespace sluice::app {

namespace {

using Type = FieldType;

// A variable, file:PATH or secret:NAME, and what stands in for it.
constexpr std::string_view kReference = R"re(\$\{[^}]+\})re";

std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string quoted_list(std::span<const std::string_view> texts) {
  std::string result;
  for (auto text : texts)
    fmt::format_to(std::back_inserter(result), "{}{}", result.empty() ? "" : ",", json_string(text));
  return "[" + result + "]";
}

// A text of this pattern, or one that a reference stands in.
std::string pattern(std::string_view expression) {
  return fmt::format(R"("type":"string","pattern":{})",
                     json_string(fmt::format("^({}|.*{}.*)$", expression, kReference)));
}

// A section that is being printed, and those around it: one that holds itself is referred to.
struct Open {
  const Section* section = nullptr;
  std::string pointer;
  const Open* outer = nullptr;
};

std::string section_schema(const Section& section, void* owner, const std::string& pointer, const Open* outer);

std::string items_schema(const Field& field, void* owner, const std::string& pointer, const Open* outer) {
  for (const Open* open = outer; open != nullptr; open = open->outer) {
    if (open->section == field.section) return fmt::format(R"("$ref":{})", json_string("#" + open->pointer));
  }
  return section_schema(*field.section, field.add(owner, ""), pointer + "/items", outer);
}

// The keywords of a field's value, without description and default.
std::string value_schema(const Field& field, void* owner, const std::string& pointer, const Open* outer) {
  switch (field.type) {
    case Type::kText:
    case Type::kUrl:
    case Type::kProxy:
      return R"("type":["string","number","boolean"])";
    case Type::kSecret:
      return R"("type":"string","minLength":1)";
    case Type::kNumber:
    case Type::kCount:
    case Type::kPercent:
      return fmt::format(R"("anyOf":[{{"type":"integer","minimum":{},"maximum":{}}},{{{}}}])", field.least, field.most,
                         pattern("[0-9]+"));
    case Type::kDuration:
      return fmt::format(R"("anyOf":[{{{}}},{{"const":0}}])", pattern("0|[0-9]+(ms|s|m|h|d)"));
    case Type::kSize:
      return fmt::format(R"("anyOf":[{{"type":"integer","minimum":{},"maximum":{}}},{{{}}}])", field.least, field.most,
                         pattern("[0-9]+(B|KiB|MiB|GiB)?"));
    case Type::kMoney:
      return pattern(R"([0-9]+(\.[0-9]{1,9})?)");
    case Type::kSwitch:
      if (field.choices.front() == "false") {
        return fmt::format(R"("anyOf":[{{"type":"boolean"}},{{{}}}])", pattern("true|false"));
      }
      [[fallthrough]];
    case Type::kChoice:
      return fmt::format(R"("anyOf":[{{"enum":{}}},{{{}}}])", quoted_list(field.choices), pattern(kReference));
    case Type::kAddress:
      return pattern(".+:[0-9]+");
    case Type::kTexts:
    case Type::kHosts:
    case Type::kNetworks:
    case Type::kOrigins:
      return R"("anyOf":[{"type":["string","null"]},{"type":"array","items":{"type":["string","number","boolean"]}}])";
    case Type::kTextMap:
      return R"("type":["object","null"],"additionalProperties":{"type":["string","number","boolean"]})";
    case Type::kSection:
      return section_schema(*field.section, field.at(owner), pointer, outer);
    case Type::kNamed:
      return fmt::format(
          R"("type":["object","null"],"additionalProperties":{{{}}})",
          section_schema(*field.section, field.add(owner, ""), pointer + "/additionalProperties", outer));
    case Type::kList:
      if (field.section->alone) {
        // The keywords of objects are of no concern to lists, nor the other way round.
        const auto item = section_schema(*field.section, field.add(owner, ""), pointer + "/items", outer);
        constexpr std::string_view kType = R"("type":["object","null"])";
        return fmt::format(R"("type":["array","object","null"]{0},"items":{{{1}}})", item.substr(kType.size()), item);
      }
      return fmt::format(R"("type":["array","string","null"],"items":{{{}}})",
                         items_schema(field, owner, pointer, outer));
  }
  return {};
}

// Whether its values are numbers or booleans of JSON.
bool is_plain(const Field& field) {
  return field.type == Type::kNumber || field.type == Type::kCount ||
         (field.type == Type::kSwitch && field.choices.front() == "false");
}

std::string field_schema(const Field& field, void* owner, const std::string& pointer, const Open* outer) {
  std::string result = fmt::format(R"({}:{{"description":{},{})", json_string(field.name), json_string(field.about),
                                   value_schema(field, owner, pointer, outer));
  std::string standard = current_text(field, owner);
  if (!standard.empty()) result += ",\"default\":" + (is_plain(field) ? standard : json_string(standard));
  return result + "}";
}

std::string section_schema(const Section& section, void* owner, const std::string& pointer, const Open* outer) {
  const Open self{&section, pointer, outer};
  std::string properties, required;
  for (const Field& field : section.fields) {
    properties += (properties.empty() ? "" : ",");
    properties += field_schema(field, owner, fmt::format("{}/properties/{}", pointer, field.name), &self);
    if (field.required) required += (required.empty() ? "" : ",") + json_string(field.name);
  }
  std::string result =
      fmt::format(R"("type":{},"properties":{{{}}},"additionalProperties":false)",
                  section.shorthand.empty() ? R"(["object","null"])" : R"(["object","array","string"])", properties);
  if (!required.empty()) result += ",\"required\":[" + required + "]";
  return result;
}

// Two spaces a level, one property a line.
std::string indented(std::string_view json) {
  std::string result;
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (in_text) {
      result += c;
      if (c == '\\') result += json[++i];
      in_text = c != '"';
      continue;
    }
    in_text = c == '"';
    if (c == '}' || c == ']') result += "\n" + std::string(2 * --depth, ' ');
    result += c;
    if (c == '{' || c == '[') ++depth;
    if (c == '{' || c == '[' || c == ',') result += "\n" + std::string(2 * depth, ' ');
    if (c == ':') result += ' ';
  }
  return result + "\n";
}

}  // namespace

std::string json_schema() {
  Config defaults;
  return indented(fmt::format(
      R"({{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Sluice","description":{},{}}})",
      json_string(config_section().about), section_schema(config_section(), &defaults, "", nullptr)));
}

}  // namespace sluice::app
