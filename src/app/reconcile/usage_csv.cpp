#include "app/reconcile/usage_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "admin/params.h"
#include "app/reconcile/csv_file.h"
#include "base/money.h"
#include "base/text.h"

namespace sluice::app {

namespace {

constexpr std::int64_t kSecondUs = 1'000'000, kDayUs = 86'400 * kSecondUs;
using Names = std::span<const std::string_view>;
using Column = std::optional<std::size_t>;

// "12.50", "-4.2e-02", taken apart: the digits, and how many of them stand before the point.
struct Decimal {
  bool negative = false;
  std::string digits;
  int before = 0;
};

std::optional<Decimal> decimal_of(std::string_view text) {
  constexpr int kMostExponent = 400;  // beyond that of any number that programs write
  Decimal decimal{.negative = text.starts_with('-')};
  if (decimal.negative) text.remove_prefix(1);
  int exponent = 0;
  if (const auto mark = text.find_first_of("eE"); mark != text.npos) {
    auto written = text.substr(mark + 1);
    if (written.starts_with('+') && !written.starts_with("+-")) written.remove_prefix(1);
    const auto read = to_number<int>(written);
    if (!read || *read < -kMostExponent || *read > kMostExponent) return std::nullopt;
    exponent = *read;
    text = text.substr(0, mark);
  }
  const auto point = std::min(text.find('.'), text.size());
  decimal.digits = text.substr(0, point);
  if (point < text.size()) decimal.digits += text.substr(point + 1);
  const bool only_digits = std::ranges::all_of(decimal.digits, [](char c) { return c >= '0' && c <= '9'; });
  if (decimal.digits.empty() || !only_digits) return std::nullopt;
  decimal.before = static_cast<int>(point) + exponent;
  return decimal;
}

// A number, times a power of ten: exact where the result is whole, rounded half up else.
std::optional<std::int64_t> scaled(std::string_view text, unsigned decimals) {
  const auto decimal = decimal_of(text);
  if (!decimal) return std::nullopt;
  const auto digit = [&](int at) {
    return at >= 0 && at < static_cast<int>(decimal->digits.size())
               ? decimal->digits[static_cast<std::size_t>(at)] - '0'
               : 0;
  };
  const int kept = decimal->before + static_cast<int>(decimals);
  std::int64_t value = 0;
  for (int at = 0; at < kept; ++at) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit(at), &value))
      return std::nullopt;
  }
  constexpr int kHalf = 5;
  if (digit(kept) >= kHalf && __builtin_add_overflow(value, 1, &value)) return std::nullopt;
  return decimal->negative ? -value : value;
}

// Reads fields of a row, and remembers the first that is none of its kind.
struct Fields {
  const CsvFile& file;
  const CsvFile::Row& row;
  std::string problem;

  std::string_view text(Column column) const { return file.field(row, column); }
  std::optional<std::int64_t> number(Column column, unsigned decimals = 0) {
    const auto given = text(column);
    if (given.empty()) return std::nullopt;
    auto value = scaled(given, decimals);
    if (!value && problem.empty()) problem = fmt::format("line {}: '{}' is no number.", row.line, printable(given));
    return value;
  }
  // A time as in RFC 3339, a day, or seconds or milliseconds since 1970: which, its size tells.
  std::optional<std::int64_t> time(Column column) {
    const auto given = text(column);
    if (given.empty()) return std::nullopt;
    constexpr unsigned kMicros = 6;
    constexpr std::int64_t kThousand = 1'000;
    auto value = scaled(given, kMicros);
    if (value && *value / kSecondUs > kLastSecond) *value /= kThousand;
    if (value && (*value / kSecondUs < kFirstSecond || *value / kSecondUs > kLastSecond)) value.reset();
    if (!value) value = admin::time_of(given, {});
    if (!value && problem.empty()) problem = fmt::format("line {}: '{}' is no time.", row.line, printable(given));
    return value;
  }
};

