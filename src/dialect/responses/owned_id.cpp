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

}  // namespace sluice::dialect::responses
