// HTTP/1.1 on the wire, on top of Beast's parser: heads to values and back, body bytes as views. Private to net/*.cpp.
//
// Thread rule: one message, one thread. Lifetime: body() is valid until the next put(). Source: RFC 9112.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/release.h"
#include "base/result.h"
#include "http/message.h"
#include "net/asio.h"

namespace sluice::net {

// A chunk's line or the trailers may not be longer: Beast waits for their end without a limit of its own.
inline constexpr std::size_t kMostUnparsed = 16 << 10;

struct HeadLimits {
  std::size_t bytes = 64 << 10;
  std::size_t count = 200;
};

// Parses one message from bytes given piece by piece. Head is http::RequestHead or http::ResponseHead.
template <bool is_request>
class Parser final : public beast::http::basic_parser<is_request> {
  using Base = beast::http::basic_parser<is_request>;

 public:
  using Head = std::conditional_t<is_request, http::RequestHead, http::ResponseHead>;

  explicit Parser(HeadLimits limits) : limits_(limits) {
    Base::eager(false);  // stop behind the head
    Base::header_limit(static_cast<std::uint32_t>(limits.bytes));
    Base::body_limit(boost::none);
    head_.headers.reserve(16);
  }

  Head& head() { return head_; }
  const Head& head() const { return head_; }
  // After the head: take all of the body that is there, not one chunk at a time.
  void body_follows() { Base::eager(true); }
  int version() const { return version_; }  // 10 or 11
  bool too_many_fields() const { return too_many_; }
  // How many fields of these names there are.
  unsigned hosts() const { return hosts_; }
  unsigned transfer_codings() const { return transfer_codings_; }
  bool has_folded_field() const { return folded_; }  // that goes on in the next line: RFC 9112, 5.2

  // Consumes what it can of `bytes`; returns how many. `error` is need_more when a head or chunk line is not whole yet.
  std::size_t consume(std::string_view bytes, error_code& error) {
    piece_ = {};
    joined_.clear();
    input_end_ = bytes.data() + bytes.size();
    return Base::put(asio::const_buffer(bytes.data(), bytes.size()), error);
  }

  // The body bytes that the last consume() found, until forget_body().
  std::string_view body() const { return joined_.empty() ? piece_ : std::string_view(joined_); }
  void forget_body() {
    piece_ = {};
    release(joined_);  // the next bytes may be long in coming
  }

 private:
  using View = beast::string_view;
  static std::string_view view(View text) { return {text.data(), text.size()}; }

  void on_request_impl(beast::http::verb, View method, View target, int version, error_code&) override {
    version_ = version;
    if constexpr (is_request) {
      head_.method = view(method);
      head_.target = view(target);
    }
  }
  void on_response_impl(int status, View, int version, error_code&) override {
    version_ = version;
    if constexpr (!is_request) head_.status = status;
  }
  void on_field_impl(beast::http::field field, View name, View value, error_code& error) override {
    hosts_ += field == beast::http::field::host ? 1 : 0;
    transfer_codings_ += field == beast::http::field::transfer_encoding ? 1 : 0;
    folded_ |= is_folded(view(name), view(value));
    if (head_.headers.size() >= limits_.count) {
      too_many_ = true;
      error = beast::http::error::header_limit;
      return;
    }
    head_.headers.add(view(name), view(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(View body, error_code&) override { return add(body); }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code&) override { return add(body); }
  void on_finish_impl(error_code&) override {}

  // A value that Beast joined of several lines stands elsewhere, one whose first line is empty behind the line's end.
  bool is_folded(std::string_view name, std::string_view value) const {
    const char* const end = name.data() + name.size();
    const auto gap = reinterpret_cast<std::uintptr_t>(value.data()) - reinterpret_cast<std::uintptr_t>(end);
    if (gap <= 2) return false;  // a colon, and a space
    return gap > static_cast<std::size_t>(input_end_ - end) || std::string_view(end, gap).contains('\n');
  }

  // One piece stays where it is; several are joined.
  std::size_t add(View body) {
    if (piece_.empty() && joined_.empty()) {
      piece_ = view(body);
    } else {
      if (joined_.empty()) joined_ = piece_;
      joined_ += view(body);
    }
    return body.size();
  }

  HeadLimits limits_;
  Head head_;
  int version_ = 11;
  bool too_many_ = false;
  bool folded_ = false;
  unsigned hosts_ = 0;
  unsigned transfer_codings_ = 0;
  const char* input_end_ = nullptr;  // of what is being consumed
  std::string_view piece_;
  std::string joined_;
};

// consume() of an answer's head, also of one whose first line ends behind the status: Beast insists on the space that
// RFC 9112, 4 wants there. To be asked again with what was not consumed and more.
std::size_t consume_head(Parser<false>& parser, std::string_view bytes, error_code& error);

// Appends a head (blank line included), its first line, fields or one field. Control characters in values (a name from
// configuration, a provider's header) become spaces: a head cannot be split.
void append_head(std::string& out, const http::ResponseHead& head);
void append_request_line(std::string& out, std::string_view method, std::string_view target);
void append_fields(std::string& out, const http::Headers& headers);
void append_field(std::string& out, std::string_view name, std::string_view value);

// "1a\r\n": the line before a chunk of so many bytes.
std::string_view chunk_line(std::size_t bytes, std::array<char, 20>& buffer);

}  // namespace sluice::net
