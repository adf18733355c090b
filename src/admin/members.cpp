#include "admin/members.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "admin/ask.h"
#include "base/text.h"
#include "base/time_text.h"
#include "json/escaped.h"
#include "json/reader.h"
#include "json/text.h"
#include "provider/sign/aws_metadata.h"

namespace sluice::admin {

namespace {

std::string with_nearest(std::string told, std::string_view word, std::span<const std::string_view> words) {
  auto near = nearest(word.substr(0, 60), words);
  return near.empty() ? told : fmt::format("{} Did you mean '{}'?", told, near);
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

Result<Members> Members::read(std::string_view body, std::span<const std::string_view> known, std::string_view outer) {
  Members members;
  if (!outer.empty()) members.outer_ = std::string(outer) + '.';
  auto no_object = [&](std::string_view why) {
    auto what = outer.empty() ? std::string("The body") : fmt::format("'{}'", outer);
    return invalid(outer, fmt::format("{} is not a JSON object: {}.", what, why));
  };
  json::Reader reader;
  auto cursor = reader.scan_copy(body);
  if (!cursor) return no_object(cursor.error().why);
  std::optional<Fault> wrong;
  bool object = json::each_member(*cursor, [&](std::string_view key) {
    Member member{.name = std::string(key), .kind = cursor->kind()};
    // Half of a character would be kept as another one.
    bool whole = true;
    if (member.kind == json::Kind::kString) {
      auto text = json::unescape(json::take_string(*cursor).value_or(json::Escaped{}).raw);
      whole = text.has_value();
      if (text) member.value = std::move(*text);
    } else {
      member.value = cursor->skip();
      whole = json::unescape(member.value).has_value();  // escapes are in its strings alone
    }
    const auto path = printable(members.path(key));
    auto told = fmt::format("'{}' is given twice.", path);
    if (!whole) {
      told = fmt::format("'{}' is no text: it holds half of a surrogate pair.", path);
    } else if (std::ranges::find(known, key) == known.end()) {
      told = with_nearest(fmt::format("There is no field '{}' here; known are {}.", path, fmt::join(known, ", ")), key,
                          known);
    } else if (!members.has(key)) {
      return members.members_.push_back(std::move(member));
    }
    if (!wrong) wrong = invalid(path, std::move(told)).error();
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

bool Members::is_null(std::string_view name) const {
  return kind(name) == json::Kind::kNull;
}

json::Kind Members::kind(std::string_view name) const {
  const auto* member = find(name);
  return member ? member->kind : json::Kind::kNone;
}

std::string_view Members::written(std::string_view name) const {
  const auto* member = find(name);
  return member ? std::string_view(member->value) : std::string_view();
}

Failure Members::wrong(std::string_view name, std::string_view what) const {
  return invalid(path(name), fmt::format("'{}' {}.", path(name), what));
}

Result<std::string> Members::text(std::string_view name) const {
  const auto* member = find(name);
  if (!member) return wrong(name, "is missing");
  if (member->kind != json::Kind::kString) return wrong(name, "must be a string");
  return member->value;
}

Result<std::string> Members::word(std::string_view name, std::span<const std::string_view> words) const {
  auto given = text(name);
  if (!given || std::ranges::find(words, *given) != words.end()) return given;
  return invalid(path(name), with_nearest(fmt::format("'{}' must be one of {}; found '{}'.", path(name),
                                                      fmt::join(words, ", "), printable(*given)),
                                          *given, words));
}

Status Members::check_line(std::string_view name, std::string_view text, std::size_t most_characters) const {
  // As JSON Schema counts them.
  const auto characters = std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  if (std::cmp_greater(characters, most_characters))
    return wrong(name, fmt::format("is longer than {} characters", most_characters));
  if (has_control(text)) return wrong(name, "holds a control character");
  return {};
}

Result<std::string> Members::line(std::string_view name, std::size_t most_characters) const {
  auto given = text(name);
  if (!given) return given;
  if (given->empty()) return wrong(name, "must not be empty");
  if (auto fine = check_line(name, *given, most_characters); !fine) return fail_from(fine);
  return given;
}

Result<std::vector<std::string>> Members::lines(std::string_view name, std::size_t most,
                                                std::size_t most_characters) const {
  if (kind(name) != json::Kind::kArray) return wrong(name, "must be a list of strings");
  std::vector<std::string> lines;
  bool strings = true;
  json::Reader reader;
  auto cursor = reader.scan_copy(written(name));
  json::each_element(*cursor, [&](std::size_t) {
    auto text = json::take_string(*cursor);
    strings = strings && text.has_value();
    lines.push_back(text ? json::plain(*text) : std::string());
  });
  if (!strings) return wrong(name, "must be a list of strings");
  if (lines.size() > most) return wrong(name, fmt::format("has more than {} elements", most));
  for (const auto& one : lines) {
    if (one.empty()) return wrong(name, "holds an empty string");
    if (auto fine = check_line(name, one, most_characters); !fine) return fail_from(fine);
  }
  return lines;
}

Result<Members::Pairs> Members::pairs(std::string_view name, std::size_t most, std::size_t most_characters) const {
  constexpr std::string_view kWanted = "must be an object whose members are strings";
  if (kind(name) != json::Kind::kObject) return wrong(name, kWanted);
  Pairs pairs;
  bool strings = true;
  json::Reader reader;
  auto cursor = reader.scan_copy(written(name));
  json::each_member(*cursor, [&](std::string_view key) {
    std::string own(key);
    auto text = json::take_string(*cursor);
    strings = strings && text.has_value();
    pairs.emplace_back(std::move(own), text ? json::plain(*text) : std::string());
  });
  if (!strings) return wrong(name, kWanted);
  if (pairs.size() > most) return wrong(name, fmt::format("has more than {} members", most));
  std::ranges::sort(pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto& [key, value] = pairs[i];
    if (key.empty() || key.find('=') != std::string::npos) return wrong(name, "has a name that is empty or holds '='");
    if (i > 0 && pairs[i - 1].first == key) return wrong(name, fmt::format("has '{}' twice", printable(key)));
    if (auto fine = check_line(name, key, most_characters); !fine) return fail_from(fine);
    if (auto fine = check_line(name, value, most_characters); !fine) return fail_from(fine);
  }
  return pairs;
}

Result<bool> Members::flag(std::string_view name) const {
  if (kind(name) != json::Kind::kTrue && kind(name) != json::Kind::kFalse) return wrong(name, "must be true or false");
  return kind(name) == json::Kind::kTrue;
}

Result<Money> Members::money(std::string_view name) const {
  constexpr Money kMost{kMostDollars * kNanosPerDollar};
  if (kind(name) == json::Kind::kNumber)
    return wrong(name, R"(must be an amount as a string, such as "12.50": numbers lose digits on their way)");
  auto given = text(name);
  if (!given) return fail_from(given);
  auto money = parse_money(*given);
  if (!money) return wrong(name, fmt::format(R"(must be an amount such as "12.50"; it {})", money.error()));
  if (money->nanos < 0 || *money > kMost) return wrong(name, fmt::format("must be from 0 to {}", kMostDollars));
  return *money;
}

Result<std::int64_t> Members::time(std::string_view name) const {
  auto given = text(name);
  if (!given) return fail_from(given);
  auto time = provider::parse_iso_time(*given);
  if (!time) return wrong(name, "must be a time such as 2026-01-31T12:00:00Z");
  return to_us(*time);
}

Result<Members> Members::object(std::string_view name, std::span<const std::string_view> known) const {
  if (kind(name) != json::Kind::kObject) return wrong(name, "must be an object");
  return read(written(name), known, path(name));
}

Result<std::vector<std::string>> Members::elements(std::string_view name) const {
  if (kind(name) != json::Kind::kArray) return wrong(name, "must be a list");
  std::vector<std::string> elements;
  json::Reader reader;
  auto cursor = reader.scan_copy(written(name));
  json::each_element(*cursor, [&](std::size_t) { elements.emplace_back(cursor->skip()); });
  return elements;
}

Result<Ms> Members::duration(std::string_view name, Ms otherwise, Ms most) const {
  if (!has(name)) return otherwise;
  auto given = text(name);
  if (!given) return fail_from(given);
  auto parsed = parse_duration_ms(*given);
  if (!parsed || *parsed <= 0 || *parsed > most.count()) {
    return invalid(path(name), fmt::format("'{}' must be a duration such as 250ms or 2s, at most {}; found '{}'.",
                                           path(name), format_duration(most.count()), printable(*given)));
  }
  return Ms(*parsed);
}

Result<std::int64_t> Members::number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                     std::int64_t most) const {
  const auto* member = find(name);
  if (!member) return otherwise;
  // 10.0 is a whole number too.
  std::string_view digits = member->value;
  if (const auto end = digits.find_last_not_of('0'); end != digits.npos && end > 0 && digits[end] == '.')
    digits = digits.substr(0, end);
  auto parsed = member->kind == json::Kind::kNumber ? to_number<std::int64_t>(digits) : std::nullopt;
  if (!parsed || *parsed < least || *parsed > most)
    return wrong(name, fmt::format("must be a whole number from {} to {}", least, most));
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