std::optional<std::int64_t> sum(std::initializer_list<std::optional<std::int64_t>> parts) {
  std::optional<std::int64_t> total;
  for (const auto& part : parts) {
    if (part) total = total.value_or(0) + *part;
  }
  return total;
}

struct Columns {
  Column from, to, model, request_id, requests, input, cached, written_5m, written_1h, written, uncached, output,
      audio_input, audio_output, cost, line_item;
  // AWS
  Column product, usage_type, usage_amount, unit;
  Column in_utc;  // the time, where the header says that it is UTC's
  Column currency;
  std::vector<std::string> ignored;

  explicit Columns(const CsvFile& file) {
    std::vector<bool> read(file.header().size());
    auto find = [&](std::initializer_list<std::string_view> names) {
      const auto found = file.column(Names(names));
      if (found) read[*found] = true;
      return found;
    };
    from = find({"start_time", "usage_date_utc", "time", "date", "timestamp", "lineItem/UsageStartDate",
                 "line_item_usage_start_date", "start_time_iso"});
    in_utc = find({"usage_date_utc"});
    to = find({"end_time", "end", "lineItem/UsageEndDate", "line_item_usage_end_date", "end_time_iso"});
    model = find({"model", "model_version", "model_name"});
    request_id = find({"request_id"});
    requests = find({"num_model_requests", "requests"});
    input = find({"input_tokens", "prompt_tokens"});
    uncached = find({"usage_input_tokens_no_cache", "uncached_input_tokens"});
    cached = find({"input_cached_tokens", "usage_input_tokens_cache_read", "cache_read_tokens", "cached_tokens"});
    written_5m = find({"usage_input_tokens_cache_write_5m"});
    written_1h = find({"usage_input_tokens_cache_write_1h"});
    written = find({"cache_write_tokens"});
    output = find({"output_tokens", "usage_output_tokens", "completion_tokens"});
    audio_input = find({"input_audio_tokens"});
    audio_output = find({"output_audio_tokens"});
    cost = find({"cost_usd", "total_cost_usd", "amount_usd", "amount_value", "lineItem/UnblendedCost",
                 "line_item_unblended_cost", "total_cost", "cost"});
    line_item = find({"line_item"});
    product = find({"lineItem/ProductCode", "line_item_product_code"});
    usage_type = find({"lineItem/UsageType", "line_item_usage_type"});
    usage_amount = find({"lineItem/UsageAmount", "line_item_usage_amount"});
    unit = find({"pricing/unit", "pricing_unit"});
    currency =
        find({"currency", "currency_code", "amount_currency", "lineItem/CurrencyCode", "line_item_currency_code"});
    for (std::size_t i = 0; i < read.size(); ++i) {
      if (!read[i]) ignored.push_back(file.header()[i]);
    }
  }

  UsageFormat format() const {
    if (usage_type) return UsageFormat::kAws;
    if (uncached && written_5m) return UsageFormat::kAnthropic;
    if ((requests && cached && !request_id) || line_item) return UsageFormat::kOpenai;
    return UsageFormat::kCsv;
  }
};

// A day names no zone; seconds since 1970 and times with their offset are the same everywhere.
bool is_absolute(std::string_view time) {
  if (scaled(time, 0)) return true;
  constexpr std::size_t kSeconds = 19;
  return time.size() > kSeconds && time.find_first_of("Zz+-", kSeconds) != std::string_view::npos;
}

// A line without an end is a day where it names one, and a moment where it names that.
void read_times(Fields& fields, const Columns& columns, UsageLine& line) {
  line.from_us = fields.time(columns.from).value_or(0);
  const auto given = fields.text(columns.from);
  constexpr std::size_t kDay = 10;
  line.to_us = fields.time(columns.to).value_or(line.from_us + (given.size() == kDay && given[4] == '-' ? kDayUs : 1));
}

