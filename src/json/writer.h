// Writes JSON into a string: commas and colons in their places, nothing else.
//
//   Writer json(out);
//   json.begin_object();
//   json.key("model").text(model);
//   json.key("temperature").raw("0.70");
//   json.end_object();
//
// Keys are constants of ours and are written as they are. Thread rule: one thread. Lifetime: `out` outlives it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "json/escaped.h"

namespace sluice::json {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    fresh_ = true;
    return *this;
  }

  Writer& text(std::string_view plain) {
    separate();
    append_json_string(out_, plain);
    return *this;
  }
  Writer& text(Escaped escaped) {
    separate();
    append_quoted(out_, escaped);
    return *this;
  }
  // A JSON value as it was written somewhere.
  Writer& raw(std::string_view value) {
    separate();
    out_ += value;
    return *this;
  }
  Writer& number(std::uint64_t value) { return raw(std::to_string(value)); }
  Writer& number(std::int64_t value) { return raw(std::to_string(value)); }
  Writer& boolean(bool value) { return raw(value ? "true" : "false"); }
  Writer& null() { return raw("null"); }

  // The text written so far, for what is appended without this class (inside of a string, say).
  std::string& out() { return out_; }

 private:
  Writer& open(char bracket) {
    separate();
    out_ += bracket;
    fresh_ = true;
    return *this;
  }
  Writer& close(char bracket) {
    out_ += bracket;
    fresh_ = false;
    return *this;
  }
  void separate() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }

  std::string& out_;
  bool fresh_ = true;  // nothing stands before the next value: no comma
};

}  // namespace sluice::json
