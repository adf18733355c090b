// HTTP messages as values: heads with their fields in order of arrival. No sockets, no parsing of bytes.
//
// Source: RFC 9110. Field names compare without case; values are as on the wire, trimmed.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::http {

class Headers {
 public:
  using Field = std::pair<std::string, std::string>;
  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // The first field of this name; nothing if there is none. Valid until the next change.
  std::optional<std::string_view> get(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);    // replaces all fields of this name
  void remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  void reserve(std::size_t count) { fields_.reserve(count); }

 private:
  std::vector<Field> fields_;
};

struct RequestHead {
  std::string method;
  std::string target;     // origin form, path and query as they came
  Headers headers;
};

struct ResponseHead {
  int status = 200;
  Headers headers;
};

// The part of a target before '?', and after it ("" when there is none).
std::string_view path_of(std::string_view target);
std::string_view query_of(std::string_view target);

// "OK", "Too Many Requests"; "Unknown" for codes without a registered phrase.
std::string_view reason(int status);

// The media type without parameters, in lower case: "text/event-stream".
std::string media_type(std::string_view content_type);

// True when the comma-separated value holds the token, without case: Connection: keep-alive, Upgrade.
bool has_token(std::string_view value, std::string_view token);

}  // namespace sluice::http
