#include "app/config_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/config_value.h"
#include "base/text.h"
#include "net/fetch.h"
#include "net/server.h"

namespace sluice::app {

namespace {

using Type = FieldType;
using Kind = Node::Kind;

template <class T>
T& member(const Field& field, void* owner) {
  return *static_cast<T*>(field.at(owner));
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  auto near = nearest(word, candidates);
  if (!near.empty()) return fmt::format("did you mean '{}'?", near);
  return fmt::format("known: {}", fmt::join(candidates, ", "));
}

std::string_view sentence(Type type) {
  switch (type) {
    case Type::kDuration:
      return "a duration such as 250ms, 2s or 10m";
    case Type::kSize:
      return "a size such as 512, 64KiB or 16MiB";
    case Type::kNumber:
    case Type::kCount:
    case Type::kPercent:
      return "a whole number";
    case Type::kMoney:
      return "an amount in quotes such as \"0.15\"";
    default:
      return "text";
  }
}

std::optional<std::int64_t> parse_number(const Field& field, std::string_view text) {
  if (field.type == Type::kNumber || field.type == Type::kCount || field.type == Type::kPercent)
    return to_number<std::int64_t>(text);
  if (field.type == Type::kDuration) {
    if (text == "0" && field.least == 0) return 0;
    return parse_duration_ms(text);
  }
  auto size = parse_size(text);
  // Beyond every limit there is, and beyond what the signed number holds.
  if (size && *size > static_cast<std::uint64_t>(field.most)) return field.most + 1;
  return size ? std::optional<std::int64_t>(*size) : std::nullopt;
}

std::string without_slash(std::string_view url) {
  return std::string(url.substr(0, url.find_last_not_of('/') + 1));
}

// Where a URL's user name, or its host, begins.
std::size_t after_scheme(std::string_view url) {
  constexpr std::string_view kMark = "://";
  const auto mark = url.find(kMark);
  return mark == url.npos ? 0 : mark + kMark.size();
}

// What is wrong with an item of a list; empty: nothing.
std::string text_mistake(Type type, std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (type == Type::kOrigins) return origin_mistake(text);
  if (type == Type::kHosts) return std::string(net::fetch_host_mistake(text));
  if (type == Type::kNetworks && !net::parse_network(text)) {
    return "expected a network such as 10.1.2.0/24 or fd00::/8, with no bit set behind its prefix";
  }
  return {};
}

}  // namespace

std::string Reader::Value::shown() const {
  return fmt::format("{}'{}'", has_variables ? "the value of " : "", printable(written, 60));
}

void Reader::read_section(const Section& section, const Node& node, void* owner, const Place& place) {
  if (node.kind == Kind::kMap) return read_fields(section, node, owner, place);
  const Field* field = section.shorthand.empty() ? nullptr : section.find(section.shorthand);
  if (field != nullptr) {
    Place inner = field->type == Type::kList ? place.key(field->name, place.line) : place;
    if (node.kind == Kind::kNull) return tell(place.key(field->name, place.line), "is missing");
    return read_field(*field, node, owner, inner);
  }
  if (node.kind != Kind::kNull) expected("a map", node, place);
}

void Reader::read_fields(const Section& section, const Node& node, void* owner, const Place& place) {
  for (const auto& entry : node.entries) {
    Place inner = place.key(entry.key, entry.line);
    const Field* field = section.find(entry.key);
    if (field == nullptr) {
      tell_unknown(section, entry.key, inner);
      continue;
    }
    read_field(*field, *entry.value, owner, inner);
  }
  for (const Field& field : section.fields) {
    if (field.required && node.find(field.name) == nullptr) {
      tell(place.key(field.name, place.line), "is missing");
    }
  }
}

void Reader::read_field(const Field& field, const Node& node, void* owner, const Place& place) {
  switch (field.type) {
    case Type::kSection:
      return read_section(*field.section, node, field.at(owner), place);
    case Type::kNamed:
      return read_named(field, node, owner, place);
    case Type::kList:
      return read_list(field, node, owner, place);
    case Type::kTexts:
    case Type::kHosts:
    case Type::kNetworks:
    case Type::kOrigins:
      return read_texts(field, node, owner, place);
    case Type::kTextMap:
      return read_text_map(field, node, owner, place);
    default:
      return read_scalar(field, node, owner, place);
  }
}

void Reader::read_named(const Field& field, const Node& node, void* owner, const Place& place) {
  if (node.kind == Kind::kNull) return;
  if (node.kind != Kind::kMap) return expected("a map", node, place);
  for (const auto& entry : node.entries) {
    void* item = field.add(owner, std::string(entry.key));
    read_section(*field.section, *entry.value, item, place.key(entry.key, entry.line));
  }
}

void Reader::read_list(const Field& field, const Node& node, void* owner, const Place& place) {
  if (node.kind == Kind::kNull || std::ranges::find(early_, std::pair(&field, &node)) != early_.end()) return;
  bool one = (node.kind == Kind::kScalar && !field.section->shorthand.empty()) ||
             (node.kind == Kind::kMap && field.section->alone);
  if (one) return read_section(*field.section, node, field.add(owner, ""), place);
  if (node.kind != Kind::kList)
    return expected(field.section->alone ? "a map or a list of maps" : "a list", node, place);
  for (std::size_t i = 0; i < node.items.size(); ++i) read_item(field, i, *node.items[i], owner, place);
}

void Reader::read_item(const Field& field, std::size_t index, const Node& item, void* owner, const Place& place) {
  void* target = field.add(owner, "");
  Place inner = place.item(index, item.line);
  if (item.kind == Kind::kNull && field.section->shorthand.empty()) {
    expected("a map", item, inner);
  } else {
    read_section(*field.section, item, target, inner);
  }
}

void Reader::read_early(const Section& section, const TopItem& item, void* owner) {
  const Field* field = section.find(item.key);
  if (field == nullptr || field->type != Type::kList) return;
  if (item.index == 0) early_.emplace_back(field, &item.list);
  read_item(*field, item.index, item.item, owner, Place{}.key(item.key, item.key_line));
}

void Reader::read_texts(const Field& field, const Node& node, void* owner, const Place& place) {
  auto& target = member<std::vector<std::string>>(field, owner);
  if (node.kind == Kind::kNull) return;
  auto add = [&](const Node& item, const Place& inner) {
    auto value = scalar(item, inner);
    if (!value) return;
    auto mistake = text_mistake(field.type, value->text);
    if (!mistake.empty()) tell(inner, std::move(mistake));
    target.push_back(std::move(value->text));
  };
  if (node.kind == Kind::kScalar) return add(node, place);
  if (node.kind != Kind::kList) return expected("a list of texts", node, place);
  for (std::size_t i = 0; i < node.items.size(); ++i) add(*node.items[i], place.item(i, node.items[i]->line));
}

void Reader::read_text_map(const Field& field, const Node& node, void* owner, const Place& place) {
  auto& target = member<std::map<std::string, std::string>>(field, owner);
  if (node.kind == Kind::kNull) return;
  if (node.kind != Kind::kMap) return expected("a map", node, place);
  for (const auto& entry : node.entries) {
    Place inner = place.key(entry.key, entry.line);
    if (entry.key.empty()) tell(inner, "a name must not be empty");
    if (auto value = scalar(*entry.value, inner)) target[std::string(entry.key)] = std::move(value->text);
  }
}

void Reader::read_scalar(const Field& field, const Node& node, void* owner, const Place& place) {
  if (field.type == Type::kSecret && node.kind == Kind::kNull) return tell(place, "is empty");
  if (node.kind != Kind::kScalar) return expected(sentence(field.type), node, place);
  auto value = scalar(node, place);
  if (!value) return;
  switch (field.type) {
    case Type::kSecret:
      return read_secret(member<Secret>(field, owner), *value, place);
    case Type::kNumber:
    case Type::kCount:
    case Type::kPercent:
    case Type::kDuration:
    case Type::kSize:
      return read_number(field, *value, owner, place);
    case Type::kMoney:
      return read_money(field, node, *value, owner, place);
    case Type::kChoice:
    case Type::kSwitch:
      return read_choice(field, *value, owner, place);
    case Type::kAddress:
      return read_address(*value, member<Address>(field, owner), place);
    case Type::kUrl:
      return read_url(*value, member<std::string>(field, owner), place);
    case Type::kProxy:
      return read_proxy(member<Secret>(field, owner), *value, place);
    default:
      if (field.required && value->text.empty()) tell(place, "must not be empty");
      member<std::string>(field, owner) = std::move(value->text);
  }
}

void Reader::read_secret(Secret& target, Value& value, const Place& place) {
  if (value.text.empty()) return tell(place, "is empty");
  // Most secrets stand in the file as they are: those need not be copied once more.
  if (value.text == value.written) {
    problems_.hide_lasting(value.written, "…");
  } else {
    problems_.hide(value.text, "…");
  }
  // It is sent and received in a header field.
  if (!std::ranges::all_of(value.text, [](char c) { return c > 0x20 && c < 0x7f; })) {
    return tell(place, "holds a space or a character that is not visible ASCII");
  }
  target = Secret(std::move(value.text));
}

void Reader::read_number(const Field& field, const Value& value, void* owner, const Place& place) {
  auto number = parse_number(field, value.text);
  if (!number) return expected(sentence(field.type), value, place);
  if (*number < field.least || *number > field.most) {
    return tell(place, fmt::format("must be {}, found {}", range_text(field), value.shown()));
  }
  if (field.type == Type::kNumber) {
    member<std::uint32_t>(field, owner) = static_cast<std::uint32_t>(*number);
  } else if (field.type == Type::kPercent) {
    member<std::optional<std::uint32_t>>(field, owner) = static_cast<std::uint32_t>(*number);
  } else if (field.type == Type::kDuration) {
    member<Ms>(field, owner) = Ms(*number);
  } else {
    member<std::uint64_t>(field, owner) = static_cast<std::uint64_t>(*number);
  }
}

void Reader::read_money(const Field& field, const Node& node, const Value& value, void* owner, const Place& place) {
  const Money most{field.most * kNanosPerDollar};
  const bool from_variable = value.text != node.text;
  if (!node.quoted && !from_variable) {
    const bool number = parse_money(value.text).has_value();
    return tell(place, fmt::format("expected {}, found {}{}", sentence(Type::kMoney), number ? "the number " : "",
                                   value.shown()));
  }
  const auto money = parse_money(value.text);
  if (!money) {
    return tell(place, fmt::format("expected {}; {} {}", sentence(Type::kMoney), value.shown(), money.error()));
  }
  if (money->nanos < 0 || *money > most) {
    return tell(place, fmt::format("must be from 0 to {}, found {}", to_text(most), value.shown()));
  }
  member<std::optional<Money>>(field, owner) = *money;
}

void Reader::read_choice(const Field& field, const Value& value, void* owner, const Place& place) {
  auto choice = std::ranges::find(field.choices, value.text);
  if (choice == field.choices.end()) {
    return expected(fmt::format("one of {}", fmt::join(field.choices, ", ")), value, place);
  }
  if (field.type == Type::kSwitch) {
    member<bool>(field, owner) = choice != field.choices.begin();
  } else {
    member<std::string>(field, owner) = *choice;
  }
}

void Reader::read_address(const Value& value, Address& target, const Place& place) {
  auto address = parse_address(value.text);
  if (!address) return expected("ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080", value, place);
  if (!net::is_local_address(address->host)) {
    return expected("an IP address and a port such as 127.0.0.1:8080, or 0.0.0.0:8080 or [::]:8080 for all", value,
                    place);
  }
  target = std::move(*address);
}

// One that is empty is as if it were not there: ${BASE_URL:-}
void Reader::read_url(const Value& value, std::string& target, const Place& place) {
  if (value.text.empty()) return;
  auto mistake = url_mistake(value.text);
  if (!mistake.empty()) return tell(place, mistake);
  target = without_slash(value.text);
}

void Reader::read_proxy(Secret& target, const Value& value, const Place& place) {
  if (value.text.empty()) return;
  const std::string_view text = value.text;
  if (const auto at = text.rfind('@'); at != text.npos) {
    const auto user = text.substr(0, at).substr(std::min(at, after_scheme(text)));
    problems_.hide(std::string(user), "…");
    problems_.hide(std::string(user.substr(std::min(user.size(), user.find(':') + 1))), "…");
  }
  auto mistake = proxy_mistake(text);
  if (!mistake.empty()) return tell(place, mistake);
  target = Secret(without_slash(text));
}

void Reader::tell_unknown(const Section& section, std::string_view key, const Place& place) {
  std::vector<std::string_view> names;
  for (const Field& field : section.fields) names.push_back(field.name);
  // The edit distance takes time in proportion to the key's length.
  tell(place, "unknown key; " + suggestion(key.substr(0, 60), names));
}

void Reader::expected(std::string_view what, const Value& value, const Place& place) {
  tell(place, fmt::format("expected {}, found {}", what, value.shown()));
}

void Reader::expected(std::string_view what, const Node& node, const Place& place) {
  tell(place, fmt::format("expected {}, found {}", what, kind_name(node.kind)));
}

std::optional<Reader::Value> Reader::scalar(const Node& node, const Place& place) {
  if (node.kind != Kind::kScalar) {
    expected("text", node, place);
    return std::nullopt;
  }
  if (node.text.find('$') == std::string_view::npos) return Value{std::string(node.text), node.text};
  for (const auto& file : files_in(node.text)) files_.add(file);
  auto expanded = expand(node.text, environment_, secrets_);
  if (!expanded) {
    tell(place, std::move(expanded.error()));
    return std::nullopt;
  }
  const bool has_variables = !expanded->used.empty();
  if (has_variables) resolved_.insert_or_assign(std::string(node.text), TextHash{}(expanded->text));
  for (auto& [name, value] : expanded->used) problems_.hide(std::move(value), "${" + name + "}");
  return Value{std::move(expanded->text), node.text, has_variables};
}

}  // namespace sluice::app
