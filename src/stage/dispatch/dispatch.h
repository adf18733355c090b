// The innermost stage: writes the request for the current target, sends it, and passes the answer on as it arrives.
//
// Thread rule: immutable. Same dialect in and out: the client's bytes go out with only the model (and what a quirk of
// the provider demands) changed; the provider's bytes come back as they came. Else the request is translated
// (upstream.h) and the answer goes out as pieces, which the outermost sink writes in the client's dialect.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exchange/stage.h"
#include "net/fetch.h"
#include "stage/dispatch/usage_option.h"

namespace sluice::stage {

struct DispatchLimits {
  std::size_t event_bytes = 16 << 20;   // one event of a stream
  std::size_t answer_bytes = 64 << 20;  // a whole answer, or an error
};

class Dispatch final : public Stage {
 public:
  explicit Dispatch(DispatchLimits limits) : limits_(limits) {}
  // Before it serves: images and documents by URL are fetched where the provider takes none.
  void allow_fetching(net::FetchRules rules) { fetch_rules_ = std::move(rules); }
  Task<Status> run(Exchange& x, Sink& out, Next next) override;

 private:
  // How the current attempt is served.
  struct Served {
    provider::Service service;
    UsageOption usage;
  };

  Task<Status> serve(Exchange& x, Try& t, Sink& out) const;
  Task<Result<std::unique_ptr<net::Call>>> ask(Exchange& x, Try& t, const Served& served) const;
  Task<Status> hear_refusal(Exchange& x, Try& t, net::Call& call, const Served& served) const;
  Task<Status> pass_on(Exchange& x, Try& t, net::Call& call, const Served& served, Sink& out) const;
  Task<Status> pass_behind(Task<Status> begun, AnswerForm form, Exchange& x, Try& t, net::Call& call,
                           const Served& served, Sink& out) const;
  Task<Status> pass(AnswerForm form, Exchange& x, Try& t, net::Call& call, const Served& served, Sink& out) const;
  Task<Status> pass_events(Exchange& x, Try& t, net::Call& call, std::unique_ptr<dialect::AnswerReader> reader,
                           Sink& out) const;
  Task<Status> pass_whole(Exchange& x, Try& t, net::Call& call, const Served& served, Sink& out) const;
  Task<Status> pass_raw(Exchange& x, net::Call& call, Sink& out) const;
  Task<Result<std::string>> read_whole(Exchange& x, Try& t, net::Call& call) const;
  Task<Result<std::string>> read_rest(Exchange& x, Try& t, net::Call& call, Task<Result<std::string_view>> next,
                                      std::string body) const;
  Result<bool> take_part(Try& t, Result<std::string_view> bytes, std::string& body) const;
  dialect::ReadOptions read_options(const Try& t, const Served& served) const;

  const net::FetchRules* fetch_rules() const { return fetch_rules_ ? &*fetch_rules_ : nullptr; }

  DispatchLimits limits_;
  std::optional<net::FetchRules> fetch_rules_;
};

}  // namespace sluice::stage
