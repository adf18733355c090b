#include "app/reconcile/usage_json.h"

#include <fmt/format.h>

#include <cmath>

#include "admin/params.h"
#include "base/money.h"
#include "base/text.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

using boost::json::object;
using sim::as_object;
using sim::inner_in;
using sim::list_in;
using sim::text_in;

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kNanosPerCent = kNanosPerDollar / 100;

std::optional<std::int64_t> integer(const object& of, std::string_view key) {
  const auto* number = sim::number_in(of, key);
  if (number && number->is_int64()) return number->get_int64();
  if (number && number->is_double()) return std::llround(number->get_double());
  return std::nullopt;
}

std::int64_t moment(const object& of, std::string_view key) {
  const auto seconds = integer(of, key).value_or(0);
  return seconds >= kFirstSecond && seconds <= kLastSecond ? seconds * kSecondUs : 0;
}

std::optional<std::int64_t> sum(std::initializer_list<std::optional<std::int64_t>> parts) {
  std::optional<std::int64_t> total;
  for (const auto& part : parts) {
    if (part) total = total.value_or(0) + *part;
  }
  return total;
}

// An amount of so many nano-dollars each, with whatever decimals: what is below a nano-dollar is rounded. Providers
// write some of them as floating point numbers.
std::optional<std::int64_t> amount(const boost::json::value* value, std::int64_t unit_nanos) {
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    // Exactly, where its decimals allow.
    const auto text = sim::text_of(value);
    if (auto money = parse_money(text); money && money->nanos % (kNanosPerDollar / unit_nanos) == 0)
      return money->nanos / (kNanosPerDollar / unit_nanos);
    char* end = nullptr;
    const std::string owned(text);
    const double number = std::strtod(owned.c_str(), &end);
    if (owned.empty() || *end != '\0') return std::nullopt;
    return std::llround(number * static_cast<double>(unit_nanos));
  }
  if (!value->is_number()) return std::nullopt;
  return std::llround(value->to_number<double>() * static_cast<double>(unit_nanos));
}

void read_openai(const object& bucket, const object& result, UsageLine& line) {
  line.from_us = moment(bucket, "start_time");
  line.to_us = moment(bucket, "end_time");
  line.model = text_in(result, "model");
  if (text_in(result, "object") == "organization.costs.result") {
    // "gpt-4o-2024-08-06, input"
    const auto item = text_in(result, "line_item");
    line.model = item.substr(0, item.rfind(", "));
    line.cost_nanos = amount(inner_in(result, "amount").if_contains("value"), kNanosPerDollar);
    return;
  }
  line.requests = integer(result, "num_model_requests");
  line.input = sum({integer(result, "input_tokens"), integer(result, "input_audio_tokens")});
  line.cache_read = integer(result, "input_cached_tokens");
  line.output = sum({integer(result, "output_tokens"), integer(result, "output_audio_tokens")});
}

void read_anthropic(const object& bucket, const object& result, UsageLine& line) {
  line.from_us = admin::time_of(text_in(bucket, "starting_at"), {}).value_or(0);
  line.to_us = admin::time_of(text_in(bucket, "ending_at"), {}).value_or(0);
  line.model = text_in(result, "model");
  if (result.contains("amount")) {
    line.cost_nanos = amount(result.if_contains("amount"), kNanosPerCent);
    return;
  }
  const auto& written = inner_in(result, "cache_creation");
  line.cache_read = integer(result, "cache_read_input_tokens");
  line.cache_write =
      sum({integer(written, "ephemeral_5m_input_tokens"), integer(written, "ephemeral_1h_input_tokens")});
  line.input = sum({integer(result, "uncached_input_tokens"), line.cache_read, line.cache_write});
  line.output = integer(result, "output_tokens");
}

Status read_answer(const object& answer, std::optional<UsageFormat> wanted, UsageFile& file) {
  for (const auto& item : list_in(answer, "data")) {
    const auto& bucket = as_object(item);
    const auto format = bucket.contains("starting_at") ? UsageFormat::kAnthropic : UsageFormat::kOpenai;
    if (!bucket.contains("results") || (wanted && *wanted != format))
      return fail(FaultKind::kInvalidConfig, "It is no usage report of this format.");
    file.format = format;
    for (const auto& result : list_in(bucket, "results")) {
      UsageLine line{.line = file.lines.size() + 1};
      if (format == UsageFormat::kOpenai) read_openai(bucket, as_object(result), line);
      if (format == UsageFormat::kAnthropic) read_anthropic(bucket, as_object(result), line);
      for (const auto in :
           {text_in(as_object(result), "currency"), text_in(inner_in(as_object(result), "amount"), "currency")}) {
        if (in.empty() || iequals(in, "usd")) continue;
        return fail(
            FaultKind::kInvalidConfig,
            fmt::format("result {}: its amount is in '{}'; the ledger has US dollars.", line.line, printable(in)));
      }
      file.lines.push_back(std::move(line));
    }
  }
  return {};
}

}  // namespace

Result<UsageFile> read_usage_json(std::string_view text, std::optional<UsageFormat> wanted) {
  UsageFile file{
      .clock = UsageClock::kAbsolute, .lines = {}, .ignored = {}};  // seconds since 1970, and times with their offset
  boost::json::stream_parser parser;
  while (text.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    boost::system::error_code error;
    parser.reset();
    text.remove_prefix(parser.write_some(text.data(), text.size(), error));
    if (!error && !parser.done()) parser.finish(error);
    if (error) return fail(FaultKind::kInvalidConfig, "It is not JSON: " + error.message() + ".");
    const auto value = parser.release();
    Status status;
    if (const auto* list = value.if_array()) {
      for (const auto& one : *list) {
        if (status) status = read_answer(as_object(one), wanted, file);
      }
    } else {
      status = read_answer(as_object(value), wanted, file);
    }
    if (!status) return fail_from(status);
  }
  return file;
}

}  // namespace sluice::app
