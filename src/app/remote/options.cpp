#include "app/remote/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/remote/remote.h"
#include "app/say.h"
#include "sim/dom.h"

namespace sluice::app {

namespace {

std::string text_of(const boost::json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_array()) {
    std::string text;
    for (const auto& item : value.get_array()) text += (text.empty() ? "" : ", ") + text_of(item);
    return text;
  }
  if (value.is_object() && value.get_object().empty()) return {};
  return boost::json::serialize(value);
}

}  // namespace

void add_options(Command& command, RemoteOptions& options) {
  command.option("--gateway", options.gateway, "The gateway's URL (default: http://127.0.0.1:8080)");
  command.option("--key", options.key, "Its master key, or a key whose role allows this").env("SLUICE_MASTER_KEY");
  command.flag("--json", options.json, "Print JSON");
}

int failed(std::string_view why, int code) {
  say(stderr, "sluice: {}\n", why);
  return code;
}

int failed(const Fault& fault) {
  return failed(fault.told, fault.kind == FaultKind::kInvalidConfig ? 2 : 1);
}

Result<std::string> answer_of(const RemoteOptions& options, std::string method, std::string path, std::string body) {
  auto gateway = remote_gateway(options.gateway, Secret(options.key));
  if (!gateway) return fail_from(gateway);
  RemoteLoop loop;
  auto answer = loop.run(ask(loop, *gateway, std::move(method), "/admin/v1" + path, std::move(body), kRemoteLimit));
  if (!answer) return fail_from(answer);
  if (answer->status != 200) return fail(FaultKind::kInvalidRequest, error_text(*answer));
  return std::move(answer->body);
}

int ask_gateway(const RemoteOptions& options, std::string method, std::string path, std::string body,
                int (*done)(std::string_view answer)) {
  auto answer = answer_of(options, std::move(method), std::move(path), std::move(body));
  if (!answer) return failed(answer.error());
  if (!options.json) return done(*answer);
  say("{}\n", *answer);
  return 0;
}

int print_one(std::string_view answer) {
  auto parsed = sim::parsed(answer);
  if (!parsed) return failed("the gateway's answer is not JSON", 1);
  for (const auto& [name, value] : sim::as_object(*parsed)) {
    if (auto text = text_of(value); !text.empty()) say("{:<14} {}\n", std::string_view(name), text);
  }
  return 0;
}

void print_table(std::span<const std::string_view> columns, const boost::json::array& rows) {
  std::vector<std::vector<std::string>> lines{{columns.begin(), columns.end()}};
  lines.reserve(rows.size() + 1);
  for (const auto& row : rows) {
    auto& line = lines.emplace_back();
    line.reserve(columns.size());
    for (auto column : columns) {
      const auto* value = sim::as_object(row).if_contains(column);
      line.push_back(value ? text_of(*value) : std::string());
    }
  }
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      std::size_t width = 0;
      for (const auto& other : lines) width = std::max(width, other[i].size());
      text += fmt::format("{:<{}}  ", line[i], width);
    }
    say("{}\n", text.substr(0, text.find_last_not_of(' ') + 1));
  }
}

}  // namespace sluice::app
