#include "app/reconcile/usage_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/reconcile/usage_csv.h"
#include "app/reconcile/usage_json.h"
#include "base/text.h"

namespace sluice::app {

namespace {

constexpr std::pair<std::string_view, UsageFormat> kFormats[] = {{"openai", UsageFormat::kOpenai},
                                                                 {"anthropic", UsageFormat::kAnthropic},
                                                                 {"aws", UsageFormat::kAws},
                                                                 {"csv", UsageFormat::kCsv}};

bool looks_like_json(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Status check_lines(const UsageFile& file) {
  constexpr std::int64_t kSecondUs = 1'000'000;
  for (const auto& line : file.lines) {
    if (line.from_us <= 0 || line.to_us <= line.from_us || line.to_us > kLastSecond * kSecondUs)
      return fail(FaultKind::kInvalidConfig, fmt::format("line {}: its time is not told, or is none.", line.line));
    for (const auto& count : {line.requests, line.input, line.cache_read, line.cache_write, line.output}) {
      if (count && file.format != UsageFormat::kAws && (*count < 0 || *count > kMostCount))
        return fail(FaultKind::kInvalidConfig, fmt::format("line {}: {} is no count.", line.line, *count));
    }
  }
  if (file.lines.empty()) return fail(FaultKind::kInvalidConfig, "No usage is in it.");
  if (std::ranges::any_of(file.lines, &UsageLine::has_amount)) return {};
  return fail(FaultKind::kInvalidConfig,
              fmt::format("It has no amount that can be compared (input_tokens, output_tokens, cost_usd …){}{}; "
                          "docs/guide/reports.md tells what is read.",
                          file.ignored.empty() ? "" : ". Columns that are not read: ", listed(file.ignored)));
}

}  // namespace

bool UsageLine::has_amount() const {
  return input || cache_read || cache_write || output || cost_nanos || (requests && request_id.empty());
}

std::string listed(std::span<const std::string> columns) {
  constexpr std::size_t kMostNamed = 12;
  std::string words;
  for (const auto& one : columns.first(std::min(columns.size(), kMostNamed)))
    words += (words.empty() ? "" : ", ") + printable(one, 60);
  if (columns.size() > kMostNamed) words += fmt::format(" and {} more", columns.size() - kMostNamed);
  return words;
}

Result<UsageFile> read_usage(std::string_view text, std::string_view format) {
  std::optional<UsageFormat> wanted;
  for (const auto& [name, value] : kFormats) {
    if (name == format) wanted = value;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  auto file = looks_like_json(text) ? read_usage_json(text, wanted) : read_usage_csv(text, wanted);
  if (!file) return fail_from(file);
  if (auto checked = check_lines(*file); !checked) return fail_from(checked);
  return file;
}

std::string bedrock_name(std::string_view name) {
  // "us.anthropic.claude-…": who routes and makes it come first; the version of the id and a date last.
  for (auto point = name.find('.'); point != std::string_view::npos && point + 1 < name.size();
       point = name.find('.')) {
    const bool is_number = point > 0 && name[point - 1] >= '0' && name[point - 1] <= '9';
    if (is_number || name.substr(0, point).find('-') != std::string_view::npos) break;
    name.remove_prefix(point + 1);
  }
  if (const auto version = name.rfind("-v");
      version != std::string_view::npos && name.find(':', version) != std::string_view::npos)
    name = name.substr(0, version);
  std::vector<std::string> words;
  std::string digits, word;
  auto end_word = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, {}));
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = to_lower(name[i]);
    if (c >= '0' && c <= '9') {
      std::size_t length = 1;
      while (i + length < name.size() && name[i + length] >= '0' && name[i + length] <= '9') ++length;
      end_word();
      constexpr std::size_t kDate = 8;
      if (length < kDate) digits += name.substr(i, length);
      i += length - 1;
    } else if (c >= 'a' && c <= 'z') {
      if (name[i] >= 'A' && name[i] <= 'Z' && !word.empty() && (name[i - 1] < 'A' || name[i - 1] > 'Z')) end_word();
      word += c;
    } else {
      end_word();
    }
  }
  end_word();
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();  // 2.0 is 2
  std::ranges::sort(words);
  for (const auto& one : words) word += one + ' ';
  return word + digits;
}

}  // namespace sluice::app
