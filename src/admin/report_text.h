// A report in a form for people or spreadsheets.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "admin/report.h"

namespace sluice::admin {

enum class ReportFormat : std::uint8_t { kJson, kTable, kCsv, kMarkdown };
inline constexpr std::string_view kReportFormats[] = {"json", "table", "csv", "markdown"};

// CSV has the rows alone; the others have what was wasted and what has changed most as well.
std::string rendered(const Report& report, const ReportQuery& query, ReportFormat format);

}  // namespace sluice::admin
