// HTTP messages as values: heads with their fields in order of arrival. No sockets, no parsing of bytes.
//
// Source: RFC 9110. Field names compare without case; values are as on the wire, trimmed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::http {

// Header fields. All of them stand in one piece of memory, as the lines they are on the wire: a head costs one
// allocation, and is written with one copy.
class Headers {
 public:
  using Field = std::pair<std::string_view, std::string_view>;  // valid until the next change
  Headers() = default;
  Headers(std::initializer_list<Field> fields);
  Headers(const Headers& other);
  Headers(Headers&& other) noexcept { swap(other); }
  Headers& operator=(Headers other) noexcept {
    swap(other);
    return *this;
  }
  ~Headers() = default;

  // The first field of this name; nothing if there is none. Valid until the next change.
  std::optional<std::string_view> get(std::string_view name) const { return find(name, digest_of(name)); }
  bool has(std::string_view name) const { return get(name).has_value(); }
  void add(std::string_view name, std::string_view value) { append(name, value, digest_of(name)); }
  void set(std::string_view name, std::string_view value) {  // replaces all fields of this name
    const auto digest = digest_of(name);
    erase(name, digest);
    append(name, value, digest);
  }
  void remove(std::string_view name) { erase(name, digest_of(name)); }

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
  Iterator end() const { return {this, count_}; }
  std::size_t size() const { return count_; }
  void reserve(std::size_t fields);

  // All fields as "name: value\r\n"; nothing when one was removed, whose line is still there. Valid until the next
  // change.
  std::optional<std::string_view> lines() const {
    return has_gaps_ ? std::nullopt : std::optional(std::string_view(room_.get(), used_));
  }

 private:
  struct Place {
    std::uint32_t begin;
    std::uint32_t name_size;
    std::uint32_t value_size;
    std::uint32_t name_digest;
  };
  // Equal for names that are equal without case, and seldom for others: a look-up reads one number a field. Of a name
  // that is a constant it is one, too.
  static constexpr std::uint32_t digest_of(std::string_view name) {
    constexpr std::uint32_t kLower = 0x20;  // of letters; what it does to other characters is done to both names
    if (name.empty()) return 0;
    const auto at = [&](std::size_t index) { return static_cast<unsigned char>(name[index]) | kLower; };
    return (static_cast<std::uint32_t>(name.size()) << 24) ^ (at(0) << 16) ^ (at(name.size() / 2) << 8) ^
           at(name.size() - 1);
  }
  std::optional<std::string_view> find(std::string_view name, std::uint32_t digest) const;
  bool is_named(const char* slot, std::string_view name, std::uint32_t digest) const;
  void append(std::string_view name, std::string_view value, std::uint32_t digest);
  void append_into_more(std::string_view name, std::string_view value, std::uint32_t digest);
  void erase(std::string_view name, std::uint32_t digest);
  // Places stand at the end of the room, the first one last, where they need not be aligned.
  char* slot(std::size_t index) const { return room_.get() + capacity_ - (index + 1) * sizeof(Place); }
  static Place place(const char* slot) {
    Place found;
    std::memcpy(&found, slot, sizeof found);
    return found;
  }
  Field at(std::size_t index) const {
    const auto found = place(slot(index));
    const char* name = room_.get() + found.begin;
    return {{name, found.name_size}, {name + found.name_size + 2, found.value_size}};
  }
  void swap(Headers& other) noexcept {
    std::swap(room_, other.room_);
    std::swap(capacity_, other.capacity_);
    std::swap(used_, other.used_);
    std::swap(count_, other.count_);
    std::swap(has_gaps_, other.has_gaps_);
  }
  std::unique_ptr<char[]> grow_to(std::size_t capacity);

  std::unique_ptr<char[]> room_;
  std::uint32_t capacity_ = 0;
  std::uint32_t used_ = 0;  // by lines
  std::uint32_t count_ = 0;
  bool has_gaps_ = false;
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
