// Keeps texts that were made on the way, so that views to them stay valid as long as what they are part of.
//
// Thread rule: one thread. Lifetime: views are valid as long as the Texts, also when it is moved.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "json/escaped.h"

namespace sluice::chat {

class Texts {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  // A plain text as a JSON string.
  json::Escaped escaped(std::string_view plain) { return {keep(json::escape(plain))}; }

 private:
  std::deque<std::string> texts_;  // elements never move
};

}  // namespace sluice::chat
