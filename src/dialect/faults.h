// Faults that all readers of answers and requests raise in the same words. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "json/cursor.h"

namespace sluice::dialect {

// The provider's bytes are not what its protocol says; `detail` is for the log.
Failure protocol_fault(std::string detail);
// A part of a stream that has to be kept whole is larger than ReadOptions::max_event_bytes: `what` is "An event".
Failure too_large_an_event(std::string_view what, std::size_t limit);
// The same for broken JSON: `what` is "The answer" or "An event".
Failure not_json(std::string_view what, const json::Broken& broken);
// The model itself failed: its answer ended with a word that says so, as `word`.
Fault model_failure(std::string_view word);
// The stream ended before its terminal event.
Failure truncated();

// The client's request cannot be served as it is: `told` is a sentence, `param` the field it is about.
Failure invalid_request(std::string told, std::string_view param, std::string_view code = {});
// The same for something the API has and the provider's dialect has not: "'n' above 1 is not supported by …".
Failure unsupported(std::string_view param, std::string_view why, std::string_view provider, std::string_view model);

// What a provider's error says, found by its dialect.
struct Said {
  std::string message;  // as written; empty: nothing
  std::string code;     // the provider's word
  std::string type;
  std::string param;
  Meaning meaning = Meaning::kUnknown;
};

// A fault of an error status, answered in `dialect` (a constant). Answers about our account are marked as such; the
// provider's rate-limit and retry headers are kept; the wait is Fault::retry_after, from `wait` or else from the
// headers.
Fault status_fault(std::string_view dialect, int status, const http::Headers& headers, std::string_view body,
                   const Said& said, Retry retry);
// A fault reported inside of a success.
Failure error_in_answer(const Said& said, std::string_view text);

// The provider refused us, not the client: our key, our permissions, our money. In a status, or inside of a success.
bool concerns_our_account(const Fault& fault);
// What a client is told of that.
std::string told_of_our_account(const Fault& fault);

// May another attempt help, by meaning.
Retry retry_of(Meaning meaning);
// The meaning of a status by itself, as every API uses them.
Meaning meaning_of(int status);
// And the other way: the status by which a client of another API is told; nothing for kUnknown and what is about our
// account.
std::optional<int> status_of(Meaning meaning);
// What only the message tells, in the words of the providers we know: a context that is too long; reasoning of earlier
// turns that this account cannot open.
bool says_context_is_too_long(std::string_view message);
bool says_state_is_foreign(std::string_view message);

}  // namespace sluice::dialect
