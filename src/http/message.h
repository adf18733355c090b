// HTTP messages as values: heads with their fields in order of arrival. No sockets, no parsing of bytes.
//
// Source: RFC 9110. Field names compare without case; values are as on the wire, trimmed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::http {

// Header fields. All names and values stand in one text, so that a head costs two allocations and not two a field.
class Headers {
 public:
  using Field = std::pair<std::string_view, std::string_view>;  // valid until the next change
  Headers() = default;
  Headers(std::initializer_list<Field> fields);

  // The first field of this name; nothing if there is none. Valid until the next change.
  std::optional<std::string_view> get(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  void add(std::string_view name, std::string_view value);
  void set(std::string_view name, std::string_view value);  // replaces all fields of this name
  void remove(std::string_view name);

  class Iterator {
   public:
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Field operator*() const { return headers_->at(index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) {
      auto before = *this;
      ++index_;
      return before;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    friend class Headers;
    Iterator(const Headers* headers, std::size_t index) : headers_(headers), index_(index) {}
    const Headers* headers_ = nullptr;
    std::size_t index_ = 0;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, places_.size()}; }
  std::size_t size() const { return places_.size(); }
  void reserve(std::size_t fields);

 private:
  struct Place {
    std::uint32_t begin;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };
  Field at(std::size_t index) const {
    const auto& place = places_[index];
    std::string_view text(text_);
    return {text.substr(place.begin, place.name_size), text.substr(place.begin + place.name_size, place.value_size)};
  }

  std::string text_;
  std::vector<Place> places_;
};

struct RequestHead {
  std::string method;
  std::string target;  // origin form, path and query as they came
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

// Whether doing it twice is as good as once: GET, HEAD, OPTIONS, PUT, DELETE.
bool is_idempotent(std::string_view method);

// The media type without parameters, in lower case: "text/event-stream".
std::string media_type(std::string_view content_type);

// True when the comma-separated value holds the token, without case: Connection: keep-alive, Upgrade.
bool has_token(std::string_view value, std::string_view token);

}  // namespace sluice::http
