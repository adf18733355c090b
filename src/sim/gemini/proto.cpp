#include "sim/gemini/proto.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <limits>

#include "base/base64.h"
#include "base/text.h"

namespace sluice::sim {

namespace {

namespace bj = boost::json;

std::string_view view(const bj::string& text) {
  return {text.data(), text.size()};
}

bool is_named(const ProtoField& field, std::string_view key) {
  return field.name == key || (key.contains('_') && in_snake_case(field.name) == key);
}

const ProtoField* find_field(const ProtoMessage& message, std::string_view key) {
  auto found = std::ranges::find_if(message.fields, [&](const ProtoField& field) { return is_named(field, key); });
  return found == message.fields.end() ? nullptr : &*found;
}

bool is_number(Proto type) {
  return type == Proto::kInt32 || type == Proto::kInt64 || type == Proto::kFloat;
}

// ---- tidying ----

bj::value tidied_number(const bj::string& text) {
  if (auto whole = to_number<std::int64_t>(view(text))) return *whole;
  if (auto decimal = to_number<double>(view(text)); decimal && std::isfinite(*decimal)) return *decimal;
  return text;
}

bj::value tidied_word(const bj::string& text, const ProtoWords& words) {
  for (auto word : words.words) {
    if (iequals(word, view(text))) return bj::value(word);
  }
  return text;
}

bj::value tidied_one(const bj::value& sent, const ProtoField& field) {
  if (const auto* text = sent.if_string()) {
    if (is_number(field.type)) return tidied_number(*text);
    if (field.type == Proto::kEnum) return tidied_word(*text, *field.words);
  }
  const auto* object = sent.if_object();
  if (!object) return sent;
  if (field.type == Proto::kMessage) return tidied(*object, *field.message);
  if (field.type != Proto::kMap) return sent;
  bj::object values;
  for (const auto& [key, value] : *object) {
    const auto* inner = value.if_object();
    values.emplace(key, inner ? bj::value(tidied(*inner, *field.message)) : value);
  }
  return values;
}

bj::value tidied_field(const bj::value& sent, const ProtoField& field) {
  if (!field.repeated) return tidied_one(sent, field);
  bj::array list;
  if (const auto* many = sent.if_array()) {
    for (const auto& one : *many) list.push_back(tidied_one(one, field));
  } else {
    list.push_back(tidied_one(sent, field));
  }
  return list;
}

// ---- checking ----

class Checker {
 public:
  explicit Checker(Service on) : on_(on) {}

  std::optional<Problem> message(const bj::object& sent, const ProtoMessage& message, const std::string& path) const {
    std::string_view set_before;
    for (const auto& [key, value] : sent) {
      auto found = std::ranges::find(message.fields, std::string_view(key), &ProtoField::name);
      if (found == message.fields.end() || (found->on != Service::kBoth && found->on != on_)) {
        return unknown(key, path, "Cannot find field.");
      }
      if (!found->oneof.empty()) {
        if (!set_before.empty()) return set_twice(*found, path);
        set_before = found->name;
      }
      std::string inner = path.empty() ? in_snake_case(found->name) : path + "." + in_snake_case(found->name);
      if (auto problem = field(value, *found, path, inner)) return problem;
    }
    return std::nullopt;
  }

 private:
  static Problem violation(std::string before, const std::string& path, std::string after) {
    return {std::move(before), path, std::move(after), std::string(kProtoViolation)};
  }
  static Problem unknown(std::string_view name, const std::string& path, std::string_view why) {
    return violation(fmt::format("Invalid JSON payload received. Unknown name \"{}\"{}", name.substr(0, 200),
                                 path.empty() ? "" : " at "),
                     path, fmt::format(": {}", why));
  }
  static Problem set_twice(const ProtoField& field, const std::string& path) {
    return violation(
        "Invalid value at ", path,
        fmt::format(" (oneof), oneof field '{}' is already set. Cannot set '{}'", field.oneof, field.name));
  }

  std::string type_of(const ProtoField& field) const {
    std::string_view package =
        on_ == Service::kVertex ? "google.cloud.aiplatform.v1beta1" : "google.ai.generativelanguage.v1beta";
    switch (field.type) {
      case Proto::kText:
      case Proto::kTextMap:
        return "TYPE_STRING";
      case Proto::kBytes:
        return "TYPE_BYTES";
      case Proto::kBool:
        return "TYPE_BOOL";
      case Proto::kInt32:
        return "TYPE_INT32";
      case Proto::kInt64:
        return "TYPE_INT64";
      case Proto::kFloat:
        return "TYPE_FLOAT";
      case Proto::kStruct:
      case Proto::kValue:
        return "type.googleapis.com/google.protobuf.Struct";
      case Proto::kEnum:
        return fmt::format("type.googleapis.com/{}.{}", package, field.words->name);
      case Proto::kMessage:
      case Proto::kMap:
        return fmt::format("type.googleapis.com/{}.{}", package, field.message->name);
    }
    return {};
  }

