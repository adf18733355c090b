// A report as GET /admin/v1/report tells it, in a form for people or spreadsheets.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice::app {

enum class ReportFormat : std::uint8_t { kTable, kCsv, kJson, kMarkdown };

// CSV has the rows alone; the others have what was wasted and what has changed most as well. Fault: kProviderProtocol
// when it is no report.
Result<std::string> rendered(std::string_view report_json, ReportFormat format);

}  // namespace sluice::app
