#include "toy/error.h"

#include "dialect/faults.h"
#include "dialect/waiting.h"
#include "json/reader.h"
#include "toy/toy.h"

namespace sluice::dialect::toy {

namespace {

std::string message_in(std::string_view body) {
  json::Reader reader;
  auto cursor = reader.scan_copy(body);
  if (!cursor) return {};
  std::string message;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "oops") message = json::plain(json::take_string(*cursor).value_or(json::Escaped{}));
  });
  return cursor->finish() ? message : "";
}

std::string_view told_of(const Fault& fault) {
  if (fault.answer && fault.answer->concerns == ProviderAnswer::Concerns::kOurAccount) {
    return "The provider refused the account that this gateway has there.";
  }
  return fault.told.empty() ? "An internal error has occurred." : std::string_view(fault.told);
}

}  // namespace

std::string write_error(const Fault& fault) {
  std::string out;
  json::Writer(out).begin_object().key("oops").text(told_of(fault)).end_object();
  return out;
}

std::string write_stream_error(const Fault& fault) {
  return "data: " + write_error(fault) + "\n\n";
}

Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) {
  Said said;
  said.message = message_in(body);
  said.meaning = says_context_is_too_long(said.message) ? Meaning::kContextLength : meaning_of(status);
  Fault fault = status_fault(kName, status, headers, body, said, retry_of(said.meaning));
  fault.retry_after = requested_wait(headers, now);
  return fault;
}

}  // namespace sluice::dialect::toy
