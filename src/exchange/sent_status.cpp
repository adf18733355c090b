#include "exchange/sent_status.h"

#include "dialect/faults.h"
#include "exchange/fault_status.h"

namespace sluice {

namespace {

// In conflict with another request: APIs have a status for it, and no meaning says as much.
bool is_conflict(const Fault& fault, int status) {
  const bool is_vague = fault.meaning == Meaning::kInvalidRequest || fault.meaning == Meaning::kServerError ||
                        fault.meaning == Meaning::kUnknown;
  return status == 409 && is_vague;
}

}  // namespace

int status_in_words_of(const Fault& fault, const dialect::Server& server) {
  const int status = http_status(fault);
  const bool other = fault.kind == FaultKind::kProviderStatus && fault.answer &&
                     !dialect::concerns_our_account(fault) && !fault.answer->dialect.empty() &&
                     !server.shares_errors_of(fault.answer->dialect);
  return other && !is_conflict(fault, status) ? dialect::status_of(fault.meaning).value_or(status) : status;
}

int sent_status(const Fault& fault, const dialect::Server& server) {
  return server.write_error(fault, status_in_words_of(fault, server)).status;
}

}  // namespace sluice
