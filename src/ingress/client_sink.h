// The outermost sink: writes the answer, or the error, to the client; keeps a silent stream alive with comments.
//
// The end of an answer (all of a whole one, the last event of a stream, the last bytes of others) leaves with finish(),
// when the stages are done with it: whoever has a complete answer knows that it is written down.
//
// It is the one place that writes errors of an exchange, in the client's dialect: as an answer of their own while
// nothing was sent, inside the stream after that, by breaking off where bytes cannot carry them.
//
// Thread rule: the loop's thread. Lifetime: one exchange; end with exactly one of finish(), fail() or abandon().
#pragma once

#include "base/signal.h"
#include "exchange/exchange.h"
#include "exchange/sink.h"
#include "ingress/cors.h"

namespace sluice::ingress {

class ClientSink final : public Sink {
 public:
  ClientSink(Exchange& x, const Cors& cors, Ms keep_alive);

  Task<Status> begin(AnswerHead head) override;
  Task<Status> push(std::span<const chat::Event> events) override;

  Task<void> finish();                  // the answer is complete
  Task<void> fail(const Fault& fault);  // it is not: tell the client why
  Task<void> abandon();                 // a bug: what was begun is broken off

 private:
  void start(const AnswerHead& head);
  http::Headers own_headers() const;
  void add_cost(http::Headers& headers) const;
  void add_theirs(http::Headers& headers, const http::Headers& theirs) const;
  Task<Status> write(std::span<const std::string_view> pieces);  // which stay valid until it has ended
  Task<Status> write_next(std::span<const std::string_view> pieces);
  Task<Status> wait_for_write(Task<Status> written);
  Task<Status> push_bytes(std::span<const chat::Event> events);
  Task<Status> write_pieces(std::vector<std::string_view> pieces);
  static Task<Status> wait_with(std::vector<std::string_view> pieces, Task<Status> written);
  Task<Status> write_text(std::string text);
  Task<Status> push_pieces(std::span<const chat::Event> events);
  bool must_hold(const chat::Event& event);
  Instant shown_at() const;
  std::string last_words();
  Task<Status> send_whole(std::string_view body);
  static Task<void> wait_for_end(Task<Status> sent);
  Task<void> finish_in_turn();
  Translation* translation() const { return x_.current ? x_.current->translation.get() : nullptr; }
  dialect::AnswerWriter* writer() const { return translation() ? translation()->writer.get() : nullptr; }
  const chat::Learned& learned() const;
  std::string mark_of_continuation();
  Task<void> send_comment();
  Task<void> settle();  // no comment is being written, and none will be
  Task<void> wait_for_comments();
  void keep_alive_due();

  Exchange& x_;
  const Cors& cors_;
  Ms keep_alive_;
  AnswerHead head_;
  std::string held_;          // the end of the answer
  std::uint64_t pushed_ = 0;  // bytes of one with a length
  bool writing_ = false;
  Instant last_write_;
  Signal written_;
  const Try* marked_ = nullptr;  // the last that was announced as going on with a broken answer
  TaskGroup comments_;
  net::Timer timer_;
};

}  // namespace sluice::ingress
