// Sends an answer the way its script says: late, slowly, in pieces, compressed, or not to its end.
//
// Thread rule: the request's loop. Lifetime: within serve(). Every wait ends when the peer leaves.
#pragma once

#include "base/task.h"
#include "net/server.h"
#include "sim/answer.h"
#include "sim/script.h"
#include "sim/visit.h"

namespace sluice::sim {

class Delivery {
 public:
  Delivery(net::Request& request, const Script& script, Visit& visit)
      : request_(request), script_(script), visit_(visit) {}

  // Closes the visit's books, but for the case that the peer left.
  Task<void> play(Answer answer);

 private:
  // How a body ends: as it should, with the error event of error_after, or broken off.
  enum class Ending { kComplete, kError, kBreak };
  struct Rendered {
    std::string bytes;
    Ending ending = Ending::kComplete;
    std::optional<std::uint64_t> announced;  // content-length; nothing: chunked
  };

  Task<void> play_plain(Answer answer);
  Task<void> play_events(Answer answer);
  Task<void> play_body(http::ResponseHead head, Rendered body);
  Task<void> break_after_head(http::ResponseHead head, std::optional<std::uint64_t> announced);
  Task<void> be_silent(http::ResponseHead head);

  Rendered render(Answer& answer);
  Rendered render_stream(Answer& answer);
  std::optional<Ending> ending_before(const Stream& stream, std::size_t content_events) const;
  bool in_pieces() const;

  Task<bool> pause(Ms delay);
  // Counts and writes; `close_books` says how the visit ends if these are its last bytes.
  Task<bool> write(std::string_view bytes, Outcome close_books = Outcome::kOpen);
  Task<void> end(Ending ending);
  Task<void> break_off();
  Task<void> finish_and_close();

  net::Request& request_;
  const Script& script_;
  Visit& visit_;
};

}  // namespace sluice::sim
