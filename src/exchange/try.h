// One try at one deployment: what became of the request there and what came back.
//
// Several tries of an exchange may be under way at once; each can be cancelled by itself, and is when the exchange is.
// Thread rule: the loop's thread. Ownership: the exchange keeps its tries until its end; the stage `attempt` makes
// them.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/money.h"
#include "dialect/asked.h"
#include "exchange/translation.h"
#include "provider/catalogue/cost.h"
#include "provider/provider.h"

namespace sluice {

// Why a try was made.
enum class Begun : std::uint8_t {
  kFirst,
  kFallback,    // what was tried before failed; this deployment was not tried yet
  kRetry,       // the same deployment once more
  kLastResort,  // its circuit breaker is open, and nothing better is left
  kHedge,       // beside one whose answer is late
  kContinued,   // goes on with an answer that broke off
};
constexpr std::string_view name(Begun begun) {
  constexpr std::string_view kNames[] = {"first", "fallback", "retry", "last_resort", "hedge", "continued"};
  return kNames[static_cast<std::size_t>(begun)];
}

// Known, or unknown and why.
using Charge = std::expected<provider::Cost, provider::Unpriced>;

// A client's request with something changed.
struct OwnRequest {
  std::string body;
  dialect::Asked asked;
};

struct Try {
  Try(provider::Target to, Cancel& exchange, Instant at = now())
      : target(std::move(to)),
        with_exchange(exchange, [this, &exchange] { cancel.cancel(exchange.reason()); }),
        began(at) {
    if (exchange.cancelled()) cancel.cancel(exchange.reason());
  }
  Try(const Try&) = delete;
  Try& operator=(const Try&) = delete;

  provider::Target target;
  Cancel cancel;
  Cancel::Hook with_exchange;

  // attempt
  Begun why = Begun::kFirst;
  Ms paused{0};  // before it began
  // kContinued: the text that the client has, escaped as in JSON, and the try whose writer goes on.
  std::string continues;
  Try* continued = nullptr;
  bool sheds_state = false;  // goes without the reasoning that other turns carry: it was refused here
  Instant began;
  std::optional<Instant> first_piece;  // when it had something to show
  std::optional<Instant> ended;
  std::optional<FaultKind> fault;  // nothing: it served
  std::string_view failure;        // its class: a constant (provider/failure.h)
  std::string error;

  // admit
  bool may_queue = true;       // false: where there is no room it goes back at once, to be tried elsewhere
  std::int64_t queued_us = 0;  // it waited for room, before it began

  // budget
  Money reserved;                           // the worst case that was set aside
  std::uint64_t counted = 0;                // the last cut of the books that it was counted under (quota/cut.h)
  bool counted_as_worst = false;            // nobody told what it cost: it was counted as what was set aside
  std::optional<std::uint64_t> lowered_to;  // tokens of an answer: more the budget cannot pay
  std::unique_ptr<OwnRequest> own;          // the request with that limit; null: it goes as the client sent it

  // dispatch
  std::optional<provider::KeyUse> key;       // of the provider's several; nothing: it has one or none
  std::vector<std::string_view> keys;        // by their labels, in the order in which they were shown
  std::unique_ptr<Translation> translation;  // null: client and provider speak the same dialect
  std::vector<std::string> dropped;          // fields of the request that the provider did not get
  bool leaves_stream_options = false;        // the provider may not know them: it refused a request that had them
  bool sent = false;                         // all of the request, and there is no refusal of it
  Instant answered;                          // when the head of the last answer came, or why there is none
  chat::Learned learned;
  bool settled = false;                  // its usage and charge are final
  std::optional<chat::Usage> looked_at;  // what an answer used that was only looked at: booked with the one who made it
  std::optional<Charge> charge;          // nothing: its provider charges nothing
  int provider_status = 0;               // 0: none came
  std::string provider_request_id;
};

}  // namespace sluice
