// One call to a provider over one connection: sends the request, reads the head of its answer, then its body. Private
// to net/*.cpp.
//
// Thread rule: the loop's thread. Ownership: who called; the pool, the limits and the cancel outlive it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/coding.h"
#include "net/client.h"
#include "net/http1.h"
#include "net/pool.h"

namespace sluice::net {

class HttpCall final : public Call {
 public:
  HttpCall(std::unique_ptr<Kept> kept, const ClientLimits& limits, const CallTimeouts& timeouts, Cancel& cancel);
  ~HttpCall() override;

  // Sends the request and reads the head of the answer. `untouched()` then says whether a failure may be made good by
  // sending it again.
  Task<Status> begin(const Origin& origin, const http::RequestHead& head, std::span<const std::string_view> body,
                     const std::function<void()>& when_sent);
  bool untouched() const { return !answered_; }

  const http::ResponseHead& head() const override { return parser_->head(); }
  bool reused() const override { return kept_->served > 0; }
  void leave_rest() override { leaves_rest_ = true; }

  Task<Result<std::string_view>> read() override { return decoder_ ? read_decoded() : read_plain(); }

 private:
  Stream& stream() { return *kept_->stream; }
  Task<Result<bool>> send_rest(std::span<const std::string_view> pieces, std::size_t written);
  void look_for_early_answer(Result<bool>& whole);
  void expect_acknowledgement();
  void expect_head();
  Result<bool> take_head();
  Fault no_head(Stream::Fill how, Ms limit) const;
  Fault lost(std::string_view how) const;
  Status check_transfer_coding() const;
  Status begin_decoding();
  Task<Result<std::string_view>> read_decoded();
  Task<Result<std::string_view>> read_plain();
  Task<Result<std::string_view>> wait_for_plain();
  std::optional<Result<std::string_view>> what_is_there();
  Status parse_body();
  Status after_fill(Stream::Fill fill);
  Fault idle_timeout() const;
  Status end_of_connection();
  Result<std::string_view> decode_slice();

  Pool& pool_;
  std::unique_ptr<Kept> kept_;
  const ClientLimits& limits_;
  CallTimeouts timeouts_;
  Cancel& cancel_;
  Cancel::Hook hook_;
  std::optional<Parser<false>> parser_;
  std::size_t used_ = 0;  // consumed from the stream once the view given out is no longer needed
  bool sent_ = false;     // all of the request
  bool answered_ = false;
  bool silent_ = false;  // nothing of it was acknowledged
  std::unique_ptr<Timer> silence_timer_;
  bool takes_codings_ = true;
  bool to_head_request_ = false;
  bool leaves_rest_ = false;
  std::unique_ptr<http::Decoder> decoder_;
  std::string_view coded_;
  bool any_coded_ = false;  // an answer without a body may name a coding all the same
  std::string decoded_;
};

}  // namespace sluice::net
