// The request being served on a connection, as its Service sees it. Private to net/*.cpp.
//
// What can be done at once is done when it is asked for, without a coroutine: a body that came with its head, an answer
// that the socket takes.
//
// Thread rule: the loop's thread. Lifetime: until serve() returned.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "net/connection.h"

namespace sluice::net {

class Connection::Served final : public Request {
 public:
  explicit Served(Connection& connection);

  const http::RequestHead& head() const override { return head_; }
  std::string_view peer() const override { return connection_.peer_; }
  Instant arrived() const override { return arrived_; }
  Loop& loop() override { return connection_.shared_.loop; }
  Cancel& cancel() override { return cancel_; }

  Task<Result<std::string>> body() override;

  Task<Status> send(http::ResponseHead head, std::string_view body) override;
  void start(http::ResponseHead head) override;
  Task<Status> write(std::span<const std::string_view> pieces) override;
  Task<Status> finish() override;
  bool started() const override { return phase_ != Phase::kNothing; }
  void abort() override;
  void reset() override;

  // Whether a close would be the end of a whole answer.
  bool ends_with_connection() const { return framing_ == Framing::kUntilClose; }
  bool finished() const { return phase_ == Phase::kFinished; }
  bool body_read() const { return connection_.parser_->is_done(); }
  bool keep_alive() const { return keep_alive_; }
  void close_after() { keep_alive_ = false; }

 private:
  enum class Phase { kNothing, kStarted, kFinished, kAborted };
  enum class Framing { kChunked, kLength, kNone, kUntilClose };

  Status lengths_allowed() const;
  Status expectation_can_be_met() const;
  Status take_arrived(std::string& body);
  Task<Result<std::string>> receive(std::string body);
  Task<Result<std::string>> received(std::string body);
  Task<Result<std::string>> receive_from_now(std::string body);
  Task<Result<std::string>> continue_and_receive(std::string body);
  Result<std::string> decoded(std::string_view coding, std::string_view body) const;
  Task<Result<std::string>> decode_aside(std::string_view coding, std::string body);
  void decide_framing(http::ResponseHead& head);
  void complete_head(http::ResponseHead& head);
  Task<Status> put(std::span<const std::string_view> pieces);
  Task<Status> put_rest(std::vector<std::string_view> pieces, std::size_t written);
  Status put_ended(Stream::Took how);

  Connection& connection_;
  http::RequestHead head_;
  Instant arrived_;
  Cancel cancel_;
  Phase phase_ = Phase::kNothing;
  Framing framing_ = Framing::kChunked;
  std::string pending_;  // the head, until the first write
  std::array<char, 20> chunk_line_;
  bool is_head_;
  bool http10_;
  bool keep_alive_;
};

Fault client_gone();

// The limit that was passed, as the fault a client is told.
Fault too_large(std::string_view what, std::uint64_t size, std::uint64_t limit, std::string_view setting);

}  // namespace sluice::net
