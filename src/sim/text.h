// Small things that more than one API does with texts.
//
// Thread rule: pure. Lifetime: what is returned as a view points into what was given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/text.h"

namespace sluice::sim {

// As a JSON string.
inline std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// Nothing but white space; the empty text too.
inline bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

// What stands behind `begin`, up to `end` or the end of the text; empty when `begin` is not there.
inline std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  auto from = text.find(begin);
  if (from == std::string_view::npos) return "";
  text.remove_prefix(from + begin.size());
  return text.substr(0, text.find(end));
}

// What base64 stands for; nothing when it is not the standard alphabet with padding.
inline std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.find_first_of("-_") != std::string_view::npos) return std::nullopt;
  return base64_decode(text);
}

}  // namespace sluice::sim
