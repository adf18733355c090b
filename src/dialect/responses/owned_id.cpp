#include "dialect/responses/owned_id.h"

#include "base/text.h"

namespace sluice::dialect::responses {

namespace {

constexpr std::string_view kMark = "_sluice_";

void append_safe(std::string& out, std::string_view text) {
  for (char c : text) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    out += alphanumeric || c == '_' || c == '-' ? c : '-';
  }
}

}  // namespace

std::string made_id(std::string_view prefix, std::string_view exchange_id) {
  std::string id(prefix);
  id += kMark;
  append_safe(id, exchange_id);
  return id;
}

std::string made_id(std::string_view prefix, std::string_view exchange_id, std::size_t index) {
  return made_id(prefix, exchange_id) + "_" + std::to_string(index);
}

bool is_made_id(std::string_view id) {
  const auto at = id.find('_');
  return at != std::string_view::npos && id.substr(at).starts_with(kMark);
}

Fault not_kept(std::string_view id) {
  Fault fault;
  fault.kind = FaultKind::kNotFound;
  fault.told = "The response '" + printable(id, 100) +
               "' was translated from another provider's API; it is not kept and cannot be asked for again.";
  fault.code = "not_kept";
  fault.param = "response_id";
  return fault;
}

Fault provider_unknown(std::string_view id) {
  Fault fault;
  fault.kind = FaultKind::kInvalidRequest;
  fault.told = "Several providers speak the Responses API: name the one that keeps '" + printable(id, 100) +
               "' in the header '" + std::string(kProviderHeader) + "'.";
  fault.code = "provider_required";
  fault.param = kProviderHeader;
  return fault;
}

}  // namespace sluice::dialect::responses
