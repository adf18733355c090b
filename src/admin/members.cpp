#include "admin/members.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "admin/ask.h"
#include "base/text.h"
#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::admin {

namespace {

std::unexpected<Fault> no_object(std::string_view why) {
  return invalid("", fmt::format("The body is not a JSON object: {}.", why));
}

std::string with_nearest(std::string told, std::string_view word, std::span<const std::string_view> words) {
  auto near = nearest(word, words);
  return near.empty() ? told : fmt::format("{} Did you mean '{}'?", told, near);
}

}  // namespace

Result<Members> Members::read(std::string_view body, std::span<const std::string_view> known) {
  json::Reader reader;
  auto cursor = reader.scan_copy(body);
  if (!cursor) return no_object(cursor.error().why);
  Members members;
  std::optional<Fault> wrong;
  bool object = json::each_member(*cursor, [&](std::string_view key) {
    Member member{.name = std::string(key), .kind = cursor->kind()};
    if (member.kind == json::Kind::kString) {
      member.value = json::plain(json::take_string(*cursor).value_or(json::Escaped{}));
    } else {
      member.value = cursor->skip();
    }
    auto told = fmt::format("'{}' is given twice.", printable(key));
    if (std::ranges::find(known, key) == known.end()) {
      told = with_nearest(
          fmt::format("There is no field '{}' here; known are {}.", printable(key), fmt::join(known, ", ")), key,
          known);
    } else if (!members.has(key)) {
      return members.members_.push_back(std::move(member));
    }
    if (!wrong) wrong = invalid(printable(key), std::move(told)).error();
  });
  if (!object) return no_object("it begins with something else");
  if (!cursor->finish()) return no_object(cursor->broken() ? cursor->broken()->why : "something follows it");
  if (wrong) return fail(std::move(*wrong));
  return members;
}

const Members::Member* Members::find(std::string_view name) const {
  auto found = std::ranges::find(members_, name, &Member::name);
  return found == members_.end() ? nullptr : &*found;
}

Result<std::string> Members::text(std::string_view name) const {
  const auto* member = find(name);
  if (!member) return invalid(name, fmt::format("'{}' is missing.", name));
  if (member->kind != json::Kind::kString) return invalid(name, fmt::format("'{}' must be a string.", name));
  return member->value;
}

Result<std::string> Members::word(std::string_view name, std::span<const std::string_view> words) const {
  auto given = text(name);
  if (!given || std::ranges::find(words, *given) != words.end()) return given;
  return invalid(name, with_nearest(fmt::format("'{}' must be one of {}; found '{}'.", name, fmt::join(words, ", "),
                                                printable(*given)),
                                    *given, words));
}

Result<Ms> Members::duration(std::string_view name, Ms otherwise, Ms most) const {
  if (!has(name)) return otherwise;
  auto given = text(name);
  if (!given) return fail_from(given);
  auto parsed = parse_duration_ms(*given);
  if (!parsed || *parsed <= 0 || *parsed > most.count()) {
    return invalid(name, fmt::format("'{}' must be a duration such as 250ms or 2s, at most {}; found '{}'.", name,
                                     format_duration(most.count()), printable(*given)));
  }
  return Ms(*parsed);
}

Result<std::int64_t> Members::number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                     std::int64_t most) const {
  const auto* member = find(name);
  if (!member) return otherwise;
  auto parsed = member->kind == json::Kind::kNumber ? to_number<std::int64_t>(member->value) : std::nullopt;
  if (!parsed || *parsed < least || *parsed > most)
    return invalid(name, fmt::format("'{}' must be a whole number from {} to {}.", name, least, most));
  return *parsed;
}

Result<std::uint32_t> Members::permille(std::string_view name, std::uint32_t otherwise) const {
  const auto* member = find(name);
  if (!member) return otherwise;
  double share = 0;
  const auto* end = member->value.data() + member->value.size();
  auto read = std::from_chars(member->value.data(), end, share);
  bool number = member->kind == json::Kind::kNumber && read.ec == std::errc() && read.ptr == end;
  if (!number || share < 0.001 || share > 1)
    return invalid(name, fmt::format("'{}' must be a number from 0.001 to 1.", name));
  return static_cast<std::uint32_t>(std::lround(share * 1000));
}

}  // namespace sluice::admin
