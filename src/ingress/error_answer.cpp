#include "ingress/error_answer.h"

#include "dialect/openai/error.h"
#include "exchange/fault_status.h"

namespace sluice::ingress {

namespace {

bool passes_unchanged(const Fault& fault, ProviderBodies bodies) {
  if (!fault.answer || fault.answer->status < 400 || is_about_our_account(fault)) return false;
  return bodies == ProviderBodies::kAny || fault.answer->content_type.starts_with("application/json");
}

}  // namespace

net::Service::Refusal error_answer(const Fault& fault, ProviderBodies bodies) {
  net::Service::Refusal answer{{http_status(fault), {}}, {}};
  auto& headers = answer.head.headers;
  if (passes_unchanged(fault, bodies)) {
    if (!fault.answer->content_type.empty()) headers.add("content-type", fault.answer->content_type);
    answer.body = fault.answer->body;
  } else {
    headers.add("content-type", "application/json");
    answer.body = dialect::openai::write_error(fault);
  }
  if (fault.answer && !is_about_our_account(fault)) {
    for (const auto& [name, value] : fault.answer->headers) headers.add(name, value);
  }
  if (fault.answer && !fault.answer->request_id.empty())
    headers.add("x-sluice-provider-request-id", fault.answer->request_id);
  if (is_about_our_account(fault)) headers.set("x-should-retry", "false");
  if (fault.retry_after && !headers.has("retry-after")) {
    headers.add("retry-after", std::to_string((fault.retry_after->count() + 999) / 1000));
  }
  if (fault.kind == FaultKind::kMethodNotAllowed) headers.add("allow", fault.code == "GET" ? "GET, HEAD" : fault.code);
  if (fault.kind == FaultKind::kUnauthenticated) headers.add("www-authenticate", "Bearer");
  if (fault.kind == FaultKind::kOverloaded || fault.kind == FaultKind::kShuttingDown) headers.set("retry-after", "1");
  return answer;
}

}  // namespace sluice::ingress
