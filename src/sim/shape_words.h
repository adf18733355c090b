// Words to write tables of shapes with.
//
//   constexpr Field kPointFields[] = {{"x", &kAnyNumber, kRequired}, {"label", &kText}};
//   constexpr Shape kPoint = object(kPointFields);
//
// Thread rule: constants. Lifetime: what a shape refers to must be a constant as well.
#pragma once

#include <limits>
#include <span>
#include <string_view>

#include "sim/shape.h"

namespace sluice::sim {

constexpr Shape text(Null null = Null::kRefused) {
  return {.type = Type::kString, .null = null};
}
constexpr Shape one_of(std::span<const std::string_view> names, Null null = Null::kRefused) {
  return {.type = Type::kString, .null = null, .names = names};
}
constexpr Shape number(double min, double max, Null null = Null::kAllowed) {
  return {.type = Type::kNumber, .null = null, .min = min, .max = max};
}
constexpr Shape integer(double min, double max, Null null = Null::kAllowed) {
  return {.type = Type::kInteger, .null = null, .min = min, .max = max};
}
constexpr Shape object(std::span<const Field> fields, Null null = Null::kRefused) {
  return {.type = Type::kObject, .null = null, .fields = fields};
}
constexpr Shape list(const Shape& item, std::size_t min = 0, std::size_t max = 1 << 20, Null null = Null::kRefused) {
  return {.type = Type::kArray, .null = null, .min_size = min, .max_size = max, .item = &item};
}
constexpr Shape map(const Shape& item, std::size_t max = 1 << 20, Null null = Null::kRefused) {
  return {.type = Type::kMap, .null = null, .max_size = max, .item = &item};
}
constexpr Shape any_of(std::span<const Shape* const> choices, std::string_view expected, Null null = Null::kRefused) {
  return {.type = Type::kUnion, .null = null, .choices = choices, .expected = expected};
}
constexpr Shape by_tag(std::string_view tag, std::span<const Variant> variants, std::string_view expected) {
  return {.type = Type::kTagged, .tag = tag, .variants = variants, .expected = expected};
}

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr Need kRequired = Need::kRequired;

inline constexpr Shape kAnything{};
inline constexpr Shape kText = text();
inline constexpr Shape kTextOrNull = text(Null::kAllowed);
inline constexpr Shape kBool{.type = Type::kBoolean};
inline constexpr Shape kBoolOrNull{.type = Type::kBoolean, .null = Null::kAllowed};
inline constexpr Shape kAnyObject = map(kAnything);
inline constexpr Shape kSomeText{.type = Type::kString, .min_size = 1};
inline constexpr Shape kAnyNumber{.type = Type::kNumber};
inline constexpr Shape kWholeNumber{.type = Type::kInteger, .null = Null::kAllowed};

}  // namespace sluice::sim
