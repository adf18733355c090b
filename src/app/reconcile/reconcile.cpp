#include "app/reconcile/reconcile.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/table.h"
#include "app/say.h"
#include "app/text_file.h"
#include "base/money.h"
#include "base/text.h"
#include "json/writer.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::size_t kMostShown = 200;

int failed(std::string_view why, int code) {
  say(stderr, "sluice: {}\n", why);
  return code;
}

// Fault: kInvalidConfig: the ledger has nobody of this name.
Status check_provider(BookSource& books, std::string_view provider) {
  auto answer = books.get("/report", "by=provider&from=2000-01-01&format=json");
  if (!answer) return fail_from(answer);
  const auto parsed = sim::parsed(*answer);
  std::vector<std::string_view> names;
  if (parsed) {
    for (const auto& row : sim::list_in(sim::as_object(*parsed), "rows"))
      names.push_back(sim::text_in(sim::as_object(row), "value"));
  }
  if (std::ranges::find(names, provider) != names.end()) return {};
  const auto near = nearest(provider, names);
  return fail(FaultKind::kInvalidConfig,
              fmt::format("--provider: the ledger has no attempt at a provider '{}'.{}", printable(provider),
                          near.empty() ? "" : fmt::format(" Did you mean '{}'?", near)));
}

}  // namespace

std::string to_text(const Comparison& comparison) {
  using Side = admin::Table::Side;
  admin::Table counts{.columns = {{"", Side::kLeft}, {"lines", Side::kRight}}, .rows = {}};
  for (const auto& [verdict, count] : comparison.counts)
    counts.rows.push_back({std::string(name(verdict)), std::to_string(count)});
  auto out = to_text(counts);
  out += fmt::format("\ncost USD  {} there, {} here\n", to_text(Money{comparison.cost_there_nanos}),
                     to_text(Money{comparison.cost_here_nanos}));
  if (comparison.outside > 0) {
    out += fmt::format("not compared: {} attempts of the ledger within a day of the file are in none of its times\n",
                       comparison.outside);
  }
  if (comparison.silent > 0)
    out += fmt::format("not compared: {} lines of the file tell no amount\n", comparison.silent);
  if (!comparison.ignored.empty()) out += fmt::format("not compared: the columns {}\n", listed(comparison.ignored));
  if (comparison.findings.empty()) return out;
  out += '\n';
  std::size_t shown = 0;
  for (const auto& finding : comparison.findings) {
    if (++shown > kMostShown) {
      out += fmt::format("… and {} more (--json has all)\n", comparison.findings.size() - kMostShown);
      break;
    }
    const auto place = finding.line == 0 ? std::string("ledger") : fmt::format("line {}", finding.line);
    out += fmt::format("{}: {}: {}{}{}\n", place, name(finding.verdict), finding.subject,
                       finding.detail.empty() ? "" : ": ", finding.detail);
  }
  return out;
}

std::string to_json(const Comparison& comparison) {
  std::string out;
  json::Writer json(out);
  json.begin_object();
  json.key("explained").boolean(comparison.explained());
  json.key("cost_there_usd").text(to_text(Money{comparison.cost_there_nanos}));
  json.key("cost_here_usd").text(to_text(Money{comparison.cost_here_nanos}));
  json.key("not_compared").number(std::uint64_t{comparison.outside});
  json.key("lines_without_amount").number(std::uint64_t{comparison.silent});
  json.key("columns_not_compared").begin_array();
  for (const auto& column : comparison.ignored) json.text(column);
  json.end_array();
  json.key("counts").begin_object();
  for (const auto& [verdict, count] : comparison.counts) json.key(name(verdict)).number(std::uint64_t{count});
  json.end_object();
  json.key("findings").begin_array();
  for (const auto& finding : comparison.findings) {
    json.begin_object();
    json.key("verdict").text(name(finding.verdict));
    json.key("explained").boolean(is_explained(finding.verdict));
    json.key("line");
    finding.line == 0 ? json.null() : json.number(std::uint64_t{finding.line});
    json.key("subject").text(finding.subject);
    json.key("detail").text(finding.detail);
    json.end_object();
  }
  json.end_array().end_object();
  return out;
}

int reconcile(const ReconcileOptions& options) {
  auto text = read_text_file(options.file);
  if (!text) return failed(fmt::format("'{}' {}", options.file, text.error()), 2);
  auto usage = read_usage(*text, options.format);
  if (!usage) return failed(fmt::format("{}: {}", options.file, usage.error().told), 2);
  auto books = open_books(options.books);
  if (!books) return failed(books.error().told, 2);
  auto from = INT64_MAX, to = INT64_MIN;
  for (const auto& line : usage->lines) {
    from = std::min(from, line.from_us);
    to = std::max(to, line.to_us);
  }
  auto lines = read_book_lines(**books, std::max<std::int64_t>(0, from - kDayUs), to + kDayUs, options.provider);
  if (!lines) return failed(lines.error().told, 1);
  if (lines->empty() && !options.provider.empty()) {
    if (auto known = check_provider(**books, options.provider); !known) return failed(known.error().told, 2);
  }
  const auto comparison = compare(*usage, *lines);
  say("{}", options.print == ReconcileOptions::Print::kJson ? to_json(comparison) + "\n" : to_text(comparison));
  return comparison.explained() ? 0 : 1;
}

}  // namespace sluice::app
