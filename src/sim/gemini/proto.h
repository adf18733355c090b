// Messages of a Google API as constant tables, and JSON read against them as Google's servers do it.
//
// It is proto3's JSON with what Google adds: a field may be spelled in camelCase or in snake_case, null is as good as
// not there, a single value stands for a list of one, numbers may be strings, enums are names in any case. Everything
// else that is not in the table is refused, in the words and with the paths of Google's servers (paths are told in
// snake_case, and the value of a map's entry as "properties[0].value").
//
// Thread rule: pure. Lifetime: tables are constants that live for ever.
// Source: protobuf.dev/programming-guides/json; the words are those of Google's answers.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/shape.h"

namespace sluice::sim {

enum class Proto { kText, kBytes, kBool, kInt32, kInt64, kFloat, kEnum, kMessage, kStruct, kValue, kTextMap, kMap };

// Service which of the two services a field exists.
enum class Service { kBoth, kGemini, kVertex };

struct ProtoMessage;

struct ProtoWords {
  std::string_view name;  // of the enum
  std::span<const std::string_view> words;
};

struct ProtoField {
  std::string_view name;  // in camelCase
  Proto type = Proto::kText;
  bool repeated = false;
  const ProtoMessage* message = nullptr;  // of a message, or of the values of a map
  const ProtoWords* words = nullptr;      // of an enum
  std::string_view oneof = {};            // at most one field of a oneof is set
  Service on = Service::kBoth;
};

struct ProtoMessage {
  std::string_view name;
  std::span<const ProtoField> fields;
};

// The same with every known field spelled as in the table, without nulls, with lists where lists belong, numbers as
// numbers and enums as in the table. What is unknown or of a wrong type stays as it is, for check() to find.
boost::json::object tidied(const boost::json::object& sent, const ProtoMessage& message);

// What Google's servers refuse in a tidied object; `on` is the service. The code of the problem is kProtoViolation.
std::optional<Problem> check(const boost::json::object& sent, const ProtoMessage& message, Service on);

// Codes of problems, by which a refusal is spelled: one of the parser has a BadRequest among its details, one of the
// validator tells the path without quotes.
inline constexpr std::string_view kProtoViolation = "violation";
inline constexpr std::string_view kProtoInvalid = "invalid";

// "generationConfig" → "generation_config".
std::string in_snake_case(std::string_view name);

}  // namespace sluice::sim
