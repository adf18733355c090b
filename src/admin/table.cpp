#include "admin/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace sluice::admin {

namespace {

// Characters as they are seen, one a code point.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, Table::Side side) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return side == Table::Side::kLeft ? text + space : space + text;
}

std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths;
  widths.reserve(table.columns.size());
  for (const auto& column : table.columns) widths.push_back(width_of(column.name));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  return widths;
}

std::string csv_field(const Table::Column& column, const std::string& text) {
  const bool formula = column.side == Table::Side::kLeft && !text.empty() &&
                       std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  std::string shown = formula ? "'" + text : text;
  if (shown.find_first_of(",\"\r\n") == std::string::npos) return shown;
  std::string quoted = "\"";
  for (char c : shown) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string markdown_field(const std::string& text) {
  std::string shown;
  for (char c : printable(text, 1000)) {
    if (c == '|' || c == '\\' || c == '`' || c == '<') shown += '\\';
    shown += c;
  }
  return shown;
}

}  // namespace

std::string to_text(const Table& table) {
  Table shown = table;
  for (auto& row : shown.rows) {
    for (auto& text : row) text = printable(text, 60);
  }
  const auto widths = widths_of(shown);
  std::vector<std::string> names;
  names.reserve(shown.columns.size());
  for (const auto& column : shown.columns) names.push_back(column.name);
  shown.rows.insert(shown.rows.begin(), std::move(names));
  std::string out;
  for (const auto& row : shown.rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += (i == 0 ? "" : "  ") + padded(row[i], widths[i], shown.columns[i].side);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string to_markdown(const Table& table) {
  std::string out = "|", rule = "|";
  for (const auto& column : table.columns) {
    out += ' ' + column.name + " |";
    rule += column.side == Table::Side::kLeft ? " --- |" : " ---: |";
  }
  out += '\n' + rule + '\n';
  for (const auto& row : table.rows) {
    out += '|';
    for (const auto& text : row) out += ' ' + markdown_field(text) + " |";
    out += '\n';
  }
  return out;
}

std::string to_csv(const Table& table) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) out += (i == 0 ? "" : ",") + table.columns[i].name;
  out += "\r\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : ",") + csv_field(table.columns[i], row[i]);
    out += "\r\n";
  }
  return out;
}

}  // namespace sluice::admin