  Problem wrong(const bj::value& sent, const ProtoField& field, const std::string& path) const {
    std::string told = sent.is_object() ? "Starting an object on a scalar field" : bj::serialize(sent).substr(0, 200);
    return violation("Invalid value at ", path, fmt::format(" ({}), {}", type_of(field), told));
  }

  std::optional<Problem> field(const bj::value& sent, const ProtoField& field, const std::string& outer,
                               const std::string& path) const {
    if (!field.repeated) {
      if (sent.is_array() && field.type != Proto::kValue) {
        return unknown(field.name, outer, "Proto field is not repeating, cannot start list.");
      }
      return one(sent, field, path);
    }
    const auto& list = sent.as_array();  // tidied: always one
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto inner = fmt::format("{}[{}]", path, i);
      if (list[i].is_array()) return wrong(list[i], field, inner);
      if (auto problem = one(list[i], field, inner)) return problem;
    }
    return std::nullopt;
  }

  std::optional<Problem> one(const bj::value& sent, const ProtoField& field, const std::string& path) const {
    switch (field.type) {
      case Proto::kValue:
        return std::nullopt;
      case Proto::kStruct:
        return sent.is_object() ? std::nullopt : std::optional(wrong(sent, field, path));
      case Proto::kMessage:
        if (!sent.is_object()) return wrong(sent, field, path);
        return message(sent.get_object(), *field.message, path);
      case Proto::kMap:
      case Proto::kTextMap:
        return map(sent, field, path);
      default:
        return scalar(sent, field, path);
    }
  }

  std::optional<Problem> map(const bj::value& sent, const ProtoField& field, const std::string& path) const {
    if (!sent.is_object()) return wrong(sent, field, path);
    std::size_t at = 0;
    for (const auto& entry : sent.get_object()) {
      const bj::value& value = entry.value();
      auto inner = fmt::format("{}[{}].value", path, at++);
      bool text = field.type == Proto::kTextMap;
      if (text ? !value.is_string() : !value.is_object()) return wrong(value, field, inner);
      if (text) continue;
      if (auto problem = message(value.get_object(), *field.message, inner)) return problem;
    }
    return std::nullopt;
  }

  std::optional<Problem> scalar(const bj::value& sent, const ProtoField& field, const std::string& path) const {
    bool fits = false;
    if (field.type == Proto::kBool) {
      fits = sent.is_bool();
    } else if (is_number(field.type)) {
      fits = sent.is_number() && fits_number(sent.to_number<double>(), field.type);
    } else if (sent.is_string()) {
      auto text = view(sent.get_string());
      if (field.type == Proto::kBytes && !base64_decode(text)) {
        return violation("Invalid value at ", path,
                         fmt::format(" (TYPE_BYTES), Base64 decoding failed for \"{}\"", printable(text)));
      }
      fits = field.type != Proto::kEnum || std::ranges::find(field.words->words, text) != field.words->words.end();
    }
    if (fits) return std::nullopt;
    return wrong(sent, field, path);
  }

  static bool fits_number(double value, Proto type) {
    if (type == Proto::kFloat) return std::isfinite(value);
    if (value != std::floor(value)) return false;
    if (type == Proto::kInt64) return std::abs(value) < 9.3e18;
    return value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
  }

  Service on_;
};

}  // namespace

std::string in_snake_case(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') out += '_';
    out += to_lower(c);
  }
  return out;
}

bj::object tidied(const bj::object& sent, const ProtoMessage& message) {
  bj::object out;
  for (const auto& [key, value] : sent) {
    const ProtoField* field = find_field(message, key);
    if (value.is_null() && (!field || field->type != Proto::kValue)) {
      if (!field) out.emplace(key, nullptr);  // an unknown name is refused whatever it holds
      continue;
    }
    // Of two spellings of one field the second stays what it was, and is unknown then.
    bool fresh = field && !out.contains(field->name);
    out.emplace(fresh ? field->name : std::string_view(key), field ? tidied_field(value, *field) : value);
  }
  return out;
}

std::optional<Problem> check(const bj::object& sent, const ProtoMessage& message, Service on) {
  return Checker(on).message(sent, message, "");
}

}  // namespace sluice::sim
