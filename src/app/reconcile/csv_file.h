// A CSV file with a header, RFC 4180; a byte order mark and lone line feeds are taken as well.
//
// Thread rule: plain values.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::app {

class CsvFile {
 public:
  struct Row {
    std::size_t line = 0;  // where it begins, from 1
    std::vector<std::string> fields;
  };

  // Faults: kInvalidConfig: a quote that does not end, a row with more fields than the header.
  static Result<CsvFile> read(std::string_view text);

  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<std::string>& header() const { return header_; }
  // The first of these that the header has, whatever its case.
  std::optional<std::size_t> column(std::span<const std::string_view> names) const;
  std::string_view field(const Row& row, std::optional<std::size_t> column) const;

 private:
  std::vector<std::string> header_;
  std::vector<Row> rows_;
};

}  // namespace sluice::app
