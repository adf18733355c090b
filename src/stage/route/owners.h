// Which provider keeps what: the owners of answers that were passed through and that later requests may name
// (previous_response_id, GET /responses/{id}).
//
// Such an answer keeps the id its provider gave it, for the same bytes go to the client; so the id cannot tell whose it
// is. What is remembered here is a convenience that a restart forgets: without it a client names the provider in a
// header, and where only one provider can have it, nobody needs to be told.
//
// Thread rule: any thread; behind a mutex. Limits: kMost ids, each at most kLongestId bytes; the oldest go.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sluice::stage {

class Owners {
 public:
  static constexpr std::size_t kMost = 100'000;
  static constexpr std::size_t kLongestId = 256;

  void remember(std::string_view id, std::string_view provider);
  std::string find(std::string_view id) const;  // the provider's name; empty: not known

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string> owners_;
  std::deque<std::string> ids_;  // oldest first
};

}  // namespace sluice::stage