void read_tokens(Fields& fields, const Columns& columns, UsageLine& line) {
  line.model = fields.text(columns.model);
  if (line.model.empty() && columns.line_item) {
    const auto item = fields.text(columns.line_item);
    line.model = item.substr(0, item.rfind(", "));
  }
  line.request_id = fields.text(columns.request_id);
  line.requests = fields.number(columns.requests);
  line.cache_read = fields.number(columns.cached);
  line.cache_write =
      sum({fields.number(columns.written), fields.number(columns.written_5m), fields.number(columns.written_1h)});
  line.input = columns.uncached ? sum({fields.number(columns.uncached), line.cache_read, line.cache_write})
                                : sum({fields.number(columns.input), fields.number(columns.audio_input)});
  line.output = sum({fields.number(columns.output), fields.number(columns.audio_output)});
  line.cost_nanos = fields.number(columns.cost, kMoneyDecimals);
}

// "USW2-Claude4.5Sonnet-cache-read-input-token-count", an amount in thousands of tokens.
bool read_aws(Fields& fields, const Columns& columns, UsageLine& line) {
  const auto product = fields.text(columns.product);
  if (!product.empty() && !product.starts_with("AmazonBedrock")) return false;
  auto type = fields.text(columns.usage_type);
  if (const auto region = type.find('-'); region <= 5) type.remove_prefix(region + 1);
  constexpr unsigned kThousand = 3;
  const auto tokens = fields.number(columns.usage_amount, kThousand);
  line.cost_nanos = fields.number(columns.cost, kMoneyDecimals);
  struct Kind {
    std::string_view part;
    std::optional<std::int64_t> UsageLine::* tokens;
    std::optional<std::int64_t> UsageLine::* too = nullptr;
  };
  static constexpr Kind kKinds[] = {{"-cache-read-input-token", &UsageLine::cache_read, &UsageLine::input},
                                    {"-cache-write-input-token", &UsageLine::cache_write, &UsageLine::input},
                                    {"-mantle-input-tokens", &UsageLine::input},
                                    {"-mantle-output-tokens", &UsageLine::output},
                                    {"-input-token", &UsageLine::input},
                                    {"-output-token", &UsageLine::output}};
  for (const auto& kind : kKinds) {
    const auto at = type.find(kind.part);
    if (at == std::string_view::npos) continue;
    line.model = bedrock_name(type.substr(0, at));
    line.*kind.tokens = tokens;
    if (kind.too) line.*kind.too = tokens;
    return true;
  }
  return false;
}

}  // namespace

Result<UsageFile> read_usage_csv(std::string_view text, std::optional<UsageFormat> wanted) {
  auto file = CsvFile::read(text);
  if (!file) return fail_from(file);
  const Columns columns(*file);
  UsageFile usage{.format = wanted.value_or(columns.format()), .lines = {}, .ignored = columns.ignored};
  if (!columns.from) {
    return fail(FaultKind::kInvalidConfig,
                "Its header names no time (time, date, start_time …); docs/guide/reports.md tells what is read.");
  }
  bool absolute = true;
  usage.lines.reserve(file->rows().size());
  for (const auto& row : file->rows()) {
    Fields fields{*file, row, {}};
    UsageLine line{.line = row.line};
    read_times(fields, columns, line);
    const bool is_usage = usage.format != UsageFormat::kAws || read_aws(fields, columns, line);
    if (usage.format != UsageFormat::kAws) read_tokens(fields, columns, line);
    if (!fields.problem.empty()) return fail(FaultKind::kInvalidConfig, fields.problem);
    if (!is_usage) continue;
    if (const auto in = fields.text(columns.currency); !in.empty() && !iequals(in, "usd")) {
      return fail(FaultKind::kInvalidConfig,
                  fmt::format("line {}: its amount is in '{}'; the ledger has US dollars.", row.line, printable(in)));
    }
    absolute = absolute && is_absolute(fields.text(columns.from));
    usage.lines.push_back(std::move(line));
  }
  if (absolute || columns.in_utc) usage.clock = UsageClock::kAbsolute;
  return usage;
}

}  // namespace sluice::app
