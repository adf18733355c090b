#include "app/reconcile/csv_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace sluice::app {

namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t line() const { return line_; }

  // Nothing: a quote does not end.
  std::optional<std::vector<std::string>> row() {
    std::vector<std::string> fields;
    while (true) {
      std::string field;
      if (!rest_.empty() && rest_.front() == '"') {
        if (!quoted(field)) return std::nullopt;
      } else {
        const auto end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
        field = rest_.substr(0, end);
        rest_.remove_prefix(end);
      }
      fields.push_back(std::move(field));
      if (take(',')) continue;
      take('\r');
      if (take('\n')) ++line_;
      return fields;
    }
  }

 private:
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool quoted(std::string& field) {
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\n') ++line_;
      if (c == '"' && !take('"')) return rest_.empty() || rest_.find_first_of(",\r\n") == 0;
      field += c;
    }
    return false;
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace

Result<CsvFile> CsvFile::read(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  CsvReader reader(text);
  CsvFile file;
  while (!reader.at_end()) {
    const auto line = reader.line();
    auto fields = reader.row();
    if (!fields)
      return fail(FaultKind::kInvalidConfig, fmt::format("line {}: a quote does not end as it should.", line));
    if (fields->size() == 1 && trim(fields->front()).empty()) continue;
    if (file.header_.empty()) {
      for (auto& name : *fields) file.header_.emplace_back(trim(name));
      continue;
    }
    if (fields->size() > file.header_.size())
      return fail(FaultKind::kInvalidConfig, fmt::format("line {}: it has more fields than the header.", line));
    file.rows_.push_back({line, std::move(*fields)});
  }
  if (file.header_.empty()) return fail(FaultKind::kInvalidConfig, "It is empty: a header is needed.");
  return file;
}

std::optional<std::size_t> CsvFile::column(std::span<const std::string_view> names) const {
  for (const auto name : names) {
    const auto found = std::ranges::find_if(header_, [&](const auto& one) { return iequals(one, name); });
    if (found != header_.end()) return static_cast<std::size_t>(found - header_.begin());
  }
  return std::nullopt;
}

std::string_view CsvFile::field(const Row& row, std::optional<std::size_t> column) const {
  return column && *column < row.fields.size() ? trim(row.fields[*column]) : std::string_view();
}

}  // namespace sluice::app
