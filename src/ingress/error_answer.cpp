#include "ingress/error_answer.h"

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/openai/error.h"
#include "exchange/fault_status.h"
#include "exchange/sent_status.h"
#include "provider/failure.h"

namespace sluice::ingress {

namespace {

bool passes_unchanged(const Fault& fault, const dialect::Server& server, ProviderBodies bodies) {
  if (bodies == ProviderBodies::kNone) return false;
  if (!fault.answer || fault.answer->status < 400 || dialect::concerns_our_account(fault)) return false;
  const ProviderAnswer& answer = *fault.answer;
  // Of a body that did not come whole nothing is kept, not even its dialect.
  const bool is_kept = !answer.dialect.empty() || !answer.body.empty();
  if (bodies == ProviderBodies::kAny) return is_kept;
  // A host may answer in words of another API: Bedrock does, to requests of Anthropic's.
  if (!answer.dialect.empty() && !server.shares_errors_of(answer.dialect)) return false;
  return answer.content_type.starts_with("application/json");
}

// A budget that is used up here: no client's retry finds it whole.
bool is_about_money(const Fault& fault) {
  const auto failure = provider::classify(fault);
  return provider::is_ours(failure) && failure != provider::Failure::kNoRoom;
}

// A 405 keeps the methods that are possible in its code; they are told in the field Allow.
Fault without_methods(Fault fault) {
  fault.code = name(fault.kind);
  return fault;
}

}  // namespace

void name_request(std::string& error, std::string_view request_id) {
  constexpr std::string_view kEnd = R"("request_id":null})", kNull = "null}";
  const auto end = error.find_last_not_of('\n') + 1;
  if (request_id.empty() || !std::string_view(error).substr(0, end).ends_with(kEnd)) return;
  std::string id;
  append_json_string(id, request_id);
  error.replace(end - kNull.size(), kNull.size() - 1, id);
}

net::Service::Refusal error_answer(const Fault& fault, const dialect::Server& server, ProviderBodies bodies,
                                   std::string_view request_id) {
  net::Service::Refusal answer{{status_in_words_of(fault, server), {}}, {}};
  auto& headers = answer.head.headers;
  if (passes_unchanged(fault, server, bodies)) {
    if (!fault.answer->content_type.empty()) headers.add("content-type", fault.answer->content_type);
    answer.body = fault.answer->body;
  } else {
    const bool holds_methods = fault.kind == FaultKind::kMethodNotAllowed;
    auto written = server.write_error(holds_methods ? without_methods(fault) : fault, answer.head.status);
    answer.head.status = written.status;
    headers.add("content-type", written.content_type);
    for (const auto& [name, value] : written.headers) headers.add(name, value);
    answer.body = std::move(written.body);
    name_request(answer.body, request_id);
  }
  if (fault.answer && !dialect::concerns_our_account(fault)) {
    http::Headers limits;
    for (const auto& [name, value] : fault.answer->headers) {
      (dialect::is_rate_limit_field(name) ? limits : headers).add(name, value);
    }
    limits = dialect::rate_limits_as(server.limit_spelling(), limits, wall_now());
    for (const auto& [name, value] : limits) headers.add(name, value);
  }
  if (fault.answer && !fault.answer->request_id.empty())
    headers.add("x-sluice-provider-request-id", fault.answer->request_id);
  if (dialect::concerns_our_account(fault) || is_about_money(fault)) headers.set("x-should-retry", "false");
  if (fault.retry_after && !headers.has("retry-after")) {
    headers.add("retry-after", std::to_string((fault.retry_after->count() + 999) / 1000));
  }
  if (fault.kind == FaultKind::kMethodNotAllowed) headers.add("allow", fault.code == "GET" ? "GET, HEAD" : fault.code);
  if (fault.kind == FaultKind::kUnauthenticated) headers.add("www-authenticate", "Bearer");
  bool passes = fault.kind == FaultKind::kOverloaded || fault.kind == FaultKind::kShuttingDown;
  if (passes && !is_about_money(fault) && !headers.has("retry-after")) headers.add("retry-after", "1");
  return answer;
}

}  // namespace sluice::ingress
