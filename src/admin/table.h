// A table of texts in the forms people and programs want: aligned, CSV, Markdown.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <vector>

namespace sluice::admin {

struct Table {
  enum class Side : std::uint8_t { kLeft, kRight };
  struct Column {
    std::string name;
    Side side = Side::kLeft;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // as many texts as there are columns
};

std::string to_text(const Table& table);  // two spaces between columns
std::string to_markdown(const Table& table);
// RFC 4180. A text that a spreadsheet would take for a formula begins with an apostrophe.
std::string to_csv(const Table& table);

}  // namespace sluice::admin
