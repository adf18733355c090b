#include "dialect/cited_document.h"

#include "json/reader.h"

namespace sluice::dialect {

bool wants_citations(const chat::Part& part) {
  if (part.kind != chat::PartKind::kDocument || part.citations.empty()) return false;
  json::Reader reader;
  auto cursor = reader.scan_copy(part.citations);
  bool wants = false;
  if (!cursor) return false;
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "enabled") wants = cursor->skip() == "true";
  });
  return wants;
}

}  // namespace sluice::dialect
